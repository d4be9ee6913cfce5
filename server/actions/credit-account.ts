import { addDays, benefitYearOf, dayOf, type Instant, type ServiceDay } from '../kernel/calendar.ts'
import { newId } from '../kernel/ids.ts'
import { formatMoney, type Money, ZERO } from '../kernel/money.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { type Refusal, refusal } from '../kernel/refusal.ts'
import { ACCOUNTS_OF_SCHEME } from '../kernel/words.ts'
import type { AccountKind, Scheme } from '../rules/types.ts'
import { journalOfCredit } from '../settlement/fund-breakdown.ts'
import type { Entitlement } from '../store/entitlement.ts'
import { type Decided, NOTHING_POSTED, postDecision, type Write } from './post-decision.ts'
import type { Caller, Runtime, WriteAnswer, WriteKey } from './runtime.ts'

export type CreditInput = {
  readonly cardNumber: string
  readonly account: AccountKind
  /** In fen, above zero. */
  readonly amount: Money
  readonly reason: string
  readonly operatorCode: string
}

/** 个人账户划入: credits an account of the card's holder, or the household's account. */
export function creditAccount(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: CreditInput,
): Promise<WriteAnswer> {
  const { operatorCode } = input
  const write: Write = { runtime, caller, key, operation: 'credit-account', operatorCode }
  return postDecision(write, (at) => decideCredit(runtime, input, at))
}

async function decideCredit(
  runtime: Runtime,
  input: CreditInput,
  at: Instant,
): Promise<Outcome<Decided>> {
  const { amount, account } = input
  if (amount <= ZERO) return refused(refusal('amount-invalid'))
  const query = { kind: 'card', value: input.cardNumber } as const
  const found = await runtime.store.entitlements.read(query, dayOf(at), [])
  if (found === null) return refused(refusal('card-unknown'))
  const coverage = await latestCoverage(runtime, found)
  const household = account === 'household-account'
  const ownerId = household ? found.householdId : found.personId
  const version = household ? found.householdPosition?.version : found.position.version
  const held = isAccountHeld(account, coverage, dayOf(at))
  if (!held || coverage === null || ownerId === null || version === undefined) {
    return refused(accountNotHeld(account))
  }
  return done(creditOf({ ownerId, version, scheme: coverage.scheme }, input, at))
}

/** The coverage of a day, or the last one before it. */
export type AccountCoverage = {
  readonly scheme: Scheme
  /** The first day without it; null where it has no end. */
  readonly until: ServiceDay | null
}

/** Contributions arrive late: an account outlives the coverage that filled it. */
async function latestCoverage(
  runtime: Runtime,
  { personId, coverage, coverageEnded }: Entitlement,
): Promise<AccountCoverage | null> {
  if (coverage !== null) return coverage
  if (coverageEnded === null) return null
  const query = { kind: 'person', value: personId } as const
  const before = await runtime.store.entitlements.read(query, addDays(coverageEnded, -1), [])
  return before?.coverage ?? null
}

/**
 * Whether an account can be there, so that somebody may draw what is credited: it is one of the
 * scheme's, and this year's only where coverage reached into the year.
 */
export function isAccountHeld(
  account: AccountKind,
  coverage: AccountCoverage | null,
  today: ServiceDay,
): boolean {
  if (coverage === null) return false
  const kinds: readonly AccountKind[] = ACCOUNTS_OF_SCHEME[coverage.scheme]
  if (!kinds.includes(account)) return false
  if (account !== 'current-year-account' || coverage.until === null) return true
  return benefitYearOf(addDays(coverage.until, -1)) >= benefitYearOf(today)
}

const ACCOUNT_NAMES = {
  'current-year-account': { account: '当年账户', accountEn: 'current-year account' },
  'past-year-account': { account: '历年账户', accountEn: 'past-year account' },
  'household-account': { account: '家庭账户', accountEn: 'household account' },
} as const satisfies Record<AccountKind, Record<'account' | 'accountEn', string>>

const accountNotHeld = (account: AccountKind): Refusal =>
  refusal('account-not-held', ACCOUNT_NAMES[account])

/** Whose balance a credit raises, as it was read. */
export type AccountOwner = {
  readonly ownerId: string
  readonly version: bigint
  readonly scheme: Scheme
}

/** What crediting an account comes to, its owner found and the amount above zero. */
export function creditOf(
  owner: AccountOwner,
  { account, amount, reason }: Pick<CreditInput, 'account' | 'amount' | 'reason'>,
  at: Instant,
): Decided {
  const { ownerId, version, scheme } = owner
  const benefitYear = account === 'current-year-account' ? benefitYearOf(dayOf(at)) : 0
  const answer = { account, amount: formatMoney(amount), benefitYear, reason }
  return {
    ...NOTHING_POSTED,
    postingId: newId(),
    status: 201,
    answer,
    owners: [{ ownerId, version }],
    moves: [{ ownerId, scheme, benefitYear, kind: account, amount, ceiling: null }],
    journal: journalOfCredit(account, scheme, amount),
    detail: answer,
  }
}
