/** Before a return is made: which goods come back, and who gets how much into which pots. */
import { formatMoney, negate, parseMoney } from '../../server/kernel/money.ts'
import { PAYERS } from '../../server/kernel/words.ts'
import { h } from './dom.ts'
import { payerLabel } from './labels.ts'
import type { ReturnQuestion } from './state.ts'
import { word } from './words.ts'

/**
 * The centre names what goes back below zero; the question says it the way money is handed over. A
 * share that goes the other way keeps its minus.
 */
const back = (amount: string): string => formatMoney(negate(parseMoney(amount)))

export function returnQuestionBox({ from, presettlement }: ReturnQuestion): HTMLElement {
  const { lines, totals, payers } = presettlement
  const { settlementNumber, person } = from.view.settlement
  const pair = (label: string, amount: string, kind: string) =>
    h('p', { class: `pair ${kind}` }, h('span', {}, label), h('span', { class: 'money' }, amount))
  return h(
    'div',
    { 'data-return-confirm': true },
    h('h2', {}, word('returnAsk')),
    h('p', {}, settlementNumber),
    h('p', { class: 'big' }, [person.maskedName, person.maskedCard ?? ''].join(' ')),
    ...lines.map(({ name, quantity, unitName, amount, traceCodes }) => {
      const tails = traceCodes.map((code) => `…${code.slice(-6)}`).join(' ')
      return pair(`${name} ${quantity} ${unitName} ${tails}`, back(amount), '')
    }),
    pair(word('total'), back(totals.totalExpense), 'total'),
    h('p', {}, word('reverseBack')),
    ...PAYERS.filter((payer) => parseMoney(payers[payer]) !== 0n).map((payer) =>
      pair(payerLabel(payer), back(payers[payer]), payer === 'cash' ? 'strong' : ''),
    ),
    h('p', {}, word('returnFinal')),
    h('p', { class: 'keys' }, word('returnAskKeys')),
  )
}
