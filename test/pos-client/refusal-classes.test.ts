/** What the centre stores under a key is what the till takes for its decision, and nothing else. */
import { describe, expect, it } from 'vitest'
import { readAnswer } from '../../pos-client/queue/sender.ts'
import { classOf } from '../../pos-client/server-gateway/classes.ts'
import { SettlementAnswer } from '../../server/contract/claims.ts'
import { problemOf, STATUS_OF } from '../../server/contract/problem.ts'
import {
  NEVER_STORED,
  REFUSAL_CODES,
  REFUSALS,
  type RefusalCode,
  refusal,
} from '../../server/kernel/refusal.ts'

const given = (code: RefusalCode) => {
  const names = [...REFUSALS[code].zh.join().matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
  return refusal(code, Object.fromEntries(names.map((name) => [name, '1'])))
}
const stored = REFUSAL_CODES.filter((code) => !NEVER_STORED.has(code))

describe('refusals of the centre and classes of the till', () => {
  it.each(stored)('%s may be stored: it ends an intention that was in doubt', (code) => {
    expect(classOf(problemOf(given(code), 'r'))).toBe('decided')
    const text = JSON.stringify(problemOf(given(code), 'r'))
    const answer = { kind: 'answer', status: STATUS_OF[code], text, retryAfterMs: null } as const
    expect(readAnswer(answer, true, SettlementAnswer).kind).toBe('verdict')
  })

  it.each([
    ['is a decision', 422, false, 'decided'],
    ['may pass, so it is asked after again', 409, true, 'in-doubt'],
    ['is an error of the centre, so it is asked after again', 500, false, 'in-doubt'],
  ])('one that only a later centre knows %s', (_, status, retryable, expected) => {
    expect(classOf({ code: 'card-blue', status, retryable })).toBe(expected)
  })

  it('what the till asks after again is never stored: it would be asked for ever', () => {
    const again = REFUSAL_CODES.filter((code) => classOf(problemOf(given(code), 'r')) !== 'decided')
    expect(again.filter((code) => !NEVER_STORED.has(code))).toEqual([])
    expect(again).toEqual(expect.arrayContaining(['schema-invalid', 'terminal-not-enrolled']))
  })
})
