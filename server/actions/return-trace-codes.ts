import type { TraceCodeReturnAnswer, TraceCodeReturnInput } from '../contract/terminals.ts'
import { type Instant, instantText } from '../kernel/calendar.ts'
import { newId } from '../kernel/ids.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { foremost, type Refusal, refusal } from '../kernel/refusal.ts'
import { type CashCode, readCashCodes } from '../store/cash-codes.ts'
import type { PostingCode } from '../store/posting.ts'
import { isOwnOperator } from './entitle.ts'
import { repeatedLineNumber } from './line-numbers.ts'
import { type Decided, NOTHING_POSTED, postDecision, type Write } from './post-decision.ts'
import type { Caller, Runtime, WriteAnswer, WriteKey } from './runtime.ts'

/**
 * 自费退货: packs sold without insurance come back, or units of a split pack, and their codes may be
 * sold again (decisions.md 10). What a settlement sold goes back by the return of that settlement.
 */
export function returnTraceCodes(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: TraceCodeReturnInput,
): Promise<WriteAnswer> {
  const { operatorCode } = input
  const write: Write = { runtime, caller, key, operation: 'return-trace-codes', operatorCode }
  return postDecision(write, (at) => decideReturn(write, input, at))
}

async function decideReturn(
  { runtime, caller }: Write,
  input: TraceCodeReturnInput,
  at: Instant,
): Promise<Outcome<Decided>> {
  if (!isOwnOperator(runtime, caller, input.operatorCode)) {
    return refused(refusal('operator-unknown'))
  }
  const repeated = repeatedLineNumber(input.lines)
  if (repeated !== null) return refused(repeated)
  const codes = input.lines.flatMap((line) => line.traceCodes)
  if (new Set(codes).size < codes.length) return refused(refusal('trace-code-repeated'))
  const known = await readCashCodes(runtime.store.sql, codes)
  const own = known.filter((held) => held.institution === caller.institutionCode)
  const back: PostingCode[] = []
  const refusals: Refusal[] = []
  for (const line of input.lines) {
    for (const code of line.traceCodes) {
      const found = backOf(line, code, own)
      if ('mode' in found) back.push(found)
      else refusals.push(found)
    }
  }
  const first = foremost(refusals)
  if (first !== null) return refused(first)
  const answer: TraceCodeReturnAnswer = { returned: codes.length, returnedAt: instantText(at) }
  return done({
    ...NOTHING_POSTED,
    postingId: newId(),
    status: 201,
    answer,
    codes: back,
    detail: { codes: codes.length, reason: input.reason },
  })
}

/** A code as it comes back, or why it cannot: a pack sold whole comes back whole. */
function backOf(
  line: TraceCodeReturnInput['lines'][number],
  code: string,
  own: readonly CashCode[],
): PostingCode | Refusal {
  const held = own.find((one) => one.code === code)
  const opened = line.unit === 'split' && held?.state === 'sold'
  if (held === undefined || held.units <= 0 || opened) {
    return refusal('trace-code-not-returnable', { tail: code.slice(-6) })
  }
  const { unitsPerPack } = held
  const units = line.unit === 'split' ? line.units : unitsPerPack
  if (units > held.units) {
    const facts = { line: String(line.lineNo), left: String(held.units) }
    return refusal('return-exceeds-sale', facts)
  }
  return { code, lineNo: line.lineNo, mode: 'return', units, unitsPerPack }
}
