/** The return form: lines of the original receipt, how many of each come back. */
import type { SettledLine, SettlementView } from '../../server/contract/claims.ts'
import { isQuantityText, isZeroQuantity, parseQuantity } from '../../server/kernel/money.ts'
import { byId, h } from './dom.ts'
import { stateLabel } from './labels.ts'
import {
  asksForPacks,
  codesBack,
  codesScanned,
  fieldId,
  scannedId,
  scannedWords,
  takePack,
} from './return-packs.ts'
import { mayReverse, openReversal } from './reversal-box.ts'
import { say } from './sale.ts'
import { askReturn } from './settling.ts'
import type { ReturnDialog, ReturnedLine } from './state.ts'
import { word } from './words.ts'

type RowState = { readonly left: string; readonly typed: string; readonly scans: string }

function lineRow(line: SettledLine, { left, typed, scans }: RowState, isFirst: boolean) {
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
        // Room for a code that a scanner types behind the quantity.
        maxlength: '32',
        'data-first': isFirst,
      }),
      ' ',
      h('small', { id: scannedId(line.lineNo) }, scans),
    ),
  )
}

function linesTable(dialog: ReturnDialog): HTMLElement {
  const { settlement, returnable } = dialog.view
  const left = new Map(returnable.map(({ lineNo, quantity }) => [lineNo, quantity]))
  const before = new Map(dialog.typed?.map(({ lineNo, quantity }) => [lineNo, quantity]))
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
      lineRow(
        line,
        {
          left: left.get(line.lineNo) ?? '0',
          typed: before.get(line.lineNo) ?? '',
          scans: scannedWords(dialog, line),
        },
        index === 0,
      ),
    ),
  )
}

/** Only the keys that still do something. */
function keysOf(view: SettlementView): 'returnKeys' | 'returnKeysPartly' | 'closeKeys' {
  if (mayReverse(view)) return 'returnKeys'
  return view.state === 'partly-returned' ? 'returnKeysPartly' : 'closeKeys'
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
    view.settlement.lines.some((line) => asksForPacks(view, line)) ? packField(dialog) : null,
    h(
      'label',
      {},
      `${word('returnReason')} `,
      h('input', { id: 'return-reason', value: word('returnReasonDefault'), maxlength: '200' }),
    ),
    mayReverse(view) ? h('button', reverse, word('reverseButton')) : null,
    h('p', { class: 'keys' }, word(keysOf(view))),
  )
}

/** For a code typed off the pack; a scanner may fire at any field of the form. */
function packField(dialog: ReturnDialog): HTMLElement {
  const input = h('input', { id: 'return-pack', maxlength: '32', autocomplete: 'off' })
  input.addEventListener('keydown', (event) => {
    const code = input.value.trim()
    if (event.key !== 'Enter' || code === '') return
    event.preventDefault()
    event.stopPropagation()
    input.value = ''
    takePack(dialog, code)
  })
  return h('label', {}, `${word('returnPacks')} `, input)
}

/** Reads the form and returns what it names. */
export function submitReturn(dialog: ReturnDialog): void {
  const { view } = dialog
  const lines: ReturnedLine[] = []
  for (const line of view.settlement.lines) {
    const { lineNo } = line
    const quantity = byId<HTMLInputElement>(fieldId(lineNo)).value.trim()
    if (!isQuantityText(quantity) || isZeroQuantity(parseQuantity(quantity))) continue
    const traceCodes = codesBack(view, line, quantity, codesScanned(dialog))
    if (traceCodes === null) {
      byId('return-pack').focus()
      say(word('returnPacksMissing', { line: `${lineNo}`, count: quantity }))
      return
    }
    lines.push({ lineNo, quantity, traceCodes: [...traceCodes] })
  }
  const reason = byId<HTMLInputElement>('return-reason').value.trim()
  void askReturn(lines, reason === '' ? word('returnReasonDefault') : reason)
}
