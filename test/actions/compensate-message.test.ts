import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compensateMessage } from '../../server/actions/compensate-message.ts'
import { recordTraceCodes } from '../../server/actions/record-trace-codes.ts'
import { returnLines } from '../../server/actions/return-lines.ts'
import { returnTraceCodes } from '../../server/actions/return-trace-codes.ts'
import { reverseSettlement } from '../../server/actions/reverse-settlement.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import type { Problem } from '../../server/contract/common.ts'
import type { CompensationAnswer } from '../../server/contract/terminals.ts'
import { newId } from '../../server/kernel/ids.ts'
import { findOutcome } from '../../server/queries/find-outcome.ts'
import {
  AGENCY,
  type Area,
  callerAt,
  cashierOf,
  claimFor,
  HOSPITAL,
  ITEMS,
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

const record = async (codes: string[], unit: 'pack' | 'split' = 'pack', units = 12) => {
  const lines = [{ lineNo: 1, itemCode: ITEMS.traced.code, unit, units, traceCodes: codes }]
  const input = { operatorCode, lines }
  const key = writeKey(input)
  storedAnswer(await recordTraceCodes(area.runtime, callerAt(), key, input), 201)
  return key
}
const bringBack = async (codes: string[], unit: 'pack' | 'split' = 'pack', units = 12) => {
  const lines = [{ lineNo: 1, unit, units, traceCodes: codes }]
  const input = { operatorCode, reason: '未拆封', lines }
  return returnTraceCodes(area.runtime, callerAt(), writeKey(input), input)
}
const unitsSold = async (code: string): Promise<number> => {
  const [row] = await database.sql<{ units: number }[]>`
    select units_sold as units from trace_code where trace_code = ${code}`
  return row?.units ?? -1
}

describe('a compensation of packs recorded as sold for cash', () => {
  const stateOf = async (key: { key: string }) =>
    storedAnswer<CompensationAnswer>(await compensate(key.key), 200)

  it('frees their codes: they are sold again, once, and nothing is left to undo', async () => {
    const codes = newCodes(2)
    const key = await record(codes)
    expect(await stateOf(key)).toMatchObject({ state: 'reversed', reversal: null })
    expect(await Promise.all(codes.map(unitsSold))).toEqual([0, 0])
    await settle('big-balance', codes.slice(0, 1))
    expect(await stateOf(key)).toMatchObject({ state: 'nothing-to-undo' })
    expect(await Promise.all(codes.map(unitsSold))).toEqual([12, 0])
  })

  it('under one key frees them once and says the same again', async () => {
    const key = await record(newCodes(1))
    const again = newId()
    const first = await compensate(key.key, again)
    expect(await compensate(key.key, again)).toEqual({ ...first, replayed: true })
  })

  it('takes no units of another sale of the split pack, however often asked', async () => {
    const [code = ''] = newCodes(1)
    const lost = await record([code], 'split', 3)
    await record([code], 'split', 4)
    const together = await Promise.all([compensate(lost.key), compensate(lost.key)])
    expect(together.map(refusedWith)).toContain('done')
    await stateOf(lost)
    expect(await unitsSold(code)).toBe(4)
  })

  it('finds nothing to undo of packs that came back, and of those sold anew since', async () => {
    const codes = newCodes(1)
    const lost = await record(codes)
    storedAnswer(await bringBack(codes), 201)
    expect(await stateOf(lost)).toMatchObject({ state: 'nothing-to-undo' })
    await record(codes)
    expect(await stateOf(lost)).toMatchObject({ state: 'nothing-to-undo' })
    expect(await unitsSold(codes[0] ?? '')).toBe(12)
  })

  it('leaves an audit event with original key, number of codes and reason', async () => {
    const key = await record(newCodes(2))
    await stateOf(key)
    const [event] = await database.sql`
      select detail from audit_event
       where operation = 'compensate' and detail ->> 'originalKey' = ${key.key}`
    expect(event?.detail).toEqual({
      originalKey: key.key,
      state: 'reversed',
      codes: 2,
      reason: '应答丢失',
    })
  })
})

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

  it('of a reversal is refused: its key sent again gives its answer', async () => {
    const { answer } = await settle()
    const input = { operatorCode, reason: '错收' }
    const key = writeKey(input)
    const id = answer.settlementId
    settled(await reverseSettlement(area.runtime, callerAt(), key, id, input))
    expect(refusedWith(await compensate(key.key))).toBe('compensation-not-offered')
  })

  it('of a return is refused in its own words; sending it again gives its answer', async () => {
    const { answer } = await settle()
    const lines = [{ lineNo: 2, quantity: '1', traceCodes: [] }]
    const input = { operatorCode, reason: '退药', lines }
    const key = writeKey(input)
    const giveBack = () => returnLines(area.runtime, callerAt(), key, answer.settlementId, input)
    const first = await giveBack()
    settled(first)
    const problem = storedAnswer<Problem>(await compensate(key.key), 409)
    expect(problem.code).toBe('compensation-not-offered')
    expect([problem.title, problem.en.title]).toEqual([
      '退货不能冲正',
      'A return cannot be compensated',
    ])
    expect(problem.nextStep).toContain('用原单号')
    expect(await giveBack()).toEqual({ ...first, replayed: true })
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

describe('a terminal of the same institution', () => {
  const SISTER = callerAt(SHOP, 2)
  const ownId = callerAt().clientId
  const compensateFor = (originalKey: string, originalTerminalId: string, caller = SISTER) => {
    const input = { originalKey, originalTerminalId, operatorCode, reason: '旧终端已停用' }
    return compensateMessage(area.runtime, caller, writeKey(input), input)
  }
  const outcomeFor = async (key: string, terminalId: string, caller = SISTER) => {
    const outcome = await findOutcome(area.runtime, caller, key, terminalId)
    return outcome.ok ? outcome.value.state : outcome.refusal.code
  }

  it('learns what became of the other’s sale, with the answer as it was given', async () => {
    const { key, answer } = await settle()
    const outcome = await findOutcome(area.runtime, SISTER, key.key, ownId)
    expect(outcome).toMatchObject({ ok: true, value: { state: 'done', answer } })
    expect(await outcomeFor(newId(), ownId)).toBe('never-arrived')
  })

  it('takes back the other’s settlement, once', async () => {
    const before = await balancesOf(database.sql, 'retired')
    const { key } = await settle()
    const answer = storedAnswer<CompensationAnswer>(await compensateFor(key.key, ownId), 200)
    expect(answer).toMatchObject({ state: 'reversed', reversal: { kind: 'reversal' } })
    expect(await balancesOf(database.sql, 'retired')).toMatchObject(before)
    expect(storedAnswer<CompensationAnswer>(await compensate(key.key)).state).toBe(
      'nothing-to-undo',
    )
  })

  it('closes the other’s key that never came: sent late, it is refused', async () => {
    const input = claimFor('retired', [{ item: 'plain' }])
    const key = writeKey(input)
    const answer = storedAnswer<CompensationAnswer>(await compensateFor(key.key, ownId))
    expect(answer.state).toBe('closed-before-arrival')
    expect(await outcomeFor(key.key, ownId)).toBe('compensated')
    const late = await settleClaim(area.runtime, callerAt(), key, input)
    expect(refusedWith(late)).toBe('compensated-before')
  })

  it('closes nothing of its own by it: the same key under its own id is free', async () => {
    const input = claimFor('retired', [{ item: 'plain' }])
    const key = writeKey(input)
    await compensateFor(key.key, ownId)
    settled(await settleClaim(area.runtime, SISTER, key, input))
  })

  it('racing the original ends settled and reversed, or never settled', async () => {
    const other = await smallArea(database.url)
    const before = await balancesOf(database.sql, 'big-balance')
    for (let round = 0; round < 15; round += 1) {
      const input = claimFor('big-balance', [{ item: 'plain' }])
      const key = writeKey(input)
      const closing = {
        originalKey: key.key,
        originalTerminalId: ownId,
        operatorCode,
        reason: '换机',
      }
      const [original, compensation] = await Promise.all([
        settleClaim(area.runtime, callerAt(), key, input),
        compensateMessage(other.runtime, SISTER, writeKey(closing), closing),
      ])
      const { state } = storedAnswer<CompensationAnswer>(compensation)
      expect(['done reversed', 'compensated-before closed-before-arrival']).toContain(
        `${refusedWith(original)} ${state}`,
      )
    }
    await other.close()
    expect(await balancesOf(database.sql, 'big-balance')).toEqual(before)
  })

  it('may do so for a retired terminal, which cannot itself any more', async () => {
    const { key } = await settle()
    await database.sql`update terminal set status = 'retired' where terminal_id = ${ownId}`
    try {
      expect(await outcomeFor(key.key, ownId)).toBe('done')
      const answer = storedAnswer<CompensationAnswer>(await compensateFor(key.key, ownId))
      expect(answer.state).toBe('reversed')
    } finally {
      await database.sql`update terminal set status = 'enrolled' where terminal_id = ${ownId}`
    }
  })

  const strangers = [
    ['a terminal of another institution', callerAt(HOSPITAL), ownId],
    ['a terminal for one of another institution', SISTER, callerAt(HOSPITAL).clientId],
    ['a terminal for one that does not exist', SISTER, newId()],
    ['the agency’s own door, which has no institution', AGENCY, ownId],
  ] as const
  it.each(strangers)(
    '%s is refused: it learns and moves nothing',
    async (_, caller, terminalId) => {
      const { key } = await settle()
      expect(await outcomeFor(key.key, terminalId, caller)).toBe('not-permitted')
      const before = await balancesOf(database.sql, 'retired')
      expect(refusedWith(await compensateFor(key.key, terminalId, caller))).toBe('not-permitted')
      expect(refusedWith(await compensateFor(newId(), terminalId, caller))).toBe('not-permitted')
      expect(await balancesOf(database.sql, 'retired')).toEqual(before)
      expect(await outcomeFor(key.key, ownId, callerAt())).toBe('done')
    },
  )
})

it('all of this leaves books in which every invariant holds', async () => {
  expect(await checkInvariants(database.url)).toEqual([])
})
