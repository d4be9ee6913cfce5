/** Which row of a table holds for a person at an institution: the first that fits. */
import { invariant, unreachable } from '../../kernel/invariant.ts'
import type { Coverage, InstitutionFacts } from '../types.ts'
import type { InstitutionGroup, PersonSelector, Row } from './policy-of-the-day.ts'

/** The facts of person and place that a row may ask for. */
export type RowFacts = {
  readonly coverage: Pick<Coverage, 'category' | 'tier' | 'civilServant' | 'householdAccount'>
  /** Whole years of age on the service day. */
  readonly age: number
  readonly institution: Pick<InstitutionFacts, 'kind' | 'level' | 'community' | 'inArea'>
}

/** The row that holds. The loader proves every table complete, so that there always is one. */
export function pickRow<R extends Row>(rows: readonly R[], facts: RowFacts): R {
  const row = findRow(rows, facts)
  invariant(row !== undefined, 'a table of a policy has a row for everybody')
  return row
}

export const findRow = <R extends Row>(rows: readonly R[], facts: RowFacts): R | undefined =>
  rows.find((row) => isFor(row.for, facts) && isAt(row.at, facts.institution))

function isFor(wanted: PersonSelector | null, { coverage, age }: RowFacts): boolean {
  if (wanted === null) return true
  const { categories, tiers, ageFrom, ageBelow, householdAccount, civilServant } = wanted
  if (categories !== null && !categories.includes(coverage.category)) return false
  if (tiers !== null && (coverage.tier === null || !tiers.includes(coverage.tier))) return false
  if (ageFrom !== null && age < ageFrom) return false
  if (ageBelow !== null && age >= ageBelow) return false
  if (householdAccount !== null && coverage.householdAccount !== householdAccount) return false
  return civilServant === null || coverage.civilServant === civilServant
}

const isAt = (groups: readonly InstitutionGroup[] | null, at: RowFacts['institution']): boolean =>
  groups === null || groups.some((group) => belongsTo(at, group))

function belongsTo(institution: RowFacts['institution'], group: InstitutionGroup): boolean {
  switch (group) {
    case 'community':
      return institution.community
    case 'pharmacy':
    case 'village-clinic':
    case 'clinic':
    case 'hospital':
    case 'tcm-hospital':
    case 'specialist-hospital':
      return institution.kind === group
    case 'level-1':
      return institution.level === 1
    case 'level-2':
      return institution.level === 2
    case 'level-3':
      return institution.level === 3
    case 'outside-area':
      return !institution.inArea
    default:
      return unreachable(group)
  }
}
