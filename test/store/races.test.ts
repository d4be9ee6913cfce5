/**
 * Races that chance alone would hardly ever show: a stranger holds both sides at the same point,
 * and lets them go at the same moment.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Posting, PostingCode } from '../../server/store/posting.ts'
import type { Store } from '../../server/store/store.ts'
import { newCodes, OTHER_SHOP, SHOP } from '../support/area.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { amountOf, creditOf, newOwner, openProcess } from './postings.ts'

let database: FreshDatabase
let one: Store
let other: Store
beforeAll(async () => {
  database = await freshDatabase()
  one = openProcess(database.url)
  other = openProcess(database.url)
})
afterAll(async () => {
  await Promise.all([one.close(), other.close()])
  await database.drop()
})

const owner = async () => ({ ownerId: await newOwner(database.sql), version: 0n })

/** Posts both at two servers while a stranger holds what both need; then lets go. */
async function atOnce(
  hold: string,
  postings: readonly [Posting, Posting],
  prepare = 'select 1',
): Promise<string[]> {
  await database.sql.unsafe(prepare)
  const stranger = await database.sql.reserve()
  await stranger`begin`
  await stranger.unsafe(hold)
  const verdicts = Promise.all([one.door.post(postings[0]), other.door.post(postings[1])])
  await until('both wait', async () => {
    const [row] = await database.sql<{ n: number }[]>`
      select count(*)::int as n from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`
    return row?.n === 2
  })
  await stranger`rollback`
  stranger.release()
  return (await verdicts).map(({ verdict }) => verdict).sort()
}

const sale = (code: string, shop: string, changes: Partial<PostingCode> = {}): Posting => {
  const whole: PostingCode = { code, lineNo: 1, mode: 'sell', units: 12, unitsPerPack: 12 }
  const audit = { operatorCode: 'C1', institutionCode: shop, result: 'done', detail: {} }
  const operation = 'record-trace-codes'
  return creditOf([], { operation, journal: null, audit, codes: [{ ...whole, ...changes }] })
}
const unseen = (code: string) => `insert into trace_code
  values ('${code}', 'sold', '${SHOP}', 1, 12, gen_random_uuid(), now())`
const free = (code: string) => `insert into trace_code
  values ('${code}', 'free', '${SHOP}', 0, 12, gen_random_uuid(), now())`

describe('two servers at the very same moment', () => {
  it('decided on one position: one posts, the other is told that it moved', async () => {
    const who = await owner()
    const hold = `select from position where owner_id = '${who.ownerId}' for no key update`
    expect(await atOnce(hold, [creditOf([who]), creditOf([who])])).toEqual(['posted', 'stale'])
    expect(await amountOf(database.sql, who.ownerId)).toBe(100n)
  })

  it('decided on two positions named in both orders: neither waits for ever', async () => {
    const [a, b] = [await owner(), await owner()]
    const hold = `select from position where owner_id in ('${a.ownerId}', '${b.ownerId}')
      order by owner_id for no key update`
    const verdicts = await atOnce(hold, [creditOf([a, b]), creditOf([b, a])])
    expect(verdicts).toEqual(['posted', 'stale'])
  })

  it.each([
    ['a pack that came back', free],
    ['a pack nobody sold before', null],
  ])('sell %s: one does, the other is told it is taken', async (_, prepare) => {
    const [code = ''] = newCodes(1)
    const hold = prepare === null ? unseen(code) : locked(code)
    const postings = [sale(code, SHOP), sale(code, OTHER_SHOP)] as const
    expect(await atOnce(hold, postings, prepare?.(code))).toEqual(['code-taken', 'posted'])
  })

  it('split a pack nobody sold before: it stays with one shop', async () => {
    const [code = ''] = newCodes(1)
    const five = { mode: 'split', units: 5 } as const
    const postings = [sale(code, SHOP, five), sale(code, OTHER_SHOP, five)] as const
    expect(await atOnce(unseen(code), postings)).toEqual(['code-taken', 'posted'])
  })

  it('split a pack of one shop: both tills sell from it', async () => {
    const [code = ''] = newCodes(1)
    const five = { mode: 'split', units: 5 } as const
    const postings = [sale(code, SHOP, five), sale(code, SHOP, five)] as const
    expect(await atOnce(unseen(code), postings)).toEqual(['posted', 'posted'])
  })

  it('leave books in which every invariant holds', async () => {
    expect(await checkInvariants(database.url)).toEqual([])
  })
})

const locked = (code: string) =>
  `select from trace_code where trace_code = '${code}' for no key update`
