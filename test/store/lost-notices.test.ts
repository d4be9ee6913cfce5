/**
 * Institutions, terminals and operators are read again from time to time: a notice that never came
 * is made good by itself. Changes are made here past the agency's door, so that nobody is notified.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Runtime } from '../../server/actions/runtime.ts'
import { openRuntime } from '../../server/open-runtime.ts'
import { openInstitutions } from '../../server/store/institutions.ts'
import { cashierOf, OTHER_SHOP, SHOP, terminalOf, VAULT, VAULT_KEYS } from '../support/area.ts'
import { applicationUrl, type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'

let database: FreshDatabase
const runtimes: Runtime[] = []
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(async () => {
  for (const runtime of runtimes) await runtime.store.close()
  await database.drop()
})

const open = async (institutionsEveryMs?: number): Promise<Runtime> => {
  const runtime = await openRuntime({
    database: { url: applicationUrl(database.url), connectionsMax: 2 },
    keys: VAULT_KEYS,
    areaCode: '330282',
    serviceDaysBackMax: 30,
    ...(institutionsEveryMs === undefined ? {} : { institutionsEveryMs }),
  })
  runtimes.push(runtime)
  return runtime
}

describe('a change whose notice was lost', () => {
  it('is heeded at the next reading: terminal, operator and suspension', async () => {
    const runtime = await open(50)
    const { terminalId, keyId } = terminalOf(SHOP)
    const { institutions, clock } = runtime
    expect(await institutions.findKey(keyId, clock.now())).not.toBeNull()
    await database.sql`update terminal set status = 'retired' where terminal_id = ${terminalId}`
    await database.sql`update operator set active = false
      where operator_code = ${cashierOf(OTHER_SHOP)}`
    await database.sql`insert into suspension (suspension_id, institution_code, period, reason)
      values (gen_random_uuid(), ${OTHER_SHOP}, '[2026-01-01,)', 'test')`
    await until('the retired terminal is heeded', async () => {
      return (await institutions.findKey(keyId, clock.now())) === null
    })
    await until('the operator is heeded', () => {
      return institutions.operator(cashierOf(OTHER_SHOP))?.active === false
    })
    await until('the suspension is heeded', () => {
      return institutions.find(OTHER_SHOP)?.suspensions.length === 1
    })
  })

  it('waits for the next reading, and no longer than that', async () => {
    const runtime = await open()
    const code = cashierOf(SHOP)
    await database.sql`update operator set display_name = '新名' where operator_code = ${code}`
    expect(runtime.institutions.operator(code)?.displayName).not.toBe('新名')
    await runtime.institutions.refresh()
    expect(runtime.institutions.operator(code)?.displayName).toBe('新名')
  })
})

it('of two readings at once, the later one stands, whichever ends last', async () => {
  const runtime = await open()
  const { sql } = runtime.store
  let hold: Promise<void> | null = null
  let arrived = 0
  // The first reading has its rows and is held on their way; the second overtakes it.
  const slowly = new Proxy(sql, {
    apply: (target, self, given) => {
      const rows = Reflect.apply(target, self, given) as Promise<unknown>
      const held = hold
      if (held === null) return rows
      return rows.then(async (read) => {
        arrived += 1
        await held
        return read
      })
    },
  })
  const institutions = await openInstitutions(slowly, VAULT)
  const nameOf = () => institutions.find(SHOP)?.name
  const rename = (name: string) =>
    database.sql`update institution set name = ${name} where institution_code = ${SHOP}`
  await rename('甲')
  let letGo = (): void => {}
  hold = new Promise((resolve) => {
    letGo = () => resolve()
  })
  const first = institutions.refresh()
  await until('the first reading has its rows', () => arrived === 3)
  hold = null
  await rename('乙')
  await institutions.refresh()
  expect(nameOf()).toBe('乙')
  letGo()
  await first
  expect(nameOf()).toBe('乙')
})
