import type { ReversalInput } from '../contract/claims.ts'
import type { Instant } from '../kernel/calendar.ts'
import { type Outcome, refused } from '../kernel/outcome.ts'
import { type Refusal, refusal } from '../kernel/refusal.ts'
import { lineTakenBack } from '../settlement/difference.ts'
import { movementOf } from '../settlement/document.ts'
import {
  NO_PAYERS,
  NO_TOTALS,
  subtractPayers,
  subtractTotals,
} from '../settlement/fund-breakdown.ts'
import { nextState } from '../settlement/states.ts'
import { type Decided, postDecision, type Write } from './post-decision.ts'
import { codesReturned } from './postings.ts'
import type { Caller, Runtime, WriteAnswer, WriteKey } from './runtime.ts'
import {
  type Family,
  mirroredMovements,
  openFamily,
  type TakenBack,
  takeBackPosting,
} from './take-back.ts'

/** 结算撤销: undoes a whole settlement that has no return; the exact mirror of what it posted. */
export function reverseSettlement(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  settlementId: string,
  input: ReversalInput,
): Promise<WriteAnswer> {
  const { operatorCode } = input
  const write: Write = { runtime, caller, key, operation: 'reverse', operatorCode }
  return postDecision(write, (at) => decideReversal(write, settlementId, input.reason, at))
}

/** Shared with compensation, which reverses a settlement whose answer was lost. */
export async function decideReversal(
  write: Write,
  settlementId: string,
  reason: string,
  at: Instant,
): Promise<Outcome<Decided>> {
  const family = await openFamily(write, settlementId)
  if (!family.ok) return family
  const problem = reversalRefusal(family.value)
  if (problem !== null) return refused(problem)
  return takeBackPosting(write, family.value, wholeOf(family.value, reason), at)
}

function reversalRefusal({ state }: Family): Refusal | null {
  if (nextState(state, 'reverse') !== null) return null
  return refusal(state === 'reversed' ? 'already-reversed' : 'reversal-after-return')
}

function wholeOf({ original }: Family, reason: string): TakenBack {
  const { document, payers, totals, settlementNumber } = original
  return {
    kind: 'reversal',
    payers: subtractPayers(NO_PAYERS, payers),
    totals: subtractTotals(NO_TOTALS, totals),
    movements: mirroredMovements(document.movements.map(movementOf)),
    lines: document.lines.map(lineTakenBack),
    codes: document.lines.flatMap((line) => codesReturned(line, line.traceCodes, line.quantity)),
    reason,
    explanation: explanationOfReversal(settlementNumber),
  }
}

export const explanationOfReversal = (originalNumber: string) => ({
  zh: [`整单撤销结算单 ${originalNumber},各项金额原路退回。`],
  en: [`Settlement ${originalNumber} is reversed; every part goes back where it came from.`],
})
