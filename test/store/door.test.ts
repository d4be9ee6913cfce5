import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../server/kernel/ids.ts'
import { fen } from '../../server/kernel/money.ts'
import type { Posting, PostingMove, Verdict } from '../../server/store/posting.ts'
import type { Store } from '../../server/store/store.ts'
import { shaOf } from '../support/area.ts'
import { rowCounts, rowsAdded } from '../support/books.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { amountOf, creditOf, newOwner, openProcess, overdraft, versionOf } from './postings.ts'

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
const counted = (verdicts: readonly Verdict[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { verdict } of verdicts) counts[verdict] = (counts[verdict] ?? 0) + 1
  return counts
}

describe('a ceiling', () => {
  const spend = (
    who: { ownerId: string; version: bigint },
    amount: bigint,
    ceiling: PostingMove['ceiling'],
  ): Posting => ({
    ...creditOf([who]),
    moves: [
      {
        ownerId: who.ownerId,
        scheme: 'employee',
        benefitYear: 0,
        kind: 'past-year-account',
        amount: fen(amount),
        ceiling: ceiling === null || ceiling === 'kept' ? ceiling : fen(ceiling),
      },
    ],
  })

  it.each<[string, PostingMove['ceiling'], bigint, string]>([
    ['the policy of the day names binds', fen(200n), 1n, 'refused'],
    ['the policy of the day no longer names is gone', null, 1n, 'posted'],
    ['stays where something is taken back', 'kept', -1n, 'posted'],
    ['that stays binds what is moved up', 'kept', 1n, 'refused'],
    ['may be raised', fen(300n), 50n, 'posted'],
  ])('that %s', async (_, ceiling, amount, expected) => {
    const who = await owner()
    expect((await one.door.post(spend(who, 200n, fen(200n)))).verdict).toBe('posted')
    const next = { ...who, version: 1n }
    expect((await one.door.post(spend(next, amount, ceiling))).verdict).toBe(expected)
  })
})

describe('one key', () => {
  it.each([
    ['twice, one after the other', 2, false],
    ['twice at once', 2, true],
    ['fifty times at once', 50, true],
  ])('%s, at two servers: one effect, and every answer is the same bytes', async (_, n, atOnce) => {
    const who = await owner()
    const key = newId()
    // Each attempt is decided anew: own posting id, own idea of the answer.
    const attempts = Array.from({ length: n }, (__, index) =>
      creditOf([who], { key, answer: `{"attempt":${index},"金额":"1.00"}` }),
    )
    const post = (posting: Posting, index: number) =>
      (index % 2 === 0 ? one : other).door.post(posting)
    const verdicts: Verdict[] = []
    if (atOnce) verdicts.push(...(await Promise.all(attempts.map(post))))
    else
      for (const [index, posting] of attempts.entries()) verdicts.push(await post(posting, index))
    expect(counted(verdicts)).toEqual({ posted: 1, replayed: n - 1 })
    const winner = verdicts.findIndex(({ verdict }) => verdict === 'posted')
    for (const verdict of verdicts) {
      if (verdict.verdict === 'replayed') {
        expect(verdict).toMatchObject({ status: 201, answer: attempts[winner]?.answer })
      }
    }
    expect(await amountOf(database.sql, who.ownerId)).toBe(100n)
  })

  it.each([
    ['another body', { bodySha: shaOf('other') }],
    ['another operation', { operation: 'settle' }],
  ])('with %s is a conflict, and the first result stands', async (_, changes) => {
    const who = await owner()
    const first = creditOf([who])
    expect(await one.door.post(first)).toEqual(expect.objectContaining({ verdict: 'posted' }))
    const before = await rowCounts(database.sql)
    const second = await other.door.post(creditOf([who], { key: first.key, ...changes }))
    expect(second.verdict).toBe('key-conflict')
    expect(rowsAdded(before, await rowCounts(database.sql))).toEqual({})
  })

  it('belongs to its client: the same key of another is another', async () => {
    const who = await owner()
    const first = creditOf([who])
    await one.door.post(first)
    const strange = creditOf([{ ...who, version: 1n }], { key: first.key, clientId: newId() })
    expect((await one.door.post(strange)).verdict).toBe('posted')
  })
})

describe('a position', () => {
  it('that moved since the decision makes it stale, and nothing is written', async () => {
    const who = await owner()
    await one.door.post(creditOf([who]))
    const before = await rowCounts(database.sql)
    expect((await other.door.post(creditOf([who]))).verdict).toBe('stale')
    expect(rowsAdded(before, await rowCounts(database.sql))).toEqual({})
  })

  it('that nobody has is stale, never made up', async () => {
    const nobody = { ownerId: newId(), version: 0n }
    expect((await one.door.post(creditOf([nobody]))).verdict).toBe('stale')
  })

  it('of two is checked for both: the one that moved stops the posting', async () => {
    const [a, b] = [await owner(), await owner()]
    await one.door.post(creditOf([b]))
    expect((await one.door.post(creditOf([a, b]))).verdict).toBe('stale')
    expect(await amountOf(database.sql, a.ownerId)).toBe(0n)
  })

  it('is moved by one of twenty decisions at once; the others are told', async () => {
    const who = await owner()
    const postings = Array.from({ length: 20 }, () => creditOf([who]))
    const verdicts = await Promise.all(
      postings.map((posting, index) => (index % 2 === 0 ? one : other).door.post(posting)),
    )
    expect(counted(verdicts)).toEqual({ posted: 1, stale: 19 })
    expect(await amountOf(database.sql, who.ownerId)).toBe(100n)
  })
})

describe('a batch', () => {
  const gathered = async (postings: readonly Posting[]) => {
    const alone = openProcess(database.url, { lanes: 1, batchMax: 64, resendAfterMs: [] })
    // The first goes by itself; what comes while it is under way travels together.
    const opener = alone.door.post(creditOf([await owner()]))
    const verdicts = await Promise.all(postings.map((posting) => alone.door.post(posting)))
    await opener
    const { counters } = alone.door
    await alone.close()
    return { verdicts, counters }
  }

  it('gathers what waits: 64 postings are committed in two calls', async () => {
    const owners = await Promise.all(Array.from({ length: 64 }, owner))
    const { verdicts, counters } = await gathered(owners.map((who) => creditOf([who])))
    expect(counted(verdicts)).toEqual({ posted: 64 })
    expect(counters).toMatchObject({ batches: 2, postings: 65, rerun: 0 })
  })

  const tooMuch = (posting: Posting): Posting => ({
    ...posting,
    moves: posting.moves.map((move) => ({ ...move, amount: (2n ** 63n) as typeof move.amount })),
  })
  it.each<[string, (who: { ownerId: string; version: bigint }) => Posting, string]>([
    ['overdraws an account', overdraft, 'balance_not_negative'],
    [
      'brings a journal that does not balance',
      (who) =>
        creditOf([who], {
          journal: [
            { account: 'contribution/employee', amount: fen(100n) },
            { account: 'held/past-year-account', amount: fen(-99n) },
          ],
        }),
      'journal_sums_to_zero',
    ],
    [
      'brings a journal with one side',
      (who) => creditOf([who], { journal: [{ account: 'a', amount: fen(0n) }] }),
      'journal_has_two_sides',
    ],
    [
      'credits beyond all measure',
      (who) => ({
        ...creditOf([who]),
        moves: creditOf([who]).moves.map((move) => ({
          ...move,
          amount: (10n ** 15n + 1n) as typeof move.amount,
        })),
      }),
      'balance_in_range',
    ],
    ['brings an amount no column holds', (who) => tooMuch(creditOf([who])), '22003'],
  ])('in which one %s refuses that one, and the others stand', async (_, bad, constraint) => {
    const owners = await Promise.all(Array.from({ length: 5 }, owner))
    const postings = owners.map((who, index) => (index === 2 ? bad(who) : creditOf([who])))
    const { verdicts, counters } = await gathered(postings)
    expect(counters.rerun).toBe(1)
    expect(verdicts[2]).toEqual({ verdict: 'refused', constraint })
    expect(counted(verdicts)).toEqual({ posted: 4, refused: 1 })
    const amounts = await Promise.all(owners.map((who) => amountOf(database.sql, who.ownerId)))
    expect(amounts).toEqual([100n, 100n, 0n, 100n, 100n])
    expect(await versionOf(database.sql, owners[2]?.ownerId ?? '')).toBe(0n)
  })

  it('never holds two postings of one owner: each waits for its own decision', async () => {
    const who = await owner()
    const postings = [0n, 1n, 2n].map((version) => creditOf([{ ...who, version }]))
    const { verdicts } = await gathered(postings)
    expect(counted(verdicts)).toEqual({ posted: 3 })
    expect(await amountOf(database.sql, who.ownerId)).toBe(300n)
  })
})

describe('a nonce', () => {
  it('is used once: a copied request with another key has no effect', async () => {
    const who = await owner()
    const nonce = newId()
    expect((await one.door.post(creditOf([who], { nonce }))).verdict).toBe('posted')
    const before = await rowCounts(database.sql)
    const copied = creditOf([{ ...who, version: 1n }], { nonce })
    expect((await other.door.post(copied)).verdict).toBe('nonce-used')
    expect(rowsAdded(before, await rowCounts(database.sql))).toEqual({})
  })

  it('counts as used whatever became of the request', async () => {
    const who = await owner()
    const nonce = newId()
    const stale = creditOf([{ ...who, version: 7n }], { nonce })
    expect((await one.door.post(stale)).verdict).toBe('stale')
    expect((await one.door.post(creditOf([who], { nonce }))).verdict).toBe('nonce-used')
  })

  it('at two servers at once lets one through', async () => {
    const [a, b] = [await owner(), await owner()]
    const nonce = newId()
    const verdicts = await Promise.all([
      one.door.post(creditOf([a], { nonce })),
      other.door.post(creditOf([b], { nonce })),
    ])
    expect(counted(verdicts)).toEqual({ posted: 1, 'nonce-used': 1 })
  })
})

describe('a tombstone', () => {
  const closing = (key: string) => {
    const posting = creditOf([], { operation: 'compensate', journal: null })
    return { ...posting, tombstone: { clientId: posting.clientId, key } }
  }

  it('before its original: the late original finds its key closed', async () => {
    const who = await owner()
    const late = creditOf([who])
    expect((await one.door.post(closing(late.key))).verdict).toBe('posted')
    expect((await other.door.post(late)).verdict).toBe('compensated')
    expect(await amountOf(database.sql, who.ownerId)).toBe(0n)
  })

  it('after its original is stale: there is something to undo', async () => {
    const who = await owner()
    const original = creditOf([who])
    await one.door.post(original)
    expect((await other.door.post(closing(original.key))).verdict).toBe('stale')
  })

  it('racing its original at another server: exactly one of both wins', async () => {
    for (let round = 0; round < 25; round += 1) {
      const original = creditOf([await owner()])
      const verdicts = await Promise.all([
        one.door.post(original),
        other.door.post(closing(original.key)),
      ])
      const pair = verdicts.map(({ verdict }) => verdict).join(' and ')
      expect(['posted and stale', 'compensated and posted']).toContain(pair)
    }
  })
})

describe('owners in both orders', () => {
  it('never deadlock: a hundred pairs at two servers, each served or sent back', async () => {
    const [a, b] = [await newOwner(database.sql), await newOwner(database.sql)]
    let posted = 0n
    const till = async (store: Store, pair: readonly string[]) => {
      for (let round = 0; round < 50; round += 1) {
        const owners = await Promise.all(
          pair.map(async (ownerId) => ({ ownerId, version: await versionOf(store.sql, ownerId) })),
        )
        const { verdict } = await store.door.post(creditOf(owners))
        expect(['posted', 'stale']).toContain(verdict)
        if (verdict === 'posted') posted += 1n
      }
    }
    await Promise.all([till(one, [a, b]), till(other, [b, a])])
    expect(posted).toBeGreaterThan(10n)
    expect(await amountOf(database.sql, a)).toBe(posted * 100n)
    expect(await amountOf(database.sql, b)).toBe(posted * 100n)
    const [row] = await database.sql<{ deadlocks: bigint }[]>`
      select deadlocks from pg_stat_database where datname = current_database()`
    expect(row?.deadlocks).toBe(0n)
  })
})

it('all of this leaves books in which every invariant holds', async () => {
  expect(await checkInvariants(database.url)).toEqual([])
})
