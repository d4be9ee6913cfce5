import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkEntitlement } from '../../server/actions/check-entitlement.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import { errorCode } from '../../server/store/errors.ts'
import type { Store } from '../../server/store/store.ts'
import { openProcess } from '../store/postings.ts'
import {
  type Area,
  callerAt,
  cardOf,
  cashierOf,
  claimFor,
  SHOP,
  settled,
  smallArea,
  writeKey,
} from '../support/area.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'

const PERSONAL = ['person', 'household', 'coverage_period', 'card', 'voucher'] as const

let database: FreshDatabase
let area: Area
let store: Store
beforeAll(async () => {
  database = await freshDatabase()
  area = await smallArea(database.url)
  store = openProcess(database.url)
})
afterAll(async () => {
  await store.close()
  await area.close()
  await database.drop()
})

const codeOf = async (statement: string): Promise<string | null> => {
  try {
    await store.sql.unsafe(statement)
    return null
  } catch (error) {
    return errorCode(error)
  }
}

describe('rows about persons', () => {
  it.each(PERSONAL)('%s is closed to the application', async (table) => {
    expect(await codeOf(`select count(*) from ${table}`)).toBe('42501')
    expect(await codeOf(`select from ${table} limit 1`)).toBe('42501')
  })

  it.each(PERSONAL)('%s shows it no row even where somebody grants it the table', async (table) => {
    await database.sql.unsafe(`grant select on ${table} to settlement_app`)
    try {
      const [seen] = await store.sql.unsafe<{ n: number }[]>(
        `select count(*)::int as n from ${table}`,
      )
      const [there] = await database.sql.unsafe<{ n: number }[]>(
        `select count(*)::int as n from ${table}`,
      )
      expect(seen?.n).toBe(0)
      expect(there?.n).toBeGreaterThan(0)
    } finally {
      await database.sql.unsafe(`revoke select on ${table} from settlement_app`)
    }
  })

  it('are shown by the reading function, for what is asked and nothing more', async () => {
    const identity = { kind: 'card', number: cardOf('retired') } as const
    const operatorCode = cashierOf(SHOP)
    const question = { identity, serviceKind: 'pharmacy', operatorCode } as const
    const asked = await checkEntitlement(area.runtime, callerAt(), question)
    expect(asked.ok).toBe(true)
    const sale = claimFor('retired', [{ item: 'plain' }])
    settled(await settleClaim(area.runtime, callerAt(), writeKey(sale), sale))
    // What it may see for one call is gone with the call, on the same connection.
    expect(await codeOf('select count(*) from person')).toBe('42501')
    const [role] = await store.sql<{ own: boolean }[]>`select current_user = session_user as own`
    expect(role?.own).toBe(true)
  })

  it('stay closed on a connection that served five hundred calls before', async () => {
    const connection = await store.sql.reserve()
    try {
      let closed = 0
      for (let n = 0; n < 500; n += 1) {
        await connection`select n from read_entitlements('{card}', ${[cardOf('retired')]},
          '{2026-06-15}', '{"{}"}')`
        const code = await connection`select count(*) from person`.then(
          () => null,
          (error: unknown) => errorCode(error),
        )
        if (code === '42501') closed += 1
      }
      expect(closed).toBe(500)
    } finally {
      connection.release()
    }
  })

  it('belong to roles that can neither log in nor pass the policies', async () => {
    const rows = await database.sql`
      select rolname from pg_roles
       where rolname in ('settlement_app', 'settlement_door', 'settlement_reader')
         and not (rolcanlogin or rolbypassrls or rolsuper or rolcreaterole) order by 1`
    expect(rows.map(({ rolname }) => rolname)).toEqual([
      'settlement_app',
      'settlement_door',
      'settlement_reader',
    ])
    const views = await database.sql`
      select distinct v.relname from pg_depend d
        join pg_rewrite r on r.oid = d.objid join pg_class v on v.oid = r.ev_class
       where v.relkind in ('v', 'm') and d.refclassid = 'pg_class'::regclass
         and d.refobjid = any(${[...PERSONAL]}::regclass[]) and v.relname <> all(${[...PERSONAL]})`
    expect(views).toEqual([])
  })
})
