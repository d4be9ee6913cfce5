import type { ReturnInput } from '../contract/claims.ts'
import type { Instant } from '../kernel/calendar.ts'
import { invariant } from '../kernel/invariant.ts'
import { compareQuantity, formatQuantity, isZeroQuantity, parseQuantity } from '../kernel/money.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { type Refusal, refusal } from '../kernel/refusal.ts'
import { adjudicate } from '../rules/adjudicate.ts'
import { type Adjudication, type Claim, PAYERS } from '../rules/types.ts'
import { amountsBetween, lineBetween, movementsBetween } from '../settlement/difference.ts'
import { claimOf, startOf } from '../settlement/document.ts'
import {
  type AskedReturn,
  afterReturn,
  claimOfRemainder,
  type ReturnableLine,
  returnableQuantities,
} from '../settlement/remainder.ts'
import type { StoredSettlement } from '../store/settlements.ts'
import { explanationOf } from './answers.ts'
import { repeatedLineNumber } from './line-numbers.ts'
import { policyOfThen } from './policy-of-then.ts'
import { type Asker, type Decided, postDecision, type Write } from './post-decision.ts'
import { codesReturned } from './postings.ts'
import { missingRefusal, notWhole, wholeUnits } from './read-trace-codes.ts'
import type { Caller, Runtime, WriteAnswer, WriteKey } from './runtime.ts'
import { type Family, openFamily, type TakenBack, takeBackPosting } from './take-back.ts'

/**
 * 退货: takes back lines or quantities. What remains is adjudicated at the original start position
 * under the original day's policy; the difference per payer is posted (decisions.md 8). A second
 * return starts from the first one's remainder. Later settlements are not reopened.
 */
export function returnLines(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  settlementId: string,
  input: ReturnInput,
): Promise<WriteAnswer> {
  const { operatorCode } = input
  const write: Write = { runtime, caller, key, operation: 'return', operatorCode }
  return postDecision(write, (at) => decideReturn(write, settlementId, input, at))
}

async function decideReturn(
  write: Write,
  settlementId: string,
  input: ReturnInput,
  at: Instant,
): Promise<Outcome<Decided>> {
  const decided = await decideTakenBack(write, settlementId, input)
  if (!decided.ok) return decided
  const { family, back } = decided.value
  return takeBackPosting(write, family, back, at)
}

/** What a return takes back, or why it cannot; shared with its presettlement. */
export async function decideTakenBack(
  asker: Asker,
  settlementId: string,
  input: ReturnInput,
): Promise<Outcome<{ family: Family; back: TakenBack }>> {
  const opened = await openFamily(asker, settlementId)
  if (!opened.ok) return opened
  const family = opened.value
  if (family.state === 'reversed') return refused(refusal('already-reversed'))
  const asked = input.lines.map((line) => ({ ...line, quantity: parseQuantity(line.quantity) }))
  const left = returnableOf(family)
  const problem = returnRefusal(family, left, asked)
  if (problem !== null) return refused(problem)
  return done({ family, back: partOf(asker, family, left, asked, input.reason) })
}

export const returnableOf = (family: Pick<Family, 'original' | 'takenBack'>): ReturnableLine[] =>
  returnableQuantities(
    family.original.document,
    family.takenBack.filter((one) => one.kind === 'return').map((one) => one.document),
  )

function returnRefusal(
  family: Family,
  left: readonly ReturnableLine[],
  asked: readonly AskedReturn[],
): Refusal | null {
  const repeated = repeatedLineNumber(asked)
  if (repeated !== null) return repeated
  for (const line of asked) {
    const at = { line: String(line.lineNo) }
    const rest = left.find((one) => one.lineNo === line.lineNo)
    const details = family.original.document.lines.find((one) => one.lineNo === line.lineNo)
    if (rest === undefined || details === undefined) return refusal('return-line-unknown', at)
    if (isZeroQuantity(line.quantity)) {
      return refusal('quantity-invalid', { ...at, max: formatQuantity(rest.quantity) })
    }
    if (rest.traceCodes.length > 0 && !line.quantity.isInteger()) {
      return notWhole(line.lineNo, line.quantity)
    }
    if (compareQuantity(line.quantity, rest.quantity) > 0) {
      return refusal('return-exceeds-sale', { ...at, left: formatQuantity(rest.quantity) })
    }
    const refused = codesRefusal(line, rest, details.unit)
    if (refused !== null) return refused
  }
  return null
}

/** A line with codes gives back exactly the codes of the packs that come back. */
function codesRefusal(
  { lineNo, quantity, traceCodes }: AskedReturn,
  rest: ReturnableLine,
  unit: 'pack' | 'split',
): Refusal | null {
  const unknown = refusal('return-trace-code-unknown', { line: String(lineNo) })
  if (new Set(traceCodes).size < traceCodes.length) return unknown
  if (!traceCodes.every((code) => rest.traceCodes.includes(code))) return unknown
  if (rest.traceCodes.length === 0) return null
  const needed = unit === 'split' ? 1 : wholeUnits(quantity)
  const given = traceCodes.length
  if (given < needed) return missingRefusal({ lineNo, needed, given })
  return given === needed ? null : unknown
}

function partOf(
  asker: Asker,
  family: Family,
  left: readonly ReturnableLine[],
  asked: readonly AskedReturn[],
  reason: string,
): TakenBack {
  const { original } = family
  adjudicateOriginal(asker.runtime, original)
  const earlier = adjudicateLeft(asker.runtime, original, left)
  invariant(earlier !== null, 'something is left where something can be returned')
  const later = adjudicateLeft(asker.runtime, original, afterReturn(left, asked))
  const lines = asked.map((one) => {
    const line = original.document.lines.find((other) => other.lineNo === one.lineNo)
    invariant(line !== undefined, 'a returned line is a line of the settlement')
    const quantity = formatQuantity(one.quantity)
    return lineBetween(line, earlier, later, { quantity, traceCodes: one.traceCodes })
  })
  return {
    kind: 'return',
    ...amountsBetween(earlier, later),
    movements: movementsBetween(earlier, later),
    lines,
    codes: lines.flatMap((line) => codesReturned(line, line.traceCodes, line.quantity)),
    reason,
    explanation: explanationOfReturn(original, later),
  }
}

/** Adjudicates what is left of a settlement as it would have been on its day; null for nothing. */
export function adjudicateLeft(
  runtime: Runtime,
  original: StoredSettlement,
  left: readonly ReturnableLine[],
): Adjudication | null {
  const { document, serviceDay, serviceKind } = original
  const claim: Claim = claimOfRemainder(claimOf(document, serviceDay, serviceKind), left)
  if (claim.lines.length === 0) return null
  return adjudicate(claim, document.coverage, startOf(document), policyOfThen(runtime, original))
}

/**
 * A settlement adjudicated again, whole, as on its day. What it stored must come out: a difference
 * would be handed on to every return, so it is ours to throw.
 */
export function adjudicateOriginal(runtime: Runtime, original: StoredSettlement): Adjudication {
  const whole = returnableQuantities(original.document, [])
  const adjudication = adjudicateLeft(runtime, original, whole)
  invariant(adjudication !== null, 'a settlement has lines')
  const same = PAYERS.every((payer) => adjudication.payers[payer] === original.payers[payer])
  invariant(same, `settlement ${original.documentId} recomputes to the payers it stored`)
  return adjudication
}

/** `later` is what the rest comes to after the return; null where nothing is left. */
export function explanationOfReturn(original: StoredSettlement, later: Adjudication | null) {
  const number = original.settlementNumber
  const rest = later === null ? { zh: [], en: [] } : explanationOf(later)
  return {
    zh: [`对结算单 ${number} 退货。剩余部分按原日期的政策和原起始累计重算:`, ...rest.zh],
    en: [`Return on ${number}. The rest is computed as on its day:`, ...rest.en],
  }
}
