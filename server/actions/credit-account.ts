import { benefitYearOf, dayOf, type Instant } from '../kernel/calendar.ts'
import { newId } from '../kernel/ids.ts'
import { formatMoney, type Money, ZERO } from '../kernel/money.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { refusal } from '../kernel/refusal.ts'
import type { AccountKind, Scheme } from '../rules/types.ts'
import { journalOfCredit } from '../settlement/fund-breakdown.ts'
import { notPossible } from './not-possible.ts'
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
  const household = account === 'household-account'
  const ownerId = household ? found.householdId : found.personId
  const version = household ? found.householdPosition?.version : found.position.version
  if (ownerId === null || version === undefined) {
    return refused(notPossible('no-household-account'))
  }
  const scheme = found.coverage?.scheme ?? null
  return done(creditOf({ ownerId, version, scheme }, input, at))
}

/** Whose balance a credit raises, as it was read. */
export type AccountOwner = {
  readonly ownerId: string
  readonly version: bigint
  /** Of the holder's coverage on the day; null where nothing covers it. */
  readonly scheme: Scheme | null
}

/** What crediting an account comes to, its owner found and the amount above zero. */
export function creditOf(
  owner: AccountOwner,
  { account, amount, reason }: Pick<CreditInput, 'account' | 'amount' | 'reason'>,
  at: Instant,
): Decided {
  const { ownerId, version } = owner
  const scheme = account === 'household-account' ? 'rural' : (owner.scheme ?? 'employee')
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
