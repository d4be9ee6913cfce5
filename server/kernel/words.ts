/** Closed sets of words that rules, books, messages and tables share (glossary). */

export const SCHEMES = ['employee', 'rural'] as const
/** Insurance scheme (险种): urban employees, or rural cooperative, today residents. */
export type Scheme = (typeof SCHEMES)[number]

export const SERVICE_KINDS = ['pharmacy', 'outpatient'] as const
/** Kind of service (医疗类别). */
export type ServiceKind = (typeof SERVICE_KINDS)[number]

export const INSTITUTION_KINDS = [
  'pharmacy',
  'hospital',
  'tcm-hospital',
  'specialist-hospital',
  'community-centre',
  'community-station',
  'village-clinic',
  'clinic',
] as const
/** Kind of institution (机构类别); 专科医院 and 社区卫生服务站 are kinds of their own. */
export type InstitutionKind = (typeof INSTITUTION_KINDS)[number]

/** Catalogue class (甲 / 乙 / 丙). */
export type CatalogueClass = 'A' | 'B' | 'C'
export type ItemKind = 'drug' | 'service' | 'material'

/**
 * Accounts hold money of the insured; accumulators count what was used of a limit. Both are
 * balances.
 */
export const ACCOUNT_KINDS = [
  'current-year-account',
  'past-year-account',
  'household-account',
] as const
export const ACCUMULATOR_KINDS = [
  'outpatient-self-pay-borne',
  'outpatient-in-scope-spent',
  'outpatient-fund-paid',
  'in-scope-spent',
  'pooling-fund-paid',
] as const
/** Accounts that a scheme keeps: one's own for employees, the household's for residents. */
export const ACCOUNTS_OF_SCHEME = {
  employee: ['current-year-account', 'past-year-account'],
  rural: ['household-account'],
} as const satisfies Record<Scheme, readonly (typeof ACCOUNT_KINDS)[number][]>
/** What a ceiling counts: expense in scope, or what the fund paid. */
export const CEILING_BASES = ['in_scope_expense', 'fund_pay'] as const
export type CeilingBasis = (typeof CEILING_BASES)[number]

export type AccountKind = (typeof ACCOUNT_KINDS)[number]
export type AccumulatorKind = (typeof ACCUMULATOR_KINDS)[number]
export type BalanceKind = AccountKind | AccumulatorKind

export const PAYERS = [
  'pooling-fund',
  'large-sum-fund',
  'critical-illness-fund',
  'civil-servant-subsidy',
  'medical-assistance',
  'other-fund',
  'current-year-account',
  'past-year-account',
  'family-share',
  'household-account',
  'employer',
  'institution',
  'cash',
] as const
/** Who pays a part of the total expense. */
export type Payer = (typeof PAYERS)[number]
