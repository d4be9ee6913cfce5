import { ageOn, benefitYearOf } from '../kernel/calendar.ts'
import { invariant, unreachable } from '../kernel/invariant.ts'
import type { Layer, PolicyOfTheDay } from './policy/policy-of-the-day.ts'
import { applyCeiling } from './steps/apply-ceiling.ts'
import { applyPooling } from './steps/apply-pooling.ts'
import { applySelfPaySegment } from './steps/apply-self-pay-segment.ts'
import { classifyLines } from './steps/classify-lines.ts'
import { conclude } from './steps/conclude.ts'
import { determineInScope } from './steps/determine-in-scope.ts'
import { drawCurrentYearAccount } from './steps/draw-current-year-account.ts'
import { drawHouseholdAccount } from './steps/draw-household-account.ts'
import { drawPastYearAccount } from './steps/draw-past-year-account.ts'
import { leaveToCash } from './steps/leave-to-cash.ts'
import { limitPrices } from './steps/limit-prices.ts'
import { type Facts, openProgress, type Progress } from './steps/progress.ts'
import { setAsideUnpooled } from './steps/set-aside-unpooled.ts'
import { takePreliminaryShare } from './steps/take-preliminary-share.ts'
import type { Adjudication, Claim, Coverage, Position } from './types.ts'

/**
 * 待遇核定: who pays what of a claim, and why, in the order of the regulation. Pure: the same four
 * always give the same answer, so that any old bill recomputes to the fen. The coverage is in
 * force and the claim is not refused (`claimRefusals`) before this is asked. A claim without lines
 * is answered too; its `remaining` tells where the person stands.
 *
 * @throws InvariantError where the policy is not the claim's, or the parts do not make the whole.
 */
export function adjudicate(
  claim: Claim,
  coverage: Coverage,
  position: Position,
  policy: PolicyOfTheDay,
): Adjudication {
  const facts = factsOf(claim, coverage, position, policy)
  const opened = openProgress(claim)
  const classified = classifyLines(opened, facts)
  const limited = limitPrices(classified, facts)
  const shared = takePreliminaryShare(limited, facts)
  const inScope = determineInScope(shared, facts)
  const benefited = policy.layers.reduce(
    (progress, layer) => applyLayer(progress, facts, layer),
    inScope,
  )
  const settled = leaveToCash(benefited, facts)
  return conclude(settled, facts)
}

/** One layer of the benefit; which layers there are, and their order, is the policy's. */
function applyLayer(progress: Progress, facts: Facts, layer: Layer): Progress {
  switch (layer.step) {
    case 'set-aside-unpooled':
      return setAsideUnpooled(progress, facts, layer)
    case 'draw-current-year-account':
      return drawCurrentYearAccount(progress, facts, layer)
    case 'apply-self-pay-segment':
      return applySelfPaySegment(progress, facts, layer)
    case 'apply-pooling':
      return applyPooling(progress, facts, layer)
    case 'apply-ceiling':
      return applyCeiling(progress, facts, layer)
    case 'draw-past-year-account':
      return drawPastYearAccount(progress, facts, layer)
    case 'draw-household-account':
      return drawHouseholdAccount(progress, facts, layer)
    default:
      return unreachable(layer)
  }
}

function factsOf(
  claim: Claim,
  coverage: Coverage,
  position: Position,
  policy: PolicyOfTheDay,
): Facts {
  const on = claim.serviceDay
  const { from, until } = policy.period
  invariant(from <= on && (until === null || on < until), 'the policy is in force on the day')
  invariant(policy.scheme === coverage.scheme, 'the policy is of the scheme that covers the person')
  invariant(policy.serviceKinds.includes(claim.serviceKind), 'the policy is for the service kind')
  invariant(position.benefitYear === benefitYearOf(on), 'the position is of the benefit year')
  const age = ageOn(coverage.birthDay, on)
  return { claim, coverage, position, policy, age, institution: claim.institution }
}
