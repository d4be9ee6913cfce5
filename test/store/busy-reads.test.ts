import { afterAll, beforeAll, expect, it } from 'vitest'
import { dayOf, instant } from '../../server/kernel/calendar.ts'
import { openDatabase, type Sql } from '../../server/store/database.ts'
import {
  type EntitlementReader,
  openEntitlementReader,
} from '../../server/store/entitlement-reader.ts'
import { ReadsBusyError } from '../../server/store/errors.ts'
import { applicationUrl, connect, type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'

let database: FreshDatabase
let sql: Sql
beforeAll(async () => {
  database = await freshDatabase()
  sql = openDatabase({ url: applicationUrl(database.url), connectionsMax: 2 })
})
afterAll(async () => {
  await sql.end({ timeout: 1 })
  await database.drop()
})

const NOBODY = { kind: 'card', value: 'of nobody' } as const
const ask = (reader: EntitlementReader) =>
  reader.read(NOBODY, dayOf(instant(Date.UTC(2026, 10, 25))), [])

/** Nothing can be read until the work is done. */
async function whileNothingIsRead(work: () => Promise<void>): Promise<void> {
  const owner = connect(database.url, 1)
  try {
    await owner.begin(async (own) => {
      await own`lock table position in access exclusive mode`
      await work()
    })
  } finally {
    await owner.end({ timeout: 1 })
  }
}

/** The same, and how many questions each read has carried. */
function counted(own: Sql): { sql: Sql; sizes: number[] } {
  const sizes: number[] = []
  const apply = (target: Sql, _: unknown, given: [TemplateStringsArray, string[]]) => {
    sizes.push(given[1].length)
    return target(...given)
  }
  return { sql: new Proxy(own, { apply }), sizes }
}

it('who asks while nothing can be read is told so in time, whether sent or queued', async () => {
  const { sql: watched, sizes } = counted(sql)
  const reader = openEntitlementReader(watched, 20)
  await whileNothingIsRead(async () => {
    for (let turn = 0; turn < 5; turn += 1) {
      await expect(ask(reader)).rejects.toBeInstanceOf(ReadsBusyError)
    }
  })
  expect(sizes).toEqual([1, 1])
  // Those who gave up have left the queue: nothing is read for them any more.
  await until('it is read again', () =>
    ask(reader).then(
      (found) => found === null,
      () => false,
    ),
  )
  expect(new Set(sizes)).toEqual(new Set([1]))
})

it('who need not be told so soon is answered as soon as it can be read', async () => {
  const reader = openEntitlementReader(sql, 60_000)
  const asked: Promise<unknown>[] = []
  await whileNothingIsRead(async () => {
    for (let turn = 0; turn < 200; turn += 1) asked.push(ask(reader))
  })
  expect(new Set(await Promise.all(asked))).toEqual(new Set([null]))
})
