import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkEntitlement } from '../../server/actions/check-entitlement.ts'
import { creditAccount } from '../../server/actions/credit-account.ts'
import { presettleClaim } from '../../server/actions/presettle-claim.ts'
import { returnLines } from '../../server/actions/return-lines.ts'
import { reverseSettlement } from '../../server/actions/reverse-settlement.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import { viewSettlement } from '../../server/actions/view-settlement.ts'
import type { ClaimInput, SettlementAnswer } from '../../server/contract/claims.ts'
import { parseMoney } from '../../server/kernel/money.ts'
import {
  AGENCY,
  type Area,
  callerAt,
  cardOf,
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
import { balancesOf, personOf, rowCounts, rowsAdded, trialBalanceOf } from '../support/books.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'

let database: FreshDatabase
let area: Area
beforeAll(async () => {
  database = await freshDatabase()
  area = await smallArea(database.url)
})
afterAll(async () => {
  await area.close()
  await database.drop()
})

const settle = async (input: ClaimInput): Promise<SettlementAnswer> =>
  settled(await settleClaim(area.runtime, callerAt(), writeKey(input), input))

const reverse = (settlementId: string, caller = callerAt()) => {
  const operatorCode = cashierOf(caller.institutionCode ?? '')
  const input = { operatorCode, reason: '错收' }
  return reverseSettlement(area.runtime, caller, writeKey(input), settlementId, input)
}
type Back = { lineNo: number; quantity: string; traceCodes?: string[] }
const giveBack = (settlementId: string, lines: Back[], caller = callerAt()) => {
  const input = {
    operatorCode: cashierOf(caller.institutionCode ?? ''),
    reason: '退药',
    lines: lines.map((line) => ({ traceCodes: [], ...line })),
  }
  return returnLines(area.runtime, caller, writeKey(input), settlementId, input)
}
const presettled = async (input: ClaimInput) => {
  const outcome = await presettleClaim(area.runtime, callerAt(), input)
  if (!outcome.ok) throw new Error(outcome.refusal.code)
  return outcome.value
}
/** Accounts, deductible and ceiling as the counter asks for them before a sale. */
const leftTo = async (person: string) => {
  const identity = { kind: 'card', number: cardOf(person) } as const
  const input = { identity, serviceKind: 'pharmacy', operatorCode: cashierOf(SHOP) } as const
  const outcome = await checkEntitlement(area.runtime, callerAt(), input)
  if (!outcome.ok) throw new Error(outcome.refusal.code)
  return outcome.value.remaining
}
const fenOf = (text: string): bigint => BigInt(text.replace('.', ''))
const together = (...all: Record<string, string>[]): Record<string, bigint> => {
  const sums: Record<string, bigint> = {}
  for (const one of all) {
    for (const [name, text] of Object.entries(one)) sums[name] = (sums[name] ?? 0n) + fenOf(text)
  }
  return sums
}
/** Balances that hold something: one that came back to nothing is as good as one never opened. */
const held = async (person: string) =>
  Object.fromEntries(
    Object.entries(await balancesOf(database.sql, person)).filter(([, fen]) => fen !== 0n),
  )

const WISHES = [
  { item: 'odd', quantity: '7' },
  { item: 'classB', quantity: '3' },
  { item: 'dear', quantity: '2' },
  { item: 'classC' },
] as const

describe('a reversal', () => {
  it.each([
    'active-over-45',
    'self-pay-segment-nearly-full',
    'pooling-fund-used-much',
    'near-ceiling',
    'rural-household-head',
    'civil-servant',
  ])('puts everything back as it was for %s: balances, books and codes', async (person) => {
    const codes = newCodes(2)
    const balances = await held(person)
    const books = await trialBalanceOf(database.sql)
    const input = claimFor(person, [...WISHES, { item: 'traced', quantity: '2', codes }])
    const entitled = await leftTo(person)
    const original = await settle(input)
    expect(await held(person)).not.toEqual(balances)
    expect(original.remaining).not.toEqual(entitled)
    const reversal = settled(await reverse(original.settlementId))
    expect(reversal.remaining).toEqual(entitled)
    expect(await held(person)).toEqual(balances)
    expect(await trialBalanceOf(database.sql)).toEqual(books)
    expect(reversal).toMatchObject({ kind: 'reversal', originalId: original.settlementId })
    const left = together(original.payers, reversal.payers, original.totals, reversal.totals)
    expect(Object.values(left).every((fen) => fen === 0n)).toBe(true)
    settled(await settleClaim(area.runtime, callerAt(), writeKey(input), input))
  })

  it('happens once: the second is refused and moves nothing', async () => {
    const original = await settle(claimFor('retired', WISHES))
    settled(await reverse(original.settlementId))
    const before = await rowCounts(database.sql)
    expect(refusedWith(await reverse(original.settlementId))).toBe('already-reversed')
    const added = rowsAdded(before, await rowCounts(database.sql))
    expect(added).toEqual({ idempotency: 1, audit_event: 1 })
  })

  it('of a settlement with a return is refused: the rest is returned instead', async () => {
    const original = await settle(claimFor('retired', WISHES))
    settled(await giveBack(original.settlementId, [{ lineNo: 1, quantity: '1' }]))
    expect(refusedWith(await reverse(original.settlementId))).toBe('reversal-after-return')
  })

  it('is the own institution’s business: its other till may, another shop may not', async () => {
    const original = await settle(claimFor('retired', WISHES))
    const stranger = await reverse(original.settlementId, callerAt(OTHER_SHOP))
    expect(refusedWith(stranger)).toBe('original-not-found')
    settled(await reverse(original.settlementId, callerAt(SHOP, 2)))
  })
})

describe('a return', () => {
  it.each([
    ['active-over-45', [{ lineNo: 3, quantity: '1' }]],
    [
      'self-pay-segment-nearly-full',
      [
        { lineNo: 1, quantity: '3' },
        { lineNo: 4, quantity: '1' },
      ],
    ],
    ['balance-zero', [{ lineNo: 3, quantity: '2' }]],
    ['near-ceiling', [{ lineNo: 2, quantity: '2' }]],
    ['rural-household-child', [{ lineNo: 3, quantity: '1' }]],
    ['big-balance', [{ lineNo: 2, quantity: '3' }]],
  ])('leaves %s as if only the rest had been bought', async (person, back) => {
    const rest = WISHES.map((wish, index) => {
      const returned = back.find((one) => one.lineNo === index + 1)?.quantity ?? '0'
      const bought = 'quantity' in wish ? wish.quantity : '1'
      return { ...wish, quantity: String(Number(bought) - Number(returned)) }
    }).filter((wish) => wish.quantity !== '0')
    const wanted = await presettled(claimFor(person, rest))
    const original = await settle(claimFor(person, WISHES))
    const document = settled(await giveBack(original.settlementId, back))
    expect(document).toMatchObject({ kind: 'return', originalId: original.settlementId })
    expect(together(original.payers, document.payers)).toEqual(together(wanted.payers))
    expect(together(original.totals, document.totals)).toEqual(together(wanted.totals))
    expect(document.remaining).toEqual(wanted.remaining)
    const accounts = Object.entries(wanted.remaining.accounts).map(([kind, text]) => [
      kind,
      fenOf(text),
    ])
    const balances = await balancesOf(database.sql, person)
    for (const [kind, fen] of accounts) {
      const now = balances[`2026/${kind}`] ?? balances[`0/${kind}`] ?? 0n
      expect([kind, now]).toEqual([kind, fen])
    }
  })

  it('goes on from the first one’s remainder, until everything is back', async () => {
    const person = 'active-under-45'
    const codes = newCodes(3)
    const before = await held(person)
    const wishes = [...WISHES, { item: 'tracedB', quantity: '3', codes }] as const
    const original = await settle(claimFor(person, wishes))
    const id = original.settlementId
    const documents = [
      settled(
        await giveBack(id, [
          { lineNo: 1, quantity: '2' },
          { lineNo: 3, quantity: '1' },
        ]),
      ),
      settled(await giveBack(id, [{ lineNo: 5, quantity: '1', traceCodes: codes.slice(1, 2) }])),
    ]
    const view = await viewSettlement(area.runtime, callerAt(), id)
    expect(view.ok && view.value).toMatchObject({
      state: 'partly-returned',
      returnable: [
        { lineNo: 1, quantity: '5' },
        { lineNo: 2, quantity: '3' },
        { lineNo: 3, quantity: '1' },
        { lineNo: 4, quantity: '1' },
        { lineNo: 5, quantity: '2' },
      ],
    })
    documents.push(
      settled(
        await giveBack(id, [
          { lineNo: 1, quantity: '5' },
          { lineNo: 2, quantity: '3' },
          { lineNo: 3, quantity: '1' },
          { lineNo: 4, quantity: '1' },
          { lineNo: 5, quantity: '2', traceCodes: [codes[0] ?? '', codes[2] ?? ''] },
        ]),
      ),
    )
    const left = together(original.payers, ...documents.map((one) => one.payers))
    expect(Object.values(left).every((fen) => fen === 0n)).toBe(true)
    expect(await held(person)).toEqual(before)
    const nothing = await giveBack(id, [{ lineNo: 1, quantity: '1' }])
    expect(refusedWith(nothing)).toBe('return-exceeds-sale')
  })

  it('adds up where thirds of a fen are returned one by one', async () => {
    const original = await settle(claimFor('retired', [{ item: 'odd', quantity: '3' }]))
    const documents: SettlementAnswer[] = []
    for (let one = 0; one < 3; one += 1) {
      documents.push(settled(await giveBack(original.settlementId, [{ lineNo: 1, quantity: '1' }])))
    }
    expect(documents.map((one) => one.totals.totalExpense)).toEqual(['-3.34', '-3.33', '-3.34'])
  })

  it.each([
    ['more than was sold', [{ lineNo: 1, quantity: '8' }], 'return-exceeds-sale'],
    ['nothing', [{ lineNo: 1, quantity: '0' }], 'quantity-invalid'],
    ['a line that is not there', [{ lineNo: 9, quantity: '1' }], 'return-line-unknown'],
    [
      'one line twice',
      [
        { lineNo: 1, quantity: '4' },
        { lineNo: 1, quantity: '4' },
      ],
      'line-number-repeated',
    ],
    [
      'a pack of another sale',
      [{ lineNo: 5, quantity: '1', traceCodes: ['8'.repeat(20)] }],
      'return-trace-code-unknown',
    ],
    ['a pack without its code', [{ lineNo: 5, quantity: '1' }], 'trace-code-missing'],
  ])('of %s is refused: stored, no money', async (_, back, code) => {
    const codes = newCodes(1)
    const original = await settle(claimFor('retired', [...WISHES, { item: 'traced', codes }]))
    const before = await rowCounts(database.sql)
    expect(refusedWith(await giveBack(original.settlementId, back))).toBe(code)
    const added = rowsAdded(before, await rowCounts(database.sql))
    expect(added).toEqual({ idempotency: 1, audit_event: 1 })
  })

  it('of half a tablet is refused: a coded pack gives whole units back', async () => {
    const codes = newCodes(1)
    const wish = { item: 'traced', unit: 'split', quantity: '4', price: '1.67', codes } as const
    const original = await settle(claimFor('retired', [wish]))
    const half = [{ lineNo: 1, quantity: '0.5', traceCodes: codes }]
    expect(refusedWith(await giveBack(original.settlementId, half))).toBe('quantity-not-whole')
  })

  it('names the batch that was sold, as the settlement and its view do', async () => {
    const batch = { number: 'A12', expiresOn: '2026-06-15' } // sold on the last day
    const claim = claimFor('retired', [{ item: 'plain', quantity: '2' }, { item: 'dear' }])
    const lines = claim.lines.map((line) => (line.lineNo === 1 ? { ...line, batch } : line))
    const original = await settle({ ...claim, lines })
    expect(original.lines.map((line) => line.batch)).toEqual([batch, null])
    const back = settled(await giveBack(original.settlementId, [{ lineNo: 1, quantity: '1' }]))
    expect(back.lines.map((line) => line.batch)).toEqual([batch])
    const view = await viewSettlement(area.runtime, callerAt(), original.settlementId)
    expect(view.ok && view.value.settlement.lines).toEqual(original.lines)
  })

  it('that is worth less than half a fen is a return all the same', async () => {
    const wish = { item: 'plain', quantity: '3', price: '0.004' } as const
    const original = await settle(claimFor('retired', [wish]))
    const document = settled(await giveBack(original.settlementId, [{ lineNo: 1, quantity: '1' }]))
    expect([original, document].map((one) => one.totals.totalExpense)).toEqual(['0.01', '0.00'])
  })

  it.each([
    ['moved to another household', 'rural-household-empty'],
    ['left every household', null],
  ])('after the buyer %s goes to the household that paid', async (_, movesTo) => {
    const person = 'rural-household-spouse'
    const personId = await personOf(database.sql, person)
    const credit = {
      cardNumber: cardOf(person),
      account: 'household-account',
      amount: parseMoney('20.00'),
      reason: '划入',
      operatorCode: 'A001',
    } as const
    await creditAccount(area.runtime, AGENCY, writeKey(), credit)
    const before = await held('rural-household-head')
    const original = await settle(claimFor(person, [{ item: 'plain' }]))
    expect(original.payers['household-account']).not.toBe('0.00')
    const [was] = await database.sql<{ id: string }[]>`
      select household_id as id from person where person_id = ${personId}`
    const target = movesTo === null ? null : await personOf(database.sql, movesTo)
    await database.sql`update person set household_id = (
      select household_id from person where person_id = ${target}) where person_id = ${personId}`
    settled(await giveBack(original.settlementId, [{ lineNo: 1, quantity: '1' }]))
    await database.sql`update person set household_id = ${was?.id ?? null}
      where person_id = ${personId}`
    expect(await held('rural-household-head')).toEqual(before)
  })

  it('of a reversed settlement is refused', async () => {
    const original = await settle(claimFor('retired', WISHES))
    settled(await reverse(original.settlementId))
    const back = await giveBack(original.settlementId, [{ lineNo: 1, quantity: '1' }])
    expect(refusedWith(back)).toBe('already-reversed')
  })

  it('by somebody in arrears, after later settlements, leaves those as they are', async () => {
    const person = 'rare-name-jie'
    const accumulator = '2026/outpatient-self-pay-borne'
    const first = await settle(claimFor(person, [{ item: 'dear', quantity: '2' }]))
    const second = await settle(claimFor(person, [{ item: 'plain', quantity: '4' }]))
    await database.sql`update coverage_period set status = 'arrears'
      where person_id = ${await personOf(database.sql, person)}`
    const frozen = claimFor(person, [{ item: 'plain' }])
    const no = await settleClaim(area.runtime, callerAt(), writeKey(frozen), frozen)
    expect(refusedWith(no)).toBe('coverage-arrears')
    const before = await balancesOf(database.sql, person)
    const document = settled(await giveBack(first.settlementId, [{ lineNo: 1, quantity: '2' }]))
    const after = await balancesOf(database.sql, person)
    expect(after['2026/current-year-account']).toBe(
      (before['2026/current-year-account'] ?? 0n) + fenOf(first.payers['current-year-account']),
    )
    const view = await viewSettlement(area.runtime, callerAt(), second.settlementId)
    const { explanation, ...facts } = second
    expect(view.ok && view.value).toMatchObject({ state: 'settled', settlement: facts })
    // One sentence is added to what it said: that the own segment moved since.
    const { zh } = view.ok ? view.value.settlement.explanation : { zh: [] }
    expect(zh.slice(0, -1)).toEqual(explanation.zh)
    expect((before[accumulator] ?? 0n) >= (after[accumulator] ?? 0n)).toBe(true)
    expect(document.totals.totalExpense).toBe('-960.00')
  })
})

describe('taking back after the turn of the year', () => {
  it.each(['return', 'reversal'] as const)(
    'a %s pays the current-year part into the past-year account; the old year’s counters move',
    async (kind) => {
      const person = kind === 'return' ? 'dotted-name' : 'rare-name-extension-b'
      area.at('2026-12-31T15:59:59Z')
      const before = await balancesOf(database.sql, person)
      const original = await settle(claimFor(person, [{ item: 'dear', quantity: '3' }]))
      const between = await balancesOf(database.sql, person)
      area.at('2026-12-31T16:00:00Z')
      const id = original.settlementId
      const document = settled(
        kind === 'return' ? await giveBack(id, [{ lineNo: 1, quantity: '3' }]) : await reverse(id),
      )
      area.at('2026-06-15T02:00:00Z')
      const after = await balancesOf(database.sql, person)
      const drawn = fenOf(original.payers['current-year-account'])
      expect(drawn).toBeGreaterThan(0n)
      expect(document.payers['current-year-account']).toBe('0.00')
      const pastYears = (before['0/past-year-account'] ?? 0n) + drawn
      expect(document.remaining.deductible).toBeNull()
      expect(document.remaining.ceilingYearly).toBeNull()
      expect(fenOf(document.remaining.accounts['past-year-account'] ?? '0.00')).toBe(pastYears)
      expect(document.remaining.accounts).not.toHaveProperty('current-year-account')
      expect(after['2026/current-year-account']).toBe(between['2026/current-year-account'])
      expect(after['0/past-year-account']).toBe((before['0/past-year-account'] ?? 0n) + drawn)
      expect(between['2026/outpatient-self-pay-borne'] ?? 0n).toBeGreaterThan(0n)
      expect(after['2026/outpatient-self-pay-borne']).toBe(
        before['2026/outpatient-self-pay-borne'] ?? 0n,
      )
      expect(Object.keys(after).some((name) => name.startsWith('2027/'))).toBe(false)
    },
  )
})

it('all of this leaves books in which every invariant holds', async () => {
  expect(await checkInvariants(database.url)).toEqual([])
})
