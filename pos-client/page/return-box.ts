/** The return form: lines of the original receipt, how many of each come back. */
import type { SettledLine, SettlementView } from '../../server/contract/claims.ts'
import { isQuantityText, isZeroQuantity, parseQuantity } from '../../server/kernel/money.ts'
import { byId, h } from './dom.ts'
import { stateLabel } from './labels.ts'
import { type ReturnedLine, returnGoods } from './settling.ts'
import type { Dialog } from './state.ts'
import { word } from './words.ts'

type ReturnDialog = Extract<Dialog, { kind: 'return' }>

const fieldId = (lineNo: number): string => `return-${lineNo}`

export function returnBox({ view }: ReturnDialog): HTMLElement {
  const { settlement, returnable } = view
  const left = new Map(returnable.map(({ lineNo, quantity }) => [lineNo, quantity]))
  const rows = settlement.lines.map((line, index) =>
    h(
      'tr',
      {},
      h('td', {}, `${line.lineNo}`),
      h('td', {}, h('b', {}, line.name)),
      h('td', { class: 'money' }, `${line.quantity} ${line.unitName}`),
      h('td', { class: 'money' }, line.amount),
      h('td', { class: 'money' }, left.get(line.lineNo) ?? '0'),
      h(
        'td',
        {},
        h('input', {
          id: fieldId(line.lineNo),
          inputmode: 'decimal',
          maxlength: '12',
          'data-first': index === 0,
        }),
      ),
    ),
  )
  const heads = ['#', word('item'), word('quantity'), word('amount'), word('returnable')]
  return h(
    'div',
    { 'data-return': true },
    h('h2', {}, word('returnTitle')),
    h(
      'p',
      {},
      [settlement.settlementNumber, settlement.person.maskedName, stateLabel(view.state)].join(
        ' · ',
      ),
    ),
    h(
      'table',
      {},
      h('tr', {}, ...[...heads, word('returnQuantity')].map((head) => h('th', {}, head))),
      ...rows,
    ),
    h(
      'label',
      {},
      `${word('returnReason')} `,
      h('input', { id: 'return-reason', value: word('returnReasonDefault'), maxlength: '200' }),
    ),
    h('p', { class: 'keys' }, word('returnKeys')),
  )
}

/** The codes of the first packs not back yet; units of a split pack come back to their one pack. */
function codesBack(line: SettledLine, gone: ReadonlySet<string>, quantity: string): string[] {
  if (line.unit === 'split') return [...line.traceCodes]
  const codes = line.traceCodes.filter((code) => !gone.has(code))
  if (!/^\d{1,3}$/.test(quantity)) return codes
  return codes.slice(0, Number.parseInt(quantity, 10))
}

/** Reads the form and returns what it names. */
export function submitReturn(view: SettlementView): void {
  const lines: ReturnedLine[] = []
  const gone = new Set(view.takenBack.flatMap((one) => one.lines.flatMap((l) => l.traceCodes)))
  for (const line of view.settlement.lines) {
    const quantity = byId<HTMLInputElement>(fieldId(line.lineNo)).value.trim()
    if (!isQuantityText(quantity) || isZeroQuantity(parseQuantity(quantity))) continue
    lines.push({ lineNo: line.lineNo, quantity, traceCodes: codesBack(line, gone, quantity) })
  }
  const reason = byId<HTMLInputElement>('return-reason').value.trim()
  void returnGoods(lines, reason === '' ? word('returnReasonDefault') : reason)
}
