/** 退货预结算: what the counter is told before it says yes to a return. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { presettleReturn } from '../../server/actions/presettle-return.ts'
import { returnLines } from '../../server/actions/return-lines.ts'
import { reverseSettlement } from '../../server/actions/reverse-settlement.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import { ReturnPresettlementAnswer } from '../../server/contract/claims.ts'
import {
  type Area,
  callerAt,
  cashierOf,
  claimFor,
  newCodes,
  OTHER_SHOP,
  SHOP,
  settled,
  smallArea,
  writeKey,
} from '../support/area.ts'
import { rowCounts } from '../support/books.ts'
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

const sold = async (person: string, codes: string[]) => {
  const input = claimFor(person, [
    { item: 'odd', quantity: '7' },
    { item: 'classB', quantity: '3' },
    { item: 'traced', quantity: '2', codes },
  ])
  return settled(await settleClaim(area.runtime, callerAt(), writeKey(input), input))
}
type Line = { lineNo: number; quantity: string; traceCodes: string[] }
const inputOf = (lines: Line[], shop: string = SHOP) => ({
  operatorCode: cashierOf(shop),
  reason: '退药',
  lines,
})

describe('the presettlement of a return', () => {
  it.each(['active-over-45', 'pooling-fund-used-much', 'near-ceiling', 'rural-household-head'])(
    'names for %s what the return then gives back, to the fen, and stores nothing',
    async (person) => {
      const codes = newCodes(2)
      const original = await sold(person, codes)
      for (const lines of [
        [{ lineNo: 1, quantity: '3', traceCodes: [] }],
        [
          { lineNo: 2, quantity: '1', traceCodes: [] },
          { lineNo: 3, quantity: '1', traceCodes: codes.slice(1) },
        ],
      ]) {
        const input = inputOf(lines)
        const before = await rowCounts(database.sql)
        const id = original.settlementId
        const asked = await presettleReturn(area.runtime, callerAt(), id, input)
        expect(await rowCounts(database.sql)).toEqual(before)
        if (!asked.ok) throw new Error(asked.refusal.code)
        const told = ReturnPresettlementAnswer.parse(asked.value)
        const made = await returnLines(area.runtime, callerAt(), writeKey(input), id, input)
        const { asOf, ...amounts } = told
        expect(settled(made)).toMatchObject(amounts)
        expect(told.totals.totalExpense.startsWith('-')).toBe(true)
      }
    },
  )

  it('is refused as the return would be: too many, foreign, unnamed packs, reversed', async () => {
    const { settlementId: id } = await sold('retired', newCodes(2))
    const verdict = async (line: Line, shop: string = SHOP) => {
      const input = inputOf([line], shop)
      const asked = await presettleReturn(area.runtime, callerAt(shop), id, input)
      return asked.ok ? 'told' : asked.refusal.code
    }
    const one = { lineNo: 1, quantity: '1', traceCodes: [] }
    expect(await verdict(one)).toBe('told')
    expect(await verdict({ ...one, quantity: '8' })).toBe('return-exceeds-sale')
    expect(await verdict(one, OTHER_SHOP)).toBe('original-not-found')
    expect(await verdict({ ...one, lineNo: 3 })).toBe('trace-code-missing')
    const reversal = { operatorCode: cashierOf(SHOP), reason: '错收' }
    settled(await reverseSettlement(area.runtime, callerAt(), writeKey(reversal), id, reversal))
    expect(await verdict(one)).toBe('already-reversed')
  })
})
