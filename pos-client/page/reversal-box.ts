/** Whole reversal (结算撤销): who gets how much back into which pots, and why. */
import type { SettlementView } from '../../server/contract/claims.ts'
import { parseMoney } from '../../server/kernel/money.ts'
import { PAYERS } from '../../server/kernel/words.ts'
import { byId, h } from './dom.ts'
import { payerLabel } from './labels.ts'
import { send } from './local.ts'
import { say } from './sale.ts'
import { reverseWhole } from './settling.ts'
import { type Dialog, type ReturnDialog, state } from './state.ts'
import { word } from './words.ts'

/** Only a settlement of which nothing came back yet; the rest of another one is returned. */
export const mayReverse = ({ state: stage }: SettlementView): boolean => stage === 'settled'

/** Asks first. The key is made with the question: said yes to twice, it is one reversal. */
export async function openReversal(from: ReturnDialog): Promise<void> {
  if (!mayReverse(from.view)) return say(word('reverseNot'))
  const minted = await send<string>('/api/keys')
  if (!minted.ok) return say(minted.notice)
  state.dialog = { kind: 'reverse', from, key: minted.value }
  say(null)
}

export function reversalBox({ from }: Extract<Dialog, { kind: 'reverse' }>): HTMLElement {
  const { settlementNumber, person, totals, payers } = from.view.settlement
  const shares = PAYERS.filter((payer) => parseMoney(payers[payer]) !== 0n)
  const pair = (label: string, amount: string, kind: string) =>
    h('p', { class: `pair ${kind}` }, h('span', {}, label), h('span', { class: 'money' }, amount))
  return h(
    'div',
    { 'data-reverse': true },
    h('h2', {}, word('reverseTitle')),
    h('p', {}, settlementNumber),
    h('p', { class: 'big' }, [person.maskedName, person.maskedCard ?? ''].join(' ')),
    pair(word('total'), totals.totalExpense, 'total'),
    h('p', {}, word('reverseBack')),
    ...shares.map((payer) =>
      pair(payerLabel(payer), payers[payer], payer === 'cash' ? 'strong' : ''),
    ),
    h(
      'label',
      {},
      `${word('reverseReason')} `,
      h('input', {
        id: 'reverse-reason',
        value: word('reverseReasonDefault'),
        maxlength: '200',
        'data-first': true,
      }),
    ),
    h('p', { class: 'keys' }, word('reverseKeys')),
  )
}

/** Takes the yes; a reversal without a reason is not booked. */
export function submitReversal(): void {
  const reason = byId<HTMLInputElement>('reverse-reason').value.trim()
  if (reason === '') say(word('reasonMissing'))
  else void reverseWhole(reason)
}
