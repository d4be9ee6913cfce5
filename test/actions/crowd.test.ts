import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compensateMessage } from '../../server/actions/compensate-message.ts'
import { returnLines } from '../../server/actions/return-lines.ts'
import { reverseSettlement } from '../../server/actions/reverse-settlement.ts'
import type { WriteAnswer } from '../../server/actions/runtime.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import {
  type Area,
  callerAt,
  cashierOf,
  claimFor,
  newCodes,
  OTHER_SHOP,
  refusedWith,
  SHOP,
  settled,
  smallArea,
  writeKey,
} from '../support/area.ts'
import { balancesOf, rowCounts, rowsAdded } from '../support/books.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'

let database: FreshDatabase
let one: Area
let other: Area
beforeAll(async () => {
  database = await freshDatabase()
  one = await smallArea(database.url)
  other = await smallArea(database.url)
})
afterAll(async () => {
  await Promise.all([one.close(), other.close()])
  await database.drop()
})

const areaOf = (index: number) => (index % 2 === 0 ? one : other)
const counted = (answers: readonly WriteAnswer[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const answer of answers) {
    const code = refusedWith(answer)
    counts[code] = (counts[code] ?? 0) + 1
  }
  return counts
}
/** Sends again, under the same key, what was told to come back later: as a till does. */
async function patiently(send: () => Promise<WriteAnswer>): Promise<WriteAnswer> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const answer = await send()
    const later = answer.kind === 'refused' && answer.refusal.code === 'position-moved'
    if (!later) return answer
  }
  throw new Error('told fifty times to come back later')
}

describe('one card at two tills of two servers', () => {
  it('pays every sale once: forty at the same moment', async () => {
    const before = await balancesOf(database.sql, 'big-balance')
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => {
        const input = claimFor('big-balance', [{ item: 'plain' }])
        const key = writeKey(input)
        const caller = callerAt(SHOP, 1 + (index % 2))
        return patiently(() => settleClaim(areaOf(index).runtime, caller, key, input))
      }),
    )
    expect(counted(answers)).toEqual({ done: 40 })
    const after = await balancesOf(database.sql, 'big-balance')
    const kind = '2026/current-year-account'
    expect((before[kind] ?? 0n) - (after[kind] ?? 0n)).toBe(40_000n)
  })

  it('counts toward the ceiling of the year exactly up to it', async () => {
    await Promise.all(
      Array.from({ length: 12 }, (_, index) => {
        const input = claimFor('near-ceiling', [{ item: 'plain' }])
        const key = writeKey(input)
        return patiently(() => settleClaim(areaOf(index).runtime, callerAt(), key, input))
      }),
    )
    const after = await balancesOf(database.sql, 'near-ceiling')
    expect(after['2026/outpatient-in-scope-spent']).toBe(500_000n)
  })

  it('sends one sale fifty times at once: one document, one answer to all', async () => {
    const input = claimFor('retired', [{ item: 'traced', codes: newCodes(1) }])
    const key = writeKey(input)
    const before = await rowCounts(database.sql)
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        patiently(() => settleClaim(areaOf(index).runtime, callerAt(), key, input)),
      ),
    )
    const texts = new Set(answers.map((answer) => (answer.kind === 'stored' ? answer.text : '')))
    expect(texts.size).toBe(1)
    const fresh = answers.filter((answer) => answer.kind === 'stored' && !answer.replayed)
    expect(fresh).toHaveLength(1)
    const added = rowsAdded(before, await rowCounts(database.sql))
    expect([added.settlement, added.idempotency, added.audit_event]).toEqual([1, 1, 1])
  })

  it('of one household draw on one account, and it never goes below nothing', async () => {
    const family = ['rural-household-head', 'rural-household-spouse', 'rural-household-child']
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => {
        const input = claimFor(family[index % 3] ?? '', [{ item: 'plain' }])
        const key = writeKey(input)
        return patiently(() => settleClaim(areaOf(index).runtime, callerAt(), key, input))
      }),
    )
    const drawn = answers
      .map((answer) => settled(answer).payers['household-account'])
      .reduce((total, text) => total + BigInt(text.replace('.', '')), 0n)
    const after = await balancesOf(database.sql, 'rural-household-head')
    expect(drawn).toBe(12_000n - (after['0/household-account'] ?? 0n))
  })
})

describe('the same pack at two shops at once', () => {
  it('is sold by one of them; the other is told when', async () => {
    for (let round = 0; round < 10; round += 1) {
      const codes = newCodes(1)
      const answers = await Promise.all(
        [SHOP, OTHER_SHOP].map((shop, index) => {
          const person = index === 0 ? 'active-under-45' : 'active-over-45'
          const input = claimFor(person, [{ item: 'traced', codes }], { at: shop })
          const key = writeKey(input)
          return patiently(() => settleClaim(areaOf(index).runtime, callerAt(shop), key, input))
        }),
      )
      expect(counted(answers)).toEqual({ done: 1, 'trace-code-sold': 1 })
    }
  })
})

describe('taking back at two servers at once', () => {
  const sale = async () => {
    const input = claimFor('civil-servant', [{ item: 'dear', quantity: '2' }])
    const answer = await settleClaim(one.runtime, callerAt(), writeKey(input), input)
    return settled(answer).settlementId
  }
  const operatorCode = cashierOf(SHOP)
  const reverse = (area: Area, id: string) => {
    const input = { operatorCode, reason: '错收' }
    const key = writeKey(input)
    return patiently(() => reverseSettlement(area.runtime, callerAt(), key, id, input))
  }
  const giveBack = (area: Area, id: string) => {
    const lines = [{ lineNo: 1, quantity: '2', traceCodes: [] }]
    const input = { operatorCode, reason: '退药', lines }
    const key = writeKey(input)
    return patiently(() => returnLines(area.runtime, callerAt(), key, id, input))
  }

  it.each([
    ['two reversals', reverse, reverse, ['already-reversed']],
    ['a reversal and a return', reverse, giveBack, ['already-reversed', 'reversal-after-return']],
    ['two returns of everything', giveBack, giveBack, ['return-exceeds-sale']],
  ])('%s: one happens, the other is refused', async (_, first, second, codes) => {
    const before = await balancesOf(database.sql, 'civil-servant')
    for (let round = 0; round < 8; round += 1) {
      const id = await sale()
      const answers = await Promise.all([first(one, id), second(other, id)])
      const refusals = answers.map(refusedWith).filter((code) => code !== 'done')
      expect(refusals).toHaveLength(1)
      expect(codes).toContain(refusals[0])
    }
    const after = await balancesOf(database.sql, 'civil-servant')
    for (const [name, fen] of Object.entries(before))
      expect([name, after[name]]).toEqual([name, fen])
  })

  const compensate = (area: Area, originalKey: string) => {
    const input = { operatorCode, reason: '应答丢失', originalKey }
    return compensateMessage(area.runtime, callerAt(), writeKey(input), input)
  }
  it.each([
    ['reversed', (id: string) => reverse(other, id)],
    ['returned', (id: string) => giveBack(other, id)],
    ['compensated', (_: string, key: string) => compensate(other, key)],
  ])('what a server sold is %s where the clock is behind, but not before', async (_, undo) => {
    one.at('2026-06-15T02:00:05Z')
    const input = claimFor('civil-servant', [{ item: 'dear', quantity: '2' }])
    const key = writeKey(input)
    const { settlementId } = settled(await settleClaim(one.runtime, callerAt(), key, input))
    one.at('2026-06-15T02:00:00Z')
    expect(refusedWith(await undo(settlementId, key.key))).toBe('done')
    const times = await database.sql<{ at: string }[]>`
      select distinct posted_at::text as at from settlement
       where ${settlementId} in (document_id, original_id)`
    expect(times).toHaveLength(1)
  })

  it('settling and reversing cross each other, and the books agree in the end', async () => {
    const before = await balancesOf(database.sql, 'dotted-name')
    await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const input = claimFor('dotted-name', [{ item: 'classB', quantity: '2' }])
        const key = writeKey(input)
        const send = () => settleClaim(areaOf(index).runtime, callerAt(), key, input)
        await reverse(areaOf(index + 1), settled(await patiently(send)).settlementId)
      }),
    )
    const after = await balancesOf(database.sql, 'dotted-name')
    for (const [name, fen] of Object.entries(before))
      expect([name, after[name]]).toEqual([name, fen])
  })
})

it('all of this leaves books in which every invariant holds', async () => {
  expect(await checkInvariants(database.url)).toEqual([])
})
