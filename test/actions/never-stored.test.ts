/** Refusals of the door and of the moment leave no trace under their key. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { postDecision, type Write } from '../../server/actions/post-decision.ts'
import { returnLines } from '../../server/actions/return-lines.ts'
import type { Runtime } from '../../server/actions/runtime.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import { newId } from '../../server/kernel/ids.ts'
import { refused } from '../../server/kernel/outcome.ts'
import { NEVER_STORED, refusal } from '../../server/kernel/refusal.ts'
import type { Verdict } from '../../server/store/posting.ts'
import {
  type Area,
  callerAt,
  claimFor,
  refusedWith,
  smallArea,
  storedAnswer,
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

const settle = (runtime: Runtime = area.runtime, caller = callerAt(), key = newId()) => {
  const input = claimFor('retired', [{ item: 'plain' }])
  return settleClaim(runtime, caller, writeKey(input, key), input)
}
/** The same runtime behind a door that gives one verdict to everybody. */
const behind = (verdict: Verdict): Runtime => {
  const { store } = area.runtime
  const door = { ...store.door, post: async () => verdict }
  return { ...area.runtime, store: { ...store, door } }
}

describe('a refusal that is never stored', () => {
  it.each([...NEVER_STORED])('%s is answered and not posted', async (code) => {
    const write: Write = {
      runtime: area.runtime,
      caller: callerAt(),
      key: writeKey(code),
      operation: 'settle',
      operatorCode: 'x',
    }
    const before = await rowCounts(database.sql)
    const decide = async () => refused({ code, params: { field: 'x' } })
    expect(await postDecision(write, decide)).toMatchObject({
      kind: 'refused',
      refusal: { code },
    })
    expect(await rowCounts(database.sql)).toEqual(before)
  })

  it('of a till whose institution is unknown lets its key be settled later', async () => {
    const key = newId()
    const stranger = { ...callerAt(), institutionCode: 'P33028299999' }
    const before = await rowCounts(database.sql)
    const first = await settle(area.runtime, stranger, key)
    expect(refusedWith(first)).toBe('terminal-not-enrolled')
    const back = { operatorCode: 'x', reason: 'x', lines: [] }
    const taken = await returnLines(area.runtime, stranger, writeKey(back), newId(), back)
    expect(refusedWith(taken)).toBe('terminal-not-enrolled')
    expect(await rowCounts(database.sql)).toEqual(before)
    storedAnswer(await settle(area.runtime, callerAt(), key), 201)
  })
})

describe('an account that is held by another sale for too long', () => {
  it('is told as such, and not as the same key still running', async () => {
    const answer = await settle(behind({ verdict: 'locked' }))
    expect(answer).toEqual({ kind: 'refused', refusal: refusal('account-busy') })
  })
})
