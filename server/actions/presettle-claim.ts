import type { ClaimInput, PresettlementAnswer } from '../contract/claims.ts'
import { done, type Outcome } from '../kernel/outcome.ts'
import { presettlementAnswer } from './answers.ts'
import { decideClaim } from './decide-claim.ts'
import type { Caller, Runtime } from './runtime.ts'

/**
 * 预结算: what the claim would come to at this moment. Nothing is stored. Trace codes may still be
 * missing: the split is shown while they are scanned, and the answer names the lines that wait.
 */
export async function presettleClaim(
  runtime: Runtime,
  caller: Caller,
  input: ClaimInput,
): Promise<Outcome<PresettlementAnswer>> {
  const at = runtime.clock.now()
  const decided = await decideClaim(runtime, caller, input, at, 'while-scanning')
  return decided.ok ? done(presettlementAnswer(decided.value, at)) : decided
}
