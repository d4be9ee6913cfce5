import { fieldRefused } from '../contract/field-words.ts'
import type { CompensationAnswer, CompensationInput } from '../contract/terminals.ts'
import type { Instant } from '../kernel/calendar.ts'
import { newId } from '../kernel/ids.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { type Refusal, refusal } from '../kernel/refusal.ts'
import { readCashCodes, readCodeEvents } from '../store/cash-codes.ts'
import type { PostingCode } from '../store/posting.ts'
import { readOutcome, type StoredOutcome } from '../store/settlements.ts'
import { isTerminalOf } from '../store/terminals.ts'
import { derivedId } from './derived-id.ts'
import { type Decided, NOTHING_POSTED, postDecision, type Write } from './post-decision.ts'
import { decideReversal } from './reverse-settlement.ts'
import type { Caller, Runtime, WriteAnswer, WriteKey } from './runtime.ts'

/**
 * 冲正: resolves a message whose answer was lost. An original that was settled is reversed, codes
 * that were recorded are freed; one that never came has its key closed by a tombstone, and the late
 * original is refused; one that was refused left nothing to undo (decisions.md 7). Any other is
 * resolved by sending it again under its key.
 */
export async function compensateMessage(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: CompensationInput,
): Promise<WriteAnswer> {
  const { operatorCode, originalKey } = input
  const original = originalOf(caller, input)
  if (originalKey === key.key) {
    return { kind: 'refused', refusal: fieldRefused('originalKey', 'write') }
  }
  if (runtime.store.door.isRunning(original.clientId, originalKey)) {
    return { kind: 'refused', refusal: refusal('key-running') }
  }
  const write: Write = { runtime, caller, key, operation: 'compensate', operatorCode }
  return postDecision(write, async (at) => {
    const { sql } = runtime.store
    const isOwn = original.clientId === caller.clientId
    if (!isOwn && !(await isTerminalOf(sql, original.clientId, caller.institutionCode))) {
      return refused(refusal('not-permitted'))
    }
    const outcome = await readOutcome(sql, original.clientId, originalKey)
    return decideCompensation(write, input, outcome, at)
  })
}

/** Whose key it is: of another terminal of the institution where the input names one. */
const originalOf = ({ clientId }: Caller, { originalKey, originalTerminalId }: CompensationInput) =>
  ({ clientId: originalTerminalId ?? clientId, key: originalKey }) as const

async function decideCompensation(
  write: Write,
  input: CompensationInput,
  outcome: StoredOutcome | null,
  at: Instant,
): Promise<Outcome<Decided>> {
  const { originalKey } = input
  if (outcome === null) {
    return done(
      stated(originalKey, 'closed-before-arrival', { tombstone: originalOf(write.caller, input) }),
    )
  }
  if (outcome.verdict === 'tombstone') return done(stated(originalKey, 'closed-before-arrival'))
  if (outcome.verdict === 'refused') return done(stated(originalKey, 'nothing-to-undo'))
  if (outcome.operation === 'record-trace-codes') return freeCodes(write, input, outcome)
  if (outcome.operation !== 'settle') return refused(notOffered(outcome.operation))
  const reversal = await decideReversal(write, outcome.postingId, input.reason, at)
  if (reversal.ok) {
    const answer = { originalKey, state: 'reversed', reversal: reversal.value.answer }
    return done({ ...reversal.value, status: 200, answer })
  }
  const undoneBefore = reversal.refusal.code === 'already-reversed'
  return undoneBefore ? done(stated(originalKey, 'nothing-to-undo')) : reversal
}

/**
 * The mirror of recorded codes: what is still out under that posting is free again. Its posting id
 * follows from the original's, so that no second compensation can free the units of another sale.
 */
async function freeCodes(
  { runtime, caller }: Write,
  { originalKey, reason }: CompensationInput,
  { postingId: original }: StoredOutcome,
): Promise<Outcome<Decided>> {
  const { sql } = runtime.store
  const postingId = derivedId(`compensation/${original}`)
  const [sold, freedBefore] = await Promise.all([
    readCodeEvents(sql, original),
    readCodeEvents(sql, postingId),
  ])
  if (freedBefore.length > 0) return done(stated(originalKey, 'nothing-to-undo'))
  const known = await readCashCodes(
    sql,
    sold.map(({ code }) => code),
  )
  const codes = sold.flatMap(({ code, lineNo, mode, units }): PostingCode[] => {
    const held = known.find((one) => one.code === code)
    if (held?.institution !== caller.institutionCode) return []
    const out = mode === 'sell' ? held.lastPostingId === original : held.units >= units
    const { unitsPerPack } = held
    return out ? [{ code, lineNo, mode: 'return', units, unitsPerPack }] : []
  })
  if (codes.length === 0) return done(stated(originalKey, 'nothing-to-undo'))
  const { detail, ...rest } = stated(originalKey, 'reversed')
  return done({ ...rest, postingId, codes, detail: { ...detail, codes: codes.length, reason } })
}

const OPERATION_NAMES: Readonly<Record<string, { operation: string; operationEn: string }>> = {
  return: { operation: '退货', operationEn: 'return' },
  reverse: { operation: '撤销', operationEn: 'reversal' },
  compensate: { operation: '冲正', operationEn: 'compensation' },
  'return-trace-codes': { operation: '自费退货', operationEn: 'return of trace codes' },
  'rotate-terminal-key': { operation: '轮换密钥', operationEn: 'change of a key' },
}

const notOffered = (operation: string): Refusal =>
  refusal('compensation-not-offered', OPERATION_NAMES[operation] ?? { operation })

/** A posting that moves no money and says what state the original is in. */
function stated(
  originalKey: string,
  state: CompensationAnswer['state'],
  extra: Partial<Pick<Decided, 'tombstone'>> = {},
): Decided {
  const answer: CompensationAnswer = { originalKey, state, reversal: null }
  const detail = { originalKey, state }
  return { ...NOTHING_POSTED, ...extra, postingId: newId(), status: 200, answer, detail }
}
