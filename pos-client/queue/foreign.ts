/**
 * Intentions of another terminal, left in the queue of a machine that was enrolled anew. A key
 * belongs to the terminal that made it: sent under another id it would be a new sale. What became
 * of it is asked instead, as the institution's other terminals may, until somebody closes what
 * never arrived.
 */
import { AnyProblem } from '../../server/contract/common.ts'
import { problemOf } from '../../server/contract/problem.ts'
import { OutcomeAnswer } from '../../server/contract/terminals.ts'
import { refusal } from '../../server/kernel/refusal.ts'
import { ask } from '../server-gateway/centre.ts'
import { ANSWERS } from '../server-gateway/classes.ts'
import type { Gateway } from '../server-gateway/gateway.ts'
import type { Entry } from './records.ts'
import type { Verdict } from './sale-queue.ts'

/** What the centre knows of another terminal's key: its final word, or null while there is none. */
export async function askForForeign(
  gateway: Gateway,
  { key, terminalId, operation }: Entry,
): Promise<Verdict | null> {
  const path = `/v1/outcomes/${key}?terminalId=${terminalId}`
  const asked = await ask(gateway, OutcomeAnswer, { method: 'GET', path })
  if (!asked.ok) return null
  const { state, status, answer } = asked.value
  const text = JSON.stringify(answer)
  if (state === 'done' && ANSWERS[operation].safeParse(answer).success) {
    return { verdict: 'answer', status, text }
  }
  if (state === 'refused' && AnyProblem.safeParse(answer).success) {
    return { verdict: 'refuse', status, text }
  }
  return state === 'compensated' ? closed(key) : null
}

/** What the centre would say to the intention if it still came. */
function closed(key: string): Verdict {
  const problem = problemOf(refusal('compensated-before'), key)
  return { verdict: 'refuse', status: problem.status, text: JSON.stringify(problem) }
}
