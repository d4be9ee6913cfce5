import type { ReturnInput, ReturnPresettlementAnswer } from '../contract/claims.ts'
import { done, type Outcome } from '../kernel/outcome.ts'
import { returnPresettlementAnswer } from './answers.ts'
import { decideTakenBack } from './return-lines.ts'
import type { Caller, Runtime } from './runtime.ts'
import { effectOf } from './take-back.ts'

/**
 * 退货预结算: what a return would give back to whom at this moment, decided by the code of the
 * return. Nothing is stored.
 */
export async function presettleReturn(
  runtime: Runtime,
  caller: Caller,
  settlementId: string,
  input: ReturnInput,
): Promise<Outcome<ReturnPresettlementAnswer>> {
  const at = runtime.clock.now()
  const asker = { runtime, caller, operatorCode: input.operatorCode }
  const decided = await decideTakenBack(asker, settlementId, input)
  if (!decided.ok) return decided
  const { family, back } = decided.value
  const effect = effectOf(asker, family, back, at)
  return done(returnPresettlementAnswer(family.original, { back, effect, at }))
}
