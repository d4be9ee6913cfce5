import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { returnLines } from '../../server/actions/return-lines.ts'
import { reverseSettlement } from '../../server/actions/reverse-settlement.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import { viewSettlement } from '../../server/actions/view-settlement.ts'
import type { ClaimInput, SettlementAnswer } from '../../server/contract/claims.ts'
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

const operatorCode = cashierOf(SHOP)
const settle = async (input: ClaimInput): Promise<SettlementAnswer> =>
  settled(await settleClaim(area.runtime, callerAt(), writeKey(input), input))
const reverse = (settlementId: string) => {
  const input = { operatorCode, reason: '错收' }
  return reverseSettlement(area.runtime, callerAt(), writeKey(input), settlementId, input)
}
type Back = { lineNo: number; quantity: string; traceCodes?: string[] }
const giveBack = (settlementId: string, back: Back[]) => {
  const lines = back.map((line) => ({ traceCodes: [], ...line }))
  const input = { operatorCode, reason: '退药', lines }
  return returnLines(area.runtime, callerAt(), writeKey(input), settlementId, input)
}

const WISHES = [
  { item: 'odd', quantity: '7' },
  { item: 'classB', quantity: '3' },
  { item: 'dear', quantity: '2' },
  { item: 'classC' },
] as const

describe('a return or a reversal that is opened again', () => {
  const open = async (id: string, caller = callerAt()) => {
    const view = await viewSettlement(area.runtime, caller, id)
    return view.ok ? view.value : view.refusal.code
  }

  it('is the document as it was answered, with the number of its original', async () => {
    const codes = newCodes(2)
    const wishes = [...WISHES, { item: 'tracedB', quantity: '2', codes }] as const
    const original = await settle(claimFor('pooling-fund-used-much', wishes))
    const id = original.settlementId
    const first = settled(await giveBack(id, [{ lineNo: 3, quantity: '1' }]))
    const back = [{ lineNo: 5, quantity: '1', traceCodes: codes.slice(0, 1) }]
    const second = settled(await giveBack(id, back))
    for (const document of [first, second]) {
      expect(await open(document.settlementId)).toEqual({
        settlement: document,
        state: 'partly-returned',
        takenBack: [],
        returnable: [],
      })
      expect(document).toMatchObject({
        originalId: id,
        originalNumber: original.settlementNumber,
      })
    }
    expect(await open(id)).toMatchObject({ settlement: original, takenBack: [first, second] })
  })

  it('says of a whole reversal the same', async () => {
    const original = await settle(claimFor('near-ceiling', WISHES))
    const reversal = settled(await reverse(original.settlementId))
    expect(await open(reversal.settlementId)).toEqual({
      settlement: reversal,
      state: 'reversed',
      takenBack: [],
      returnable: [],
    })
    expect(await open(original.settlementId)).toMatchObject({ takenBack: [reversal] })
  })

  it('is nothing that could be taken back itself, and nobody else’s', async () => {
    const original = await settle(claimFor('retired', WISHES))
    const { settlementId } = settled(
      await giveBack(original.settlementId, [{ lineNo: 3, quantity: '1' }]),
    )
    const answers = [await reverse(settlementId), await giveBack(settlementId, [])]
    expect(answers.map(refusedWith)).toEqual(['original-not-found', 'original-not-found'])
    expect(await open(settlementId, callerAt(OTHER_SHOP))).toBe('original-not-found')
  })
})
