/** Our own layout of opening balances (期初余额): whose account, how much, and why. */
import type { HolderName } from '../../../db/import/holders.ts'
import { type Money, parseMoney, ZERO } from '../../kernel/money.ts'
import type { AccountKind } from '../../rules/types.ts'
import type { Cells } from '../cells.ts'
import { readIdNumber } from '../id-number.ts'
import type { Profile } from '../profile.ts'

export type BalanceDraft = HolderName & {
  readonly account: AccountKind
  readonly amount: Money
  readonly reason: string
}

const ACCOUNTS = {
  'current-year-account': 'current-year-account',
  'past-year-account': 'past-year-account',
  'household-account': 'household-account',
  当年账户: 'current-year-account',
  历年账户: 'past-year-account',
  家庭账户: 'household-account',
} as const satisfies Record<string, AccountKind>

function readHolder(cells: Cells): HolderName {
  const cardNumber = cells.optional('card_number')
  const idNumber = cells.optional('id_number')?.toUpperCase() ?? null
  if (cardNumber === null && idNumber === null) cells.blame('card_number', 'holder-missing')
  const read = idNumber === null ? null : readIdNumber(idNumber)
  if (read?.ok === false) cells.blame('id_number', read.code)
  return { cardNumber, idNumber }
}

function readAmount(cells: Cells): Money {
  const text = cells.money('amount')
  if (text === null) return ZERO
  const amount = parseMoney(text)
  if (amount === ZERO) cells.blame('amount', 'amount-zero')
  return amount
}

function readBalance(cells: Cells): BalanceDraft {
  if (cells.raw('account') === '') cells.blame('account', 'cell-missing')
  return {
    ...readHolder(cells),
    account: cells.choice('account', ACCOUNTS) ?? 'current-year-account',
    amount: readAmount(cells),
    reason: cells.formed('reason', /^.{1,200}$/),
  }
}

export const BALANCES: readonly Profile<'balances'>[] = [
  {
    name: 'own-balances-by-card',
    subject: 'balances',
    headers: ['card_number', 'account', 'amount', 'reason'],
    read: readBalance,
  },
  {
    name: 'own-balances-by-id-number',
    subject: 'balances',
    headers: ['id_number', 'account', 'amount', 'reason'],
    read: readBalance,
  },
]
