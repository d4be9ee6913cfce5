/** Journals: entries that sum to zero, their mirror, and the trial balance over many. Pure. */
import { invariant } from '../kernel/invariant.ts'
import { add, type Money, negate, sum, ZERO } from '../kernel/money.ts'

/** One side of a journal; debit positive, credit negative, in fen. */
export type JournalEntry = { readonly account: string; readonly amount: Money }
export type Journal = readonly JournalEntry[]

/** Entries as a journal: zero entries dropped, one entry per account, the sum zero. */
export function journalOf(entries: readonly JournalEntry[]): Journal {
  const byAccount = new Map<string, Money>()
  for (const { account, amount } of entries) {
    byAccount.set(account, add(byAccount.get(account) ?? ZERO, amount))
  }
  const journal = [...byAccount]
    .filter(([, amount]) => amount !== ZERO)
    .map(([account, amount]) => ({ account, amount }))
  invariant(sum(journal.map((entry) => entry.amount)) === ZERO, 'a journal sums to zero')
  invariant(journal.length !== 1, 'a journal has two sides')
  return journal
}

/** The same entries with their sides swapped, in reverse order. */
export const mirror = (journal: Journal): Journal =>
  [...journal].reverse().map(({ account, amount }) => ({ account, amount: negate(amount) }))

/** What stands on every account after all journals. */
export function trialBalance(journals: Iterable<Journal>): Map<string, Money> {
  const balances = new Map<string, Money>()
  for (const journal of journals) {
    for (const { account, amount } of journal) {
      balances.set(account, add(balances.get(account) ?? ZERO, amount))
    }
  }
  invariant(sum(balances.values()) === ZERO, 'the trial balance is zero')
  return balances
}
