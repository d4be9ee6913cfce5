import type { OutcomeAnswer } from '../contract/terminals.ts'
import { instantText } from '../kernel/calendar.ts'
import type { Clock } from '../kernel/clock.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { refusal } from '../kernel/refusal.ts'
import { readOutcome, type StoredOutcome } from '../store/settlements.ts'
import type { Store } from '../store/store.ts'
import { isTerminalOf } from '../store/terminals.ts'

const STATE_OF = {
  done: 'done',
  refused: 'refused',
  tombstone: 'compensated',
} as const satisfies Record<StoredOutcome['verdict'], OutcomeAnswer['state']>

/**
 * What became of a key: done or refused with the stored answer, compensated, running at this
 * moment, or never arrived. The last holds only as of now: sending the same key again, or a
 * compensation, makes it final. A terminal may ask for the keys of its institution's other
 * terminals too, retired ones included: somebody must be able to see their sales through.
 */
export async function findOutcome(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  caller: { readonly clientId: string; readonly institutionCode: string | null },
  key: string,
  terminalId: string = caller.clientId,
): Promise<Outcome<OutcomeAnswer>> {
  const isOwn = terminalId === caller.clientId
  if (!isOwn && !(await isTerminalOf(store.sql, terminalId, caller.institutionCode))) {
    return refused(refusal('not-permitted'))
  }
  const asOf = instantText(clock.now())
  const nothing = { operation: null, status: null, answer: null, asOf }
  // Asked before the table is read: a posting that ends in between is found in the table.
  const running = store.door.isRunning(terminalId, key)
  const stored = await readOutcome(store.sql, terminalId, key)
  if (stored === null) {
    return done({ key, state: running ? 'running' : 'never-arrived', ...nothing })
  }
  return done({
    key,
    state: STATE_OF[stored.verdict],
    operation: stored.operation,
    status: stored.status,
    answer: stored.answer === '' ? null : JSON.parse(stored.answer),
    asOf,
  })
}
