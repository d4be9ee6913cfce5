/**
 * Chart of accounts of the agency's books. Debit is positive. A fund's position is the sum of its
 * account; no row holds it, so that settlements never queue for one (architecture, decision 5).
 */
import type { AccountKind, Payer, Scheme } from '../kernel/words.ts'

/** Payers whose part the agency owes to the institution. */
const FUND_PAYERS = [
  'pooling-fund',
  'large-sum-fund',
  'critical-illness-fund',
  'civil-servant-subsidy',
  'medical-assistance',
  'other-fund',
] as const satisfies readonly Payer[]

/** Expense of a fund, e.g. `fund/pooling-fund/employee`. */
export const fundAccount = (payer: (typeof FUND_PAYERS)[number], scheme: Scheme): string =>
  `fund/${payer}/${scheme}`

/** What the agency holds for the insured, e.g. `held/current-year-account`. */
export const heldAccount = (kind: AccountKind | 'family-share'): string => `held/${kind}`

/** What the agency owes to an institution. */
export const payableAccount = (institutionCode: string): string => `payable/${institutionCode}`

/** Memorandum of what changed hands at the counter: paid by persons, taken by the institution. */
export const CASH_PAID_ACCOUNT = 'memo/cash-paid-by-persons'
export const cashTakenAccount = (institutionCode: string): string =>
  `memo/cash-taken/${institutionCode}`

/** Where contributions come from when an individual account is credited. */
export const contributionAccount = (scheme: Scheme): string => `contribution/${scheme}`

/** The account that a payer's part is debited to. */
export function accountOfPayer(payer: Payer, scheme: Scheme, institutionCode: string): string {
  switch (payer) {
    case 'current-year-account':
    case 'past-year-account':
    case 'household-account':
    case 'family-share':
      return heldAccount(payer)
    case 'cash':
      return cashTakenAccount(institutionCode)
    case 'employer':
      return `receivable/employer/${scheme}`
    case 'institution':
      return `borne/${institutionCode}`
    default:
      return fundAccount(payer, scheme)
  }
}
