/** 限定支付: whether the facts of a claim meet the limits of a catalogue item. */
import { unreachable } from '../../kernel/invariant.ts'
import type { ClaimLine, ItemLimit } from '../types.ts'
import type { Facts } from './progress.ts'

type LimitFacts = Pick<Facts, 'claim' | 'coverage' | 'age'>

/** The first limit of a line that is not met, or null. */
export const unmetLimit = (line: ClaimLine, facts: LimitFacts): ItemLimit | null =>
  line.limits.find((limit) => !isMet(limit, line, facts)) ?? null

/**
 * A fact the limit asks for must be shown: no diagnosis stated, or no level granted, is not met.
 * Only a days' supply that nobody stated is not held against the person, for there the limit
 * names an excess that would have to be shown.
 */
function isMet(limit: ItemLimit, line: ClaimLine, { claim, coverage, age }: LimitFacts): boolean {
  switch (limit.kind) {
    case 'sex':
      return coverage.sex === limit.sex
    case 'age-min':
      return age >= limit.years
    case 'age-max':
      return age <= limit.years
    case 'level-min':
      return claim.institution.level !== null && claim.institution.level >= limit.level
    case 'inpatient-only':
      return false
    case 'prescription':
      return claim.prescription
    case 'diagnosis':
      return claim.diagnoses.some((code) => limit.prefixes.some((p) => code.startsWith(p)))
    case 'days-supply-max':
      return line.daysSupply === null || line.daysSupply <= limit.days
    default:
      return unreachable(limit)
  }
}
