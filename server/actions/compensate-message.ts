import type { CompensationAnswer, CompensationInput } from '../contract/terminals.ts'
import type { Instant } from '../kernel/calendar.ts'
import { newId } from '../kernel/ids.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { refusal } from '../kernel/refusal.ts'
import { readOutcome, type StoredOutcome } from '../store/settlements.ts'
import { notPossible } from './not-possible.ts'
import { type Decided, NOTHING_POSTED, postDecision, type Write } from './post-decision.ts'
import { decideReversal } from './reverse-settlement.ts'
import type { Caller, Runtime, WriteAnswer, WriteKey } from './runtime.ts'

/**
 * 冲正: resolves a message whose answer was lost. An original that was settled is reversed; one
 * that never came has its key closed by a tombstone, and the late original is refused; one that
 * was refused left nothing to undo (decisions.md 7).
 */
export async function compensateMessage(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: CompensationInput,
): Promise<WriteAnswer> {
  const { operatorCode, originalKey } = input
  if (originalKey === key.key) {
    return { kind: 'refused', refusal: refusal('schema-invalid', { field: 'originalKey' }) }
  }
  if (runtime.store.door.isRunning(caller.clientId, originalKey)) {
    return { kind: 'refused', refusal: refusal('key-running') }
  }
  const write: Write = { runtime, caller, key, operation: 'compensate', operatorCode }
  return postDecision(write, async (at) => {
    const outcome = await readOutcome(runtime.store.sql, caller.clientId, originalKey)
    return decideCompensation(write, input, outcome, at)
  })
}

async function decideCompensation(
  write: Write,
  input: CompensationInput,
  outcome: StoredOutcome | null,
  at: Instant,
): Promise<Outcome<Decided>> {
  const { originalKey } = input
  if (outcome === null) {
    return done(stated(originalKey, 'closed-before-arrival', { tombstone: originalKey }))
  }
  if (outcome.verdict === 'tombstone') return done(stated(originalKey, 'closed-before-arrival'))
  if (outcome.verdict === 'refused') return done(stated(originalKey, 'nothing-to-undo'))
  if (outcome.operation !== 'settle') {
    return refused(notPossible('not-a-settlement'))
  }
  const reversal = await decideReversal(write, outcome.postingId, input.reason, at)
  if (reversal.ok) {
    const answer = { originalKey, state: 'reversed', reversal: reversal.value.answer }
    return done({ ...reversal.value, status: 200, answer })
  }
  const undoneBefore = reversal.refusal.code === 'already-reversed'
  return undoneBefore ? done(stated(originalKey, 'nothing-to-undo')) : reversal
}

/** A posting that moves no money and says what state the original is in. */
function stated(
  originalKey: string,
  state: CompensationAnswer['state'],
  extra: { tombstone?: string } = {},
): Decided {
  const answer: CompensationAnswer = { originalKey, state, reversal: null }
  const detail = { originalKey, state }
  return { ...NOTHING_POSTED, ...extra, postingId: newId(), status: 200, answer, detail }
}
