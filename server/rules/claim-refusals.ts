import { ageOn } from '../kernel/calendar.ts'
import { unreachable } from '../kernel/invariant.ts'
import { type Refusal, refusal } from '../kernel/refusal.ts'
import { limitWords } from './limit-words.ts'
import type { PolicyOfTheDay } from './policy/policy-of-the-day.ts'
import { unmetLimit } from './steps/item-limits.ts'
import type { Claim, Coverage } from './types.ts'

/**
 * What the policy refuses of a claim before it is adjudicated: lines outside their catalogue limit,
 * where the policy refuses them instead of leaving them to the person. One refusal per line, in the
 * order of the lines; class C lines have no limit to meet.
 */
export function claimRefusals(claim: Claim, coverage: Coverage, policy: PolicyOfTheDay): Refusal[] {
  switch (policy.lines.limitNotMet) {
    case 'person_pays':
      return []
    case 'refuse':
      return refusedLines(claim, coverage)
    default:
      return unreachable(policy.lines.limitNotMet)
  }
}

function refusedLines(claim: Claim, coverage: Coverage): Refusal[] {
  const age = ageOn(coverage.birthDay, claim.serviceDay)
  return claim.lines.flatMap((line) => {
    const limit = line.catalogueClass === 'C' ? null : unmetLimit(line, { claim, coverage, age })
    if (limit === null) return []
    const limits = { limit: limitWords(limit, 'zh'), limitEn: limitWords(limit, 'en') }
    return [refusal('item-outside-limit', { line: String(line.lineNo), ...limits })]
  })
}
