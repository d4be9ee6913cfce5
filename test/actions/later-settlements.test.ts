/** What an earlier sale that is taken back means for the later ones: nothing but a sentence. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { returnLines } from '../../server/actions/return-lines.ts'
import { reverseSettlement } from '../../server/actions/reverse-settlement.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import { viewSettlement } from '../../server/actions/view-settlement.ts'
import type { SettlementAnswer } from '../../server/contract/claims.ts'
import {
  type Area,
  callerAt,
  cashierOf,
  claimFor,
  OTHER_SHOP,
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

type Wish = Parameters<typeof claimFor>[1][number]
const sell = async (person: string, wish: Wish, at = SHOP): Promise<SettlementAnswer> => {
  const input = claimFor(person, [wish], { at })
  return settled(await settleClaim(area.runtime, callerAt(at), writeKey(input), input))
}
const giveBack = async (sold: SettlementAnswer, quantity: string) => {
  const lines = [{ lineNo: 1, quantity, traceCodes: [] }]
  const body = { operatorCode: cashierOf(SHOP), reason: '退货', lines }
  const key = writeKey(body)
  settled(await returnLines(area.runtime, callerAt(), key, sold.settlementId, body))
}
const reverse = async (sold: SettlementAnswer, at: string) => {
  const body = { operatorCode: cashierOf(at), reason: '错收' }
  const key = writeKey(body)
  settled(await reverseSettlement(area.runtime, callerAt(at), key, sold.settlementId, body))
}
const viewed = async (sold: SettlementAnswer): Promise<SettlementAnswer> => {
  const view = await viewSettlement(area.runtime, callerAt(), sold.settlementId)
  if (!view.ok) throw new Error(view.refusal.code)
  return view.value.settlement
}
/** What the view says beyond what the settlement said. */
const saidSince = async (sold: SettlementAnswer) => {
  const { zh, en } = (await viewed(sold)).explanation
  expect(zh.slice(0, sold.explanation.zh.length)).toEqual(sold.explanation.zh)
  const said = { zh: zh.slice(sold.explanation.zh.length) }
  return { ...said, en: en.slice(sold.explanation.en.length) }
}
const NOTHING = { zh: [], en: [] }
const THREE = { item: 'dear', quantity: '3' } as const

describe('a later settlement', () => {
  it('says that the own segment moved when the sale that filled it came back', async () => {
    const first = await sell('balance-zero', THREE)
    const later = await sell('balance-zero', THREE)
    expect(await saidSince(later)).toEqual(NOTHING)
    await giveBack(first, '3')
    expect(await saidSince(later)).toEqual({
      zh: [
        '本单之后,同年度更早的一张结算单有退货或撤销,自付段累计随之变动;' +
          '本单按结算当时计算,不重新核定。',
      ],
      en: [
        'After this settlement an earlier one of the same year was taken back, which moved what ' +
          "counts toward this year's own segment; this one stands as it was computed and is not " +
          'reopened.',
      ],
    })
    expect((await viewed(later)).payers).toEqual(later.payers)
    expect(await saidSince(first)).toEqual(NOTHING)
    expect(await saidSince(await sell('balance-zero', THREE))).toEqual(NOTHING)
  })

  it('says that the ceiling moved, wherever the earlier sale was reversed', async () => {
    const first = await sell('resident-tier-a', THREE, OTHER_SHOP)
    const later = await sell('resident-tier-a', THREE)
    await reverse(first, OTHER_SHOP)
    const { zh, en } = await saidSince(later)
    expect(zh).toEqual([expect.stringContaining('年度封顶线累计随之变动')])
    expect(en).toEqual([expect.stringContaining("toward the year's ceiling")])
    expect(JSON.stringify({ zh, en })).not.toContain(first.settlementNumber)
  })
})

describe('nothing is said', () => {
  it('where the limit took no part in the later settlement', async () => {
    const first = await sell('student', THREE)
    const later = await sell('student', { item: 'classC' })
    await giveBack(first, '1')
    expect(await saidSince(later)).toEqual(NOTHING)
  })

  it('where the earlier sale was back before, or the later one itself comes back', async () => {
    const first = await sell('resident-tier-b', { item: 'dear' })
    await giveBack(first, '1')
    const later = await sell('resident-tier-b', { item: 'dear' })
    await giveBack(later, '1')
    expect(await saidSince(later)).toEqual(NOTHING)
  })

  it('where the earlier sale was of another benefit year', async () => {
    area.at('2026-12-30T02:00:00Z')
    const first = await sell('self-pay-segment-nearly-full', THREE)
    area.at('2027-01-05T02:00:00Z')
    const later = await sell('self-pay-segment-nearly-full', THREE)
    await giveBack(first, '1')
    expect(await saidSince(later)).toEqual(NOTHING)
    area.at('2026-06-15T02:00:00Z')
  })
})
