/** What the page is told of an intention: where it stands, and the answer or the reason. */
import { SettlementAnswer } from '../../server/contract/claims.ts'
import { CompensationAnswer } from '../../server/contract/terminals.ts'
import type { Entry } from '../queue/records.ts'
import { isDecided } from '../queue/states.ts'
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
  /** `foreign`: undecided, and of another terminal; see queue/foreign.ts. */
  readonly state: 'sending' | 'unknown' | 'foreign' | 'answered' | 'refused' | 'withdrawn'
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

const stateOf = ({ centre, isForeign }: Entry): OutcomeView['state'] =>
  isForeign && !isDecided(centre) ? 'foreign' : STATE_OF[centre]

/** The document an entry was answered with, or null. */
export function documentOf(entry: Entry): SettlementAnswer | null {
  if (entry.centre !== 'answered') return null
  const answer = jsonOf(entry.text ?? '')
  if (entry.operation === 'compensate') {
    const compensation = CompensationAnswer.safeParse(answer)
    return compensation.success ? compensation.data.reversal : null
  }
  const parsed = SettlementAnswer.safeParse(answer)
  return parsed.success ? parsed.data : null
}

/** Operations that are answered with a document; the others are done without one. */
const DOCUMENTED: ReadonlySet<Entry['operation']> = new Set(['settle', 'return', 'reverse'])

function noticeOf(entry: Entry): Notice | null {
  const state = stateOf(entry)
  if (state === 'foreign') return tillNotice('terminal-changed')
  if (state === 'unknown') return tillNotice('outcome-unknown')
  if (state === 'refused' || state === 'withdrawn') {
    const problem = problemIn(entry.text)
    return problem === null ? tillNotice('centre-unreached') : noticeOfProblem(problem)
  }
  const lacksDocument = DOCUMENTED.has(entry.operation) && documentOf(entry) === null
  return lacksDocument && state === 'answered' ? tillNotice('answer-unreadable') : null
}

export const outcomeOf = (entry: Entry): OutcomeView => ({
  key: entry.key,
  operation: entry.operation,
  state: stateOf(entry),
  amount: entry.amount,
  createdAt: entry.createdAt,
  attempts: entry.attempts,
  document: documentOf(entry),
  notice: noticeOf(entry),
})
