/** Who pays what, in the order of the receipt; only shares above nothing. */
import type { PresettlementAnswer } from '../../server/contract/claims.ts'
import { isMoneyText, parseMoney } from '../../server/kernel/money.ts'
import { PAYERS } from '../../server/kernel/words.ts'
import { fundReasons, isWithoutPrescription } from '../receipt/fund-reasons.ts'
import { h } from './dom.ts'
import { accountLabel, payerLabel } from './labels.ts'
import { currentLanguage, word } from './words.ts'

type Split = Pick<PresettlementAnswer, 'lines' | 'payers' | 'totals' | 'remaining'>
type Shares = Pick<Split, 'payers'>

const row = (label: string, amount: string, name: string, strong = false): HTMLElement =>
  h(
    'p',
    { class: `pair${strong ? ' strong' : ''}`, 'data-share': name },
    h('span', {}, label),
    h('span', { class: 'money' }, amount),
  )

/** One line: why the funds pay nothing or not all, and the key that may change it. */
function reasonRow(split: Split): HTMLElement | null {
  const reasons = fundReasons(split, currentLanguage())
  if (reasons.length === 0) return null
  if (isWithoutPrescription(split)) reasons.push(word('prescriptionHint'))
  return h('p', { class: 'reason', 'data-fund-reason': true }, reasons.join(' · '))
}

export function splitTable(split: Split, stale: boolean): HTMLElement {
  const { payers, totals, remaining } = split
  const shares = PAYERS.filter((payer) => payer !== 'cash' && parseMoney(payers[payer]) !== 0n)
  const { deductible, ceilingYearly } = remaining
  return h(
    'div',
    { class: `split${stale ? ' stale' : ''}`, 'data-split': stale ? 'stale' : 'current' },
    ...shares.map((payer) => row(payerLabel(payer), payers[payer], payer)),
    row(word('cashPays'), payers.cash, 'cash', true),
    reasonRow(split),
    h('hr'),
    row(word('outsideScope'), totals.outsideScope, 'outside-scope'),
    row(word('preliminaryShare'), totals.preliminaryShare, 'preliminary-share'),
    row(word('overLimit'), totals.overLimit, 'over-limit'),
    row(word('inScope'), totals.inScope, 'in-scope'),
    h('hr'),
    deductible === null ? null : row(word('deductibleLeft'), deductible, 'deductible'),
    ceilingYearly === null ? null : row(word('ceilingLeft'), ceilingYearly, 'ceiling'),
    ...Object.entries(remaining.accounts).map(([kind, amount]) =>
      row(accountLabel(kind), amount, `balance-${kind}`),
    ),
  )
}

/** Whether two splits name the same shares, to the fen. */
export const sameShares = (a: Shares, b: Shares): boolean =>
  PAYERS.every((payer) => {
    const both = [a.payers[payer], b.payers[payer]]
    return both.every(isMoneyText) && parseMoney(both[0] ?? '0') === parseMoney(both[1] ?? '0')
  })
