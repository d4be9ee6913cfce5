/** What the page is told of an intention: where it stands, and the answer or the reason. */
import { SettlementAnswer } from '../../server/contract/claims.ts'
import type { Entry } from '../queue/records.ts'
import {
  jsonOf,
  type Notice,
  noticeOfProblem,
  problemIn,
  tillNotice,
} from '../server-gateway/notice.ts'

export type OutcomeView = {
  readonly key: string
  readonly operation: Entry['operation']
  readonly state: 'sending' | 'unknown' | 'answered' | 'refused' | 'withdrawn'
  readonly amount: string | null
  readonly createdAt: string
  readonly attempts: number
  readonly document: SettlementAnswer | null
  readonly notice: Notice | null
}

const STATE_OF = {
  stored: 'sending',
  sending: 'sending',
  unknown: 'unknown',
  resolving: 'unknown',
  answered: 'answered',
  refused: 'refused',
  withdrawn: 'withdrawn',
} as const satisfies Record<Entry['centre'], OutcomeView['state']>

/** The document an entry was answered with, or null. */
export function documentOf(entry: Entry): SettlementAnswer | null {
  if (entry.centre !== 'answered') return null
  const parsed = SettlementAnswer.safeParse(jsonOf(entry.text ?? ''))
  return parsed.success ? parsed.data : null
}

function noticeOf(entry: Entry): Notice | null {
  const state = STATE_OF[entry.centre]
  if (state === 'unknown') return tillNotice('outcome-unknown')
  if (state === 'refused' || state === 'withdrawn') {
    const problem = problemIn(entry.text)
    return problem === null ? tillNotice('centre-unreached') : noticeOfProblem(problem)
  }
  return state === 'answered' && documentOf(entry) === null ? tillNotice('answer-unreadable') : null
}

export const outcomeOf = (entry: Entry): OutcomeView => ({
  key: entry.key,
  operation: entry.operation,
  state: STATE_OF[entry.centre],
  amount: entry.amount,
  createdAt: entry.createdAt,
  attempts: entry.attempts,
  document: documentOf(entry),
  notice: noticeOf(entry),
})
