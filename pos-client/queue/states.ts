/**
 * The life of an intention (a sale, a return), on two axes that are never mixed: what happened at
 * the centre, and what the cashier has seen of it. Code asks these maps and nothing else; a test
 * walks them and the README draws them.
 */
import { invariant } from '../../server/kernel/invariant.ts'

export type CentreState =
  | 'stored'
  | 'sending'
  | 'unknown'
  | 'resolving'
  | 'answered'
  | 'refused'
  | 'withdrawn'
export type CentreEvent = 'send' | 'answer' | 'refuse' | 'miss' | 'doubt' | 'withdraw' | 'restart'

/**
 * `stored`: flushed to disk, provably nothing has happened at the centre. `unknown`: it may have.
 * An intention leaves `unknown` only by the centre's own word; `withdrawn` is reached from
 * `stored` alone.
 */
export const CENTRE_STATES = {
  stored: { send: 'sending', withdraw: 'withdrawn', restart: 'unknown' },
  sending: { answer: 'answered', refuse: 'refused', miss: 'stored', doubt: 'unknown' },
  unknown: { send: 'resolving', restart: 'unknown' },
  resolving: { answer: 'answered', refuse: 'refused', miss: 'unknown', doubt: 'unknown' },
  answered: {},
  refused: {},
  withdrawn: {},
} as const satisfies Record<CentreState, Partial<Record<CentreEvent, CentreState>>>

export type CashierState = 'pending' | 'shown' | 'printed'
export type CashierEvent = 'show' | 'print'

/** Whether the cashier has seen the outcome; printing again stays printed. */
export const CASHIER_STATES = {
  pending: { show: 'shown', print: 'printed' },
  shown: { show: 'shown', print: 'printed' },
  printed: { show: 'printed', print: 'printed' },
} as const satisfies Record<CashierState, Partial<Record<CashierEvent, CashierState>>>

export function centreStateAfter(state: CentreState, event: CentreEvent): CentreState {
  const edges: Partial<Record<CentreEvent, CentreState>> = CENTRE_STATES[state]
  const next = edges[event]
  invariant(next !== undefined, `an intention that is ${state} cannot ${event}`)
  return next
}

export const cashierStateAfter = (state: CashierState, event: CashierEvent): CashierState =>
  CASHIER_STATES[state][event]

/** Whether the centre's word is final and nothing more will be sent. */
export const isDecided = (state: CentreState): boolean =>
  Object.keys(CENTRE_STATES[state]).length === 0
