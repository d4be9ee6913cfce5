/** The return form: lines of the original receipt, how many of each come back. */
import type { SettledLine, SettlementView } from '../../server/contract/claims.ts'
import { isQuantityText, isZeroQuantity, parseQuantity } from '../../server/kernel/money.ts'
import { byId, h } from './dom.ts'
import { stateLabel } from './labels.ts'
import { mayReverse, openReversal } from './reversal-box.ts'
import { askReturn } from './settling.ts'
import type { ReturnDialog, ReturnedLine } from './state.ts'
import { word } from './words.ts'

const fieldId = (lineNo: number): string => `return-${lineNo}`

function lineRow(line: SettledLine, left: string, typed: string, isFirst: boolean): HTMLElement {
  return h(
    'tr',
    {},
    h('td', {}, `${line.lineNo}`),
    h('td', {}, h('b', {}, line.name)),
    h('td', { class: 'money' }, `${line.quantity} ${line.unitName}`),
    h('td', { class: 'money' }, line.amount),
    h('td', { class: 'money' }, left),
    h(
      'td',
      {},
      h('input', {
        id: fieldId(line.lineNo),
        value: typed,
        inputmode: 'decimal',
        maxlength: '12',
        'data-first': isFirst,
      }),
    ),
  )
}

function linesTable({ view: { settlement, returnable }, typed }: ReturnDialog): HTMLElement {
  const left = new Map(returnable.map(({ lineNo, quantity }) => [lineNo, quantity]))
  const before = new Map(typed?.map(({ lineNo, quantity }) => [lineNo, quantity]))
  const heads = ['#', word('item'), word('quantity'), word('amount'), word('returnable')]
  return h(
    'table',
    {},
    h(
      'tr',
      {},
      ...heads.map((head, at) => h('th', { class: at > 1 ? 'money' : '' }, head)),
      h('th', {}, word('returnQuantity')),
    ),
    ...settlement.lines.map((line, index) =>
      lineRow(line, left.get(line.lineNo) ?? '0', before.get(line.lineNo) ?? '', index === 0),
    ),
  )
}

export function returnBox(dialog: ReturnDialog): HTMLElement {
  const { view } = dialog
  const { settlementNumber, person } = view.settlement
  const reverse = { type: 'button', id: 'reverse', click: () => void openReversal(dialog) }
  return h(
    'div',
    { 'data-return': true },
    h('h2', {}, word('returnTitle')),
    h('p', {}, [settlementNumber, person.maskedName, stateLabel(view.state)].join(' · ')),
    linesTable(dialog),
    h(
      'label',
      {},
      `${word('returnReason')} `,
      h('input', { id: 'return-reason', value: word('returnReasonDefault'), maxlength: '200' }),
    ),
    mayReverse(view) ? h('button', reverse, word('reverseButton')) : null,
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
  void askReturn(lines, reason === '' ? word('returnReasonDefault') : reason)
}
