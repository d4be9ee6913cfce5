/**
 * From 2025-07-01 the fund pays for a drug only with its trace code; the day stands in the policy
 * documents. The clock of these tests stands in June 2026.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { presettleClaim } from '../../server/actions/presettle-claim.ts'
import { returnLines } from '../../server/actions/return-lines.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import { checkTraceCodes } from '../../server/queries/check-trace-codes.ts'
import {
  type Area,
  callerAt,
  cashierOf,
  claimFor,
  newCodes,
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
  area = await smallArea(database.url, undefined, 8_000)
})
afterAll(async () => {
  await area.close()
  await database.drop()
})

const claimOn = (serviceDay: string, person: string, codes: string[], quantity = '2') =>
  claimFor(person, [{ item: 'traced', quantity, codes }], { serviceDay })
const settleOn = (serviceDay: string, person: string, codes: string[], quantity = '2') => {
  const input = claimOn(serviceDay, person, codes, quantity)
  return settleClaim(area.runtime, callerAt(), writeKey(input), input)
}
const stateOf = async (code: string) => {
  const outcome = await checkTraceCodes(area.runtime, callerAt(), { codes: [code] })
  return outcome.ok ? outcome.value.codes[0]?.state : outcome.refusal.code
}

describe('a drug without its trace codes', () => {
  it.each([
    ['2018-03-01', 'active-under-45', 'done'],
    ['2025-06-30', 'active-under-45', 'done'],
    ['2025-07-01', 'active-under-45', 'trace-code-missing'],
    ['2025-07-02', 'active-under-45', 'trace-code-missing'],
    ['2025-06-30', 'resident-tier-a', 'done'],
    ['2025-07-01', 'resident-tier-a', 'trace-code-missing'],
  ])('on %s for %s: %s', async (day, person, code) => {
    expect(refusedWith(await settleOn(day, person, []))).toBe(code)
  })

  it.each([
    ['2025-06-30', []],
    ['2025-07-01', [{ lineNo: 1, needed: 2, given: 0 }]],
  ])('a presettlement for %s waits for %j', async (day, missing) => {
    const outcome = await presettleClaim(
      area.runtime,
      callerAt(),
      claimOn(day, 'active-under-45', []),
    )
    expect(outcome.ok ? outcome.value.missingTraceCodes : outcome.refusal.code).toEqual(missing)
  })

  it('of an earlier day is given back without codes, half a pack too', async () => {
    const sale = settled(await settleOn('2018-03-01', 'active-under-45', [], '1.5'))
    const lines = [{ lineNo: 1, quantity: '0.5', traceCodes: [] }]
    const input = { operatorCode: cashierOf(SHOP), reason: '退药', lines }
    const id = sale.settlementId
    settled(await returnLines(area.runtime, callerAt(), writeKey(input), id, input))
  })
})

describe('codes given on an earlier day', () => {
  it('are recorded: the pack is sold, and no other sale may have it', async () => {
    const codes = newCodes(2)
    settled(await settleOn('2025-06-30', 'active-under-45', codes))
    for (const code of codes) expect(await stateOf(code)).toBe('sold')
    expect(refusedWith(await settleOn('2025-07-01', 'resident-tier-a', codes))).toBe(
      'trace-code-sold',
    )
  })

  it('come for every pack of the line or for none', async () => {
    expect(refusedWith(await settleOn('2025-06-30', 'active-under-45', newCodes(1)))).toBe(
      'trace-code-missing',
    )
  })
})
