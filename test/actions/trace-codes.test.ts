import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { presettleClaim } from '../../server/actions/presettle-claim.ts'
import { recordTraceCodes } from '../../server/actions/record-trace-codes.ts'
import { returnLines } from '../../server/actions/return-lines.ts'
import { returnTraceCodes } from '../../server/actions/return-trace-codes.ts'
import { reverseSettlement } from '../../server/actions/reverse-settlement.ts'
import type { Caller } from '../../server/actions/runtime.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import type { ClaimInput } from '../../server/contract/claims.ts'
import type { Problem } from '../../server/contract/common.ts'
import { newId } from '../../server/kernel/ids.ts'
import { checkTraceCodes } from '../../server/queries/check-trace-codes.ts'
import {
  type Area,
  callerAt,
  cashierOf,
  claimFor,
  ITEMS,
  newCodes,
  OTHER_SHOP,
  refusedWith,
  SHOP,
  settled,
  smallArea,
  storedAnswer,
  writeKey,
} from '../support/area.ts'
import { rowCounts, rowsAdded } from '../support/books.ts'
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

const settle = (codes: string[], shop: string = SHOP) => {
  const quantity = String(codes.length)
  const input = claimFor('big-balance', [{ item: 'traced', quantity, codes }], { at: shop })
  return settleClaim(area.runtime, callerAt(shop), writeKey(input), input)
}
const settleUnits = (code: string, quantity: string, shop: string = SHOP) => {
  const wish = { item: 'traced', unit: 'split', quantity, price: '1.67', codes: [code] } as const
  const input = claimFor('big-balance', [wish], { at: shop })
  return settleClaim(area.runtime, callerAt(shop), writeKey(input), input)
}
const sellForCash = (
  codes: string[],
  more: { unit?: 'pack' | 'split'; units?: number; shop?: string; itemCode?: string } = {},
) => {
  const { unit = 'pack', units = 12, shop = SHOP, itemCode = ITEMS.traced.code } = more
  const input = {
    operatorCode: cashierOf(shop),
    lines: [{ lineNo: 1, itemCode, unit, units, traceCodes: codes }],
  }
  return recordTraceCodes(area.runtime, callerAt(shop), writeKey(input), input)
}
const giveBack = (settlementId: string, quantity: string, traceCodes: string[]) => {
  const lines = [{ lineNo: 1, quantity, traceCodes }]
  const input = { operatorCode: cashierOf(SHOP), reason: '退药', lines }
  return returnLines(area.runtime, callerAt(), writeKey(input), settlementId, input)
}
const bringBack = (
  traceCodes: string[],
  more: { unit?: 'pack' | 'split'; units?: number; shop?: string; key?: string } = {},
) => {
  const { unit = 'pack', units = 1, shop = SHOP, key } = more
  const lines = [{ lineNo: 1, unit, units, traceCodes }]
  const input = { operatorCode: cashierOf(shop), reason: '未拆封', lines }
  return returnTraceCodes(area.runtime, callerAt(shop), writeKey(input, key), input)
}
const stateOf = async (code: string, caller: Caller = callerAt()) => {
  const outcome = await checkTraceCodes(area.runtime, caller, { codes: [code] })
  if (!outcome.ok) throw new Error(outcome.refusal.code)
  return outcome.value.codes[0]
}
const oneCode = (): string => newCodes(1)[0] ?? ''

describe('a pack', () => {
  it('sold before stops the sale everywhere, and the refusal says when', async () => {
    const code = oneCode()
    settled(await settle([code]))
    area.at('2026-06-15T03:30:00Z')
    for (const shop of [SHOP, OTHER_SHOP]) {
      const answer = await settle([code], shop)
      expect(refusedWith(answer)).toBe('trace-code-sold')
      const { params, title } = storedAnswer<Problem>(answer, 409)
      expect(params).toEqual({ tail: code.slice(-6), soldAt: '2026-06-15 10:00:00' })
      expect(title).toContain('2026-06-15 10:00:00')
    }
    area.at('2026-06-15T02:00:00Z')
  })

  it('sold for cash is sold: no insurance pays for it again, and no money moved', async () => {
    const code = oneCode()
    const before = await rowCounts(database.sql)
    const answer = storedAnswer<{ recorded: number }>(await sellForCash([code]), 201)
    expect(answer.recorded).toBe(1)
    const added = rowsAdded(before, await rowCounts(database.sql))
    expect(added).toEqual({ trace_code: 1, trace_code_event: 1, idempotency: 1, audit_event: 1 })
    expect(refusedWith(await settle([code], OTHER_SHOP))).toBe('trace-code-sold')
    expect(refusedWith(await sellForCash([code]))).toBe('trace-code-sold')
  })

  it('is free after its return, and may be sold by another shop', async () => {
    const [kept, back] = newCodes(2)
    const sale = settled(await settle([kept ?? '', back ?? '']))
    settled(await giveBack(sale.settlementId, '1', [back ?? '']))
    expect((await stateOf(back ?? ''))?.state).toBe('unsold')
    expect((await stateOf(kept ?? ''))?.state).toBe('sold')
    settled(await settle([back ?? ''], OTHER_SHOP))
    expect(refusedWith(await settle([kept ?? ''], OTHER_SHOP))).toBe('trace-code-sold')
  })

  it('is free after the reversal of its sale', async () => {
    const code = oneCode()
    const sale = settled(await settle([code]))
    const input = { operatorCode: cashierOf(SHOP), reason: '错收' }
    const id = sale.settlementId
    settled(await reverseSettlement(area.runtime, callerAt(), writeKey(input), id, input))
    settled(await settle([code]))
  })

  it.each([
    ['no digits', ['ABCDEFGHIJKLMNOPQRST'], 'trace-code-invalid'],
    ['one twice', ['81234567890123456789', '81234567890123456789'], 'trace-code-repeated'],
  ])('for cash with %s is refused', async (_, codes, code) => {
    expect(refusedWith(await sellForCash(codes))).toBe(code)
  })

  it('for cash is refused where two lines bear one number: each has units of its own', async () => {
    const [a = '', b = ''] = newCodes(2)
    const line = { lineNo: 1, itemCode: ITEMS.traced.code, unit: 'split' } as const
    const lines = [
      { ...line, units: 3, traceCodes: [a] },
      { ...line, units: 12, traceCodes: [b] },
    ]
    const input = { operatorCode: cashierOf(SHOP), lines }
    const sale = await recordTraceCodes(area.runtime, callerAt(), writeKey(input), input)
    expect(refusedWith(sale)).toBe('line-number-repeated')
    expect(storedAnswer<Problem>(sale, 422).params).toEqual({ line: '1' })
    const renumbered = { ...input, lines: lines.map((one, n) => ({ ...one, lineNo: n + 1 })) }
    const key = writeKey(renumbered)
    storedAnswer(await recordTraceCodes(area.runtime, callerAt(), key, renumbered), 201)
    const rows = await database.sql<{ units: number }[]>`
      select units_sold as units from trace_code where trace_code in (${a}, ${b}) order by 1`
    expect(rows.map(({ units }) => units)).toEqual([3, 12])
    const back = { operatorCode: cashierOf(SHOP), reason: '退药', lines }
    const returned = await returnTraceCodes(area.runtime, callerAt(), writeKey(back), {
      ...back,
      lines: lines.map(({ itemCode: _, ...one }) => one),
    })
    expect(refusedWith(returned)).toBe('line-number-repeated')
  })

  it('for cash of an item nobody knows is refused', async () => {
    const answer = await sellForCash(newCodes(1), { itemCode: 'NO-SUCH-ITEM' })
    expect(refusedWith(answer)).toBe('item-unknown')
  })
})

describe('a pack sold for cash that comes back', () => {
  it('is free: any shop may sell it, insured or not; no money moved', async () => {
    const code = oneCode()
    storedAnswer(await sellForCash([code]), 201)
    const before = await rowCounts(database.sql)
    const answer = storedAnswer<{ returned: number }>(await bringBack([code]), 201)
    expect(answer.returned).toBe(1)
    const added = rowsAdded(before, await rowCounts(database.sql))
    expect(added).toEqual({ trace_code_event: 1, idempotency: 1, audit_event: 1 })
    expect((await stateOf(code))?.state).toBe('unsold')
    settled(await settle([code], OTHER_SHOP))
  })

  it('comes back once: the same key says so again, another key is refused', async () => {
    const code = oneCode()
    storedAnswer(await sellForCash([code]), 201)
    const key = newId()
    const first = await bringBack([code], { key })
    expect(await bringBack([code], { key })).toEqual({ ...first, replayed: true })
    expect(refusedWith(await bringBack([code]))).toBe('trace-code-not-returnable')
  })

  it('stands in the audit events with its reason', async () => {
    const code = oneCode()
    storedAnswer(await sellForCash([code]), 201)
    const key = newId()
    await bringBack([code], { key })
    const [event] = await database.sql`
      select a.detail, a.institution_code as shop, a.operator_code as operator
        from audit_event a join idempotency i using (posting_id) where i.key = ${key}`
    const detail = { codes: 1, reason: '未拆封' }
    expect(event).toEqual({ detail, shop: SHOP, operator: cashierOf(SHOP) })
  })

  it('gives back units of a split pack, and no more than were sold for cash', async () => {
    const code = oneCode()
    const split = { unit: 'split', units: 4 } as const
    settled(await settleUnits(code, '5'))
    storedAnswer(await sellForCash([code], split), 201)
    const tooMany = await bringBack([code], { unit: 'split', units: 5 })
    expect(refusedWith(tooMany)).toBe('return-exceeds-sale')
    expect(storedAnswer<Problem>(tooMany).params).toEqual({ line: '1', left: '4' })
    storedAnswer(await bringBack([code], split), 201)
    expect(refusedWith(await bringBack([code], split))).toBe('trace-code-not-returnable')
    expect((await stateOf(code))?.state).toBe('split')
    settled(await settleUnits(code, '7'))
  })

  it.each<[string, () => Promise<string[]>, object, string]>([
    ['nobody sold', async () => newCodes(1), {}, 'trace-code-not-returnable'],
    ['was settled', async () => settledCodes(), {}, 'trace-code-not-returnable'],
    ['another shop sold', async () => cashCodes(OTHER_SHOP), {}, 'trace-code-not-returnable'],
    [
      'was sold whole and was opened',
      async () => cashCodes(SHOP),
      { unit: 'split', units: 3 },
      'trace-code-not-returnable',
    ],
    [
      'is named twice',
      async () => [...Array(2)].map(() => '8'.repeat(20)),
      {},
      'trace-code-repeated',
    ],
  ])('that %s is refused, and nothing changes', async (_, make, more, code) => {
    const codes = await make()
    const before = await stateOf(codes[0] ?? '')
    expect(refusedWith(await bringBack(codes, more))).toBe(code)
    expect(await stateOf(codes[0] ?? '')).toEqual(before)
  })

  it('is refused to an operator of another shop', async () => {
    const codes = await cashCodes(SHOP)
    const lines = [{ lineNo: 1, unit: 'pack', units: 1, traceCodes: codes }] as const
    const input = { operatorCode: cashierOf(OTHER_SHOP), reason: 'x', lines: [...lines] }
    const answer = await returnTraceCodes(area.runtime, callerAt(), writeKey(input), input)
    expect(refusedWith(answer)).toBe('operator-unknown')
  })

  const settledCodes = async () => {
    const codes = newCodes(1)
    settled(await settle(codes))
    return codes
  }
  const cashCodes = async (shop: string) => {
    const codes = newCodes(1)
    storedAnswer(await sellForCash(codes, { shop }), 201)
    return codes
  }
})

describe('while the packs are being scanned', () => {
  const scanned = (codes: readonly string[]) =>
    claimFor('big-balance', [{ item: 'plain' }, { item: 'traced', quantity: '2', codes }])
  const presettle = (input: ClaimInput) => presettleClaim(area.runtime, callerAt(), input)
  const [first = '', second = ''] = newCodes(2)

  it.each<[string, string[], object[]]>([
    ['no code yet', [], [{ lineNo: 2, needed: 2, given: 0 }]],
    ['one of two codes', [first], [{ lineNo: 2, needed: 2, given: 1 }]],
    ['all codes', [first, second], []],
  ])('the split is told with %s, and what is missing', async (_, codes, missing) => {
    const whole = await presettle(scanned([first, second]))
    const before = await rowCounts(database.sql)
    const outcome = await presettle(scanned(codes))
    if (!outcome.ok || !whole.ok) throw new Error('no split')
    expect(outcome.value.missingTraceCodes).toEqual(missing)
    expect(outcome.value.payers).toEqual(whole.value.payers)
    expect(await rowCounts(database.sql)).toEqual(before)
  })

  it('a split pack waits for the one code it comes from', async () => {
    const wish = { item: 'traced', unit: 'split', quantity: '3', price: '1.67' } as const
    const outcome = await presettle(claimFor('big-balance', [wish]))
    if (!outcome.ok) throw new Error(outcome.refusal.code)
    expect(outcome.value.missingTraceCodes).toEqual([{ lineNo: 1, needed: 1, given: 0 }])
  })

  it.each<[string, string[]]>([
    ['no code yet', []],
    ['one of two codes', [first]],
  ])('nothing is settled with %s', async (_, codes) => {
    const input = scanned(codes)
    const answer = await settleClaim(area.runtime, callerAt(), writeKey(input), input)
    expect(refusedWith(answer)).toBe('trace-code-missing')
    expect(storedAnswer<Problem>(answer).params).toEqual({
      line: '2',
      needed: '2',
      given: String(codes.length),
    })
  })

  it('a code that is wrong is refused at once, before the others are scanned', async () => {
    const sold = newCodes(1)
    settled(await settle(sold))
    const codeOf = async (codes: string[]) => {
      const outcome = await presettle(scanned(codes))
      return outcome.ok ? 'done' : outcome.refusal.code
    }
    expect(await codeOf(['8'.repeat(19)])).toBe('trace-code-invalid')
    expect(await codeOf([first, first])).toBe('trace-code-repeated')
    expect(await codeOf(sold)).toBe('trace-code-sold')
    expect(await codeOf([first, second, ...newCodes(1)])).toBe('trace-code-missing')
  })

  it('half a coded pack is refused, for no code could be scanned for it', async () => {
    const outcome = await presettle(claimFor('retired', [{ item: 'traced', quantity: '1.5' }]))
    expect(outcome.ok ? 'done' : outcome.refusal.code).toBe('quantity-not-whole')
  })
})

describe('a split pack', () => {
  it('is sold by its shop until its units are gone, and by no other', async () => {
    const code = oneCode()
    settled(await settleUnits(code, '5'))
    expect(refusedWith(await settleUnits(code, '1', OTHER_SHOP))).toBe('trace-code-sold')
    expect(refusedWith(await settle([code]))).toBe('trace-code-sold')
    settled(await settleUnits(code, '6'))
    expect(refusedWith(await settleUnits(code, '2'))).toBe('trace-code-sold')
    settled(await settleUnits(code, '1'))
    expect(refusedWith(await settleUnits(code, '1'))).toBe('trace-code-sold')
    expect(await stateOf(code)).toMatchObject({ state: 'split', sameInstitution: true })
    expect(await stateOf(code, callerAt(OTHER_SHOP))).toMatchObject({ sameInstitution: false })
  })

  it('gives units to cash and insurance alike', async () => {
    const code = oneCode()
    storedAnswer(await sellForCash([code], { unit: 'split', units: 10 }), 201)
    settled(await settleUnits(code, '2'))
    const more = await sellForCash([code], { unit: 'split', units: 1 })
    expect(refusedWith(more)).toBe('trace-code-sold')
  })

  it('holds what it held when it was opened, though the catalogue counts packs anew', async () => {
    const [less = '', more = ''] = newCodes(2)
    const sale = settled(await settleUnits(less, '8'))
    settled(await settleUnits(more, '8'))
    const packsOf = async (units: number) => {
      await database.sql`update catalogue_item set units_per_pack = ${units}
        where item_code = ${ITEMS.traced.code}`
      area.runtime.catalogue.refresh()
    }
    await packsOf(6)
    settled(await settleUnits(less, '2'))
    storedAnswer(await sellForCash([less], { unit: 'split', units: 2 }), 201)
    expect(refusedWith(await settleUnits(less, '1'))).toBe('trace-code-sold')
    settled(await giveBack(sale.settlementId, '8', [less]))
    await packsOf(24)
    settled(await settleUnits(more, '4'))
    expect(refusedWith(await settleUnits(more, '1'))).toBe('trace-code-sold')
    await packsOf(12)
  })

  it('for cash gives no more units than it holds', async () => {
    const answer = await sellForCash(newCodes(1), { unit: 'split', units: 13 })
    expect(refusedWith(answer)).toBe('quantity-invalid')
  })

  it('gets units back: they can be sold again', async () => {
    const code = oneCode()
    const sale = settled(await settleUnits(code, '12'))
    settled(await giveBack(sale.settlementId, '4', [code]))
    settled(await settleUnits(code, '4'))
    settled(await giveBack(sale.settlementId, '8', [code]))
    expect((await stateOf(code))?.state).toBe('split')
  })

  it('that got all its units back stays opened, and with its shop', async () => {
    const code = oneCode()
    const sale = settled(await settleUnits(code, '4'))
    settled(await giveBack(sale.settlementId, '4', [code]))
    expect(refusedWith(await settle([code], OTHER_SHOP))).toBe('trace-code-sold')
    expect(refusedWith(await settle([code]))).toBe('trace-code-sold')
    settled(await settleUnits(code, '12'))
  })
})

it('all of this leaves books in which every invariant holds', async () => {
  expect(await checkInvariants(database.url)).toEqual([])
})
