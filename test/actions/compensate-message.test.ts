import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compensateMessage } from '../../server/actions/compensate-message.ts'
import { returnLines } from '../../server/actions/return-lines.ts'
import { reverseSettlement } from '../../server/actions/reverse-settlement.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import type { CompensationAnswer } from '../../server/contract/terminals.ts'
import { newId } from '../../server/kernel/ids.ts'
import { findOutcome } from '../../server/queries/find-outcome.ts'
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
  storedAnswer,
  writeKey,
} from '../support/area.ts'
import { balancesOf, rowCounts } from '../support/books.ts'
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

const operatorCode = cashierOf(SHOP)
const compensate = (originalKey: string, key = newId(), caller = callerAt()) => {
  const input = { originalKey, operatorCode, reason: '应答丢失' }
  return compensateMessage(area.runtime, caller, writeKey(input, key), input)
}
const settle = async (person = 'retired', codes = newCodes(1)) => {
  const input = claimFor(person, [{ item: 'traced', codes }, { item: 'dear' }])
  const key = writeKey(input)
  const answer = await settleClaim(area.runtime, callerAt(), key, input)
  return { input, key, answer: settled(answer) }
}

describe('a compensation', () => {
  it('of a settlement reverses it, and says so again when asked again', async () => {
    const before = await balancesOf(database.sql, 'retired')
    const { key } = await settle()
    const again = newId()
    const first = await compensate(key.key, again)
    const answer = storedAnswer<CompensationAnswer>(first, 200)
    expect(answer.state).toBe('reversed')
    expect(answer.reversal?.kind).toBe('reversal')
    const after = await balancesOf(database.sql, 'retired')
    for (const [name, fen] of Object.entries(before))
      expect([name, after[name]]).toEqual([name, fen])
    expect(await compensate(key.key, again)).toEqual({ ...first, replayed: true })
    expect(storedAnswer<CompensationAnswer>(await compensate(key.key)).state).toBe(
      'nothing-to-undo',
    )
  })

  it('of a message that never came closes its key: the late original is refused', async () => {
    const input = claimFor('retired', [{ item: 'plain' }])
    const key = writeKey(input)
    const answer = storedAnswer<CompensationAnswer>(await compensate(key.key))
    expect(answer.state).toBe('closed-before-arrival')
    const before = await rowCounts(database.sql)
    const late = await settleClaim(area.runtime, callerAt(), key, input)
    expect(refusedWith(late)).toBe('compensated-before')
    expect(await rowCounts(database.sql)).toEqual(before)
    const outcome = await findOutcome(area.runtime, callerAt(), key.key)
    expect(outcome.ok && outcome.value.state).toBe('compensated')
    expect(storedAnswer<CompensationAnswer>(await compensate(key.key)).state).toBe(
      'closed-before-arrival',
    )
  })

  it('of a refused message finds nothing to undo', async () => {
    const input = claimFor('arrears', [{ item: 'plain' }])
    const key = writeKey(input)
    await settleClaim(area.runtime, callerAt(), key, input)
    const answer = storedAnswer<CompensationAnswer>(await compensate(key.key))
    expect(answer).toMatchObject({ state: 'nothing-to-undo', reversal: null })
  })

  it('of a settlement that was reversed by hand finds nothing to undo', async () => {
    const { key, answer } = await settle()
    const input = { operatorCode, reason: '错收' }
    const id = answer.settlementId
    settled(await reverseSettlement(area.runtime, callerAt(), writeKey(input), id, input))
    const state = storedAnswer<CompensationAnswer>(await compensate(key.key)).state
    expect(state).toBe('nothing-to-undo')
  })

  it('of a settlement with a return is refused', async () => {
    const { key, answer } = await settle()
    const lines = [{ lineNo: 2, quantity: '1', traceCodes: [] }]
    const input = { operatorCode, reason: '退药', lines }
    const id = answer.settlementId
    settled(await returnLines(area.runtime, callerAt(), writeKey(input), id, input))
    expect(refusedWith(await compensate(key.key))).toBe('reversal-after-return')
  })

  it('of a reversal is refused: only a settlement is compensated', async () => {
    const { answer } = await settle()
    const input = { operatorCode, reason: '错收' }
    const key = writeKey(input)
    const id = answer.settlementId
    settled(await reverseSettlement(area.runtime, callerAt(), key, id, input))
    expect(refusedWith(await compensate(key.key))).toBe('operation-not-possible')
  })

  it('concerns the own keys only: another till’s settlement stays', async () => {
    const { key } = await settle()
    const other = await compensate(key.key, newId(), callerAt(SHOP, 2))
    expect(storedAnswer<CompensationAnswer>(other).state).toBe('closed-before-arrival')
    const outcome = await findOutcome(area.runtime, callerAt(), key.key)
    expect(outcome.ok && outcome.value.state).toBe('done')
  })

  it('under the very key it compensates is refused', async () => {
    const key = newId()
    expect(refusedWith(await compensate(key, key))).toBe('schema-invalid')
  })

  it('racing the original ends in one of two ways, and in both no money is left out', async () => {
    const ends = new Set<string>()
    const before = await balancesOf(database.sql, 'big-balance')
    const other = await smallArea(database.url)
    for (let round = 0; round < 20; round += 1) {
      const input = claimFor('big-balance', [{ item: 'plain' }])
      const key = writeKey(input)
      const closing = { originalKey: key.key, operatorCode, reason: '超时' }
      const [original, compensation] = await Promise.all([
        settleClaim(area.runtime, callerAt(), key, input),
        compensateMessage(other.runtime, callerAt(), writeKey(closing), closing),
      ])
      const { state } = storedAnswer<CompensationAnswer>(compensation)
      ends.add(`${refusedWith(original)} ${state}`)
    }
    await other.close()
    for (const end of ends) {
      expect(['done reversed', 'compensated-before closed-before-arrival']).toContain(end)
    }
    const after = await balancesOf(database.sql, 'big-balance')
    expect(after['2026/current-year-account']).toBe(before['2026/current-year-account'])
  })
})

it('all of this leaves books in which every invariant holds', async () => {
  expect(await checkInvariants(database.url)).toEqual([])
})
