/** From who pays what to the books: the journal of a settlement and the signs of taking back. */

import { add, type Money, negate, subtract, ZERO } from '../kernel/money.ts'
import {
  accountOfPayer,
  CASH_PAID_ACCOUNT,
  contributionAccount,
  heldAccount,
  payableAccount,
} from '../ledger/chart.ts'
import { type Journal, type JournalEntry, journalOf } from '../ledger/journal.ts'
import {
  type AccountKind,
  PAYERS,
  type Payer,
  type Payers,
  type Scheme,
  type Totals,
} from '../rules/types.ts'

/**
 * The journal of a settlement: every payer is debited its part; the institution is credited what
 * the agency owes it, and cash at the counter is kept as a memorandum beside it. Amounts may be
 * negative, then it takes back.
 */
export function journalOfPayers(payers: Payers, scheme: Scheme, institutionCode: string): Journal {
  const entries: JournalEntry[] = []
  let owed: Money = ZERO
  for (const payer of PAYERS) {
    const amount = payers[payer]
    if (amount === ZERO) continue
    entries.push({ account: accountOfPayer(payer, scheme, institutionCode), amount })
    if (payer !== 'cash') owed = add(owed, amount)
  }
  entries.push({ account: payableAccount(institutionCode), amount: negate(owed) })
  entries.push({ account: CASH_PAID_ACCOUNT, amount: negate(payers.cash) })
  return journalOf(entries)
}

/** The journal of crediting an individual account. */
export const journalOfCredit = (kind: AccountKind, scheme: Scheme, amount: Money): Journal =>
  journalOf([
    { account: contributionAccount(scheme), amount },
    { account: heldAccount(kind), amount: negate(amount) },
  ])

/** Payers with every part combined by the given function. */
function combine(a: Payers, b: Payers, by: (x: Money, y: Money) => Money): Payers {
  const result = {} as Record<Payer, Money>
  for (const payer of PAYERS) result[payer] = by(a[payer], b[payer])
  return result
}
export const addPayers = (a: Payers, b: Payers): Payers => combine(a, b, (x, y) => add(x, y))
export const subtractPayers = (a: Payers, b: Payers): Payers => combine(a, b, subtract)

export const NO_PAYERS = Object.fromEntries(PAYERS.map((payer) => [payer, ZERO])) as Payers

export const NO_TOTALS: Totals = {
  totalExpense: ZERO,
  outsideScope: ZERO,
  overLimit: ZERO,
  preliminaryShare: ZERO,
  inScope: ZERO,
}

export const subtractTotals = (a: Totals, b: Totals): Totals => ({
  totalExpense: subtract(a.totalExpense, b.totalExpense),
  outsideScope: subtract(a.outsideScope, b.outsideScope),
  overLimit: subtract(a.overLimit, b.overLimit),
  preliminaryShare: subtract(a.preliminaryShare, b.preliminaryShare),
  inScope: subtract(a.inScope, b.inScope),
})

/**
 * When money goes back into a later benefit year, what the current-year account of the original
 * year had paid goes to the past-year account: that year's account was carried over (decisions.md
 * 9).
 */
export function returnAcrossYears(payers: Payers): Payers {
  return {
    ...payers,
    'current-year-account': ZERO,
    'past-year-account': add(payers['past-year-account'], payers['current-year-account']),
  }
}
