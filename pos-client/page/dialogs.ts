/** Boxes over the sale: help, prescription, reason, confirm, outcome, last sales, return. */
import { formatMoney, parseMoney, subtract } from '../../server/kernel/money.ts'
import { batchIn } from '../devices/pack-text.ts'
import { cardPinField } from './card-pin-field.ts'
import { h } from './dom.ts'
import { expiredWords, isExpired } from './goods-batch.ts'
import { KEY_HELP } from './keys.ts'
import { kindLabel, stateLabel, timeLabel } from './labels.ts'
import { noticeBox } from './panels.ts'
import { returnBox } from './return-box.ts'
import { returnQuestionBox } from './return-question.ts'
import { reversalBox } from './reversal-box.ts'
import { identify, say, setBatch, setPrescription } from './sale.ts'
import { otherServiceDay, type SaleRow, stateOfRow } from './sale-rows.ts'
import { compensateFormer, openReturn } from './settling.ts'
import { sameShares, splitTable } from './split-table.ts'
import { type Dialog, state } from './state.ts'
import { shortfall } from './tender.ts'
import { type WordKey, word } from './words.ts'

type Of<Kind extends Dialog['kind']> = Extract<Dialog, { kind: Kind }>

/** A box with one field; Enter takes it. */
function fieldBox(title: string, start: string, take: (text: string) => void): HTMLElement {
  const input = h('input', { value: start, 'data-first': true, maxlength: '64' })
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    event.stopPropagation()
    take(input.value.trim())
  })
  return h('div', {}, h('h2', {}, title), input, h('p', { class: 'keys' }, word('fieldKeys')))
}

/** Two fields, typed or scanned; Enter goes to the second and then takes both. */
function batchBox(): HTMLElement {
  const line = state.lines[state.selected]
  const number = h('input', { id: 'batch-number', value: line?.batch?.number ?? '' })
  const expiry = h('input', { id: 'batch-expiry', value: line?.batch?.expiresOn ?? '' })
  number.setAttribute('data-first', '')
  number.maxLength = 32
  expiry.maxLength = 12
  const onEnter = (field: HTMLInputElement, then: () => void) =>
    field.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.repeat) return
      event.preventDefault()
      then()
    })
  onEnter(number, () => expiry.focus())
  onEnter(expiry, () => {
    const batch = batchIn(number.value.trim(), expiry.value)
    if (batch === 'wrong') return say(word('batchWrong'))
    state.dialog = null
    setBatch(batch)
    const named = state.lines[state.selected]
    if (named !== undefined && isExpired(named)) say(expiredWords(named))
  })
  return h(
    'div',
    { 'data-batch': true },
    h('h2', {}, line?.entry.genericName ?? ''),
    h('label', {}, `${word('batchNumber')} `, number),
    h('label', {}, `${word('batchExpiry')} `, expiry),
    h('p', { class: 'keys' }, word('batchKeys')),
  )
}

function helpBox(): HTMLElement {
  const rows = KEY_HELP.map(([key, name]) => h('tr', {}, h('th', {}, key), h('td', {}, word(name))))
  return h('div', {}, h('h2', {}, word('helpTitle')), h('table', {}, ...rows))
}

function confirmBox({ presettlement }: Of<'confirm'>): HTMLElement {
  const person = state.person?.entitlement.person
  const hasPin = person?.hasPin === true
  return h(
    'div',
    { 'data-confirm': true },
    h('h2', {}, word('confirmTitle')),
    h('p', { class: 'big' }, person?.name ?? ''),
    h(
      'p',
      { class: 'total pair' },
      h('span', {}, word('total')),
      h('span', { class: 'money' }, presettlement.totals.totalExpense),
    ),
    splitTable(presettlement, false),
    hasPin ? cardPinField() : null,
    h('p', { class: 'keys' }, word(hasPin ? 'confirmYesPin' : 'confirmYes')),
  )
}

/** Cash given and change; whole fen, by the kernel's money. */
function tenderBox(cash: string): HTMLElement {
  const input = h('input', {
    id: 'tendered',
    inputmode: 'decimal',
    placeholder: `${word('exact')} ${cash}`,
    'data-first': true,
  })
  const change = h('b', { class: 'money', id: 'change' }, '0.00')
  input.addEventListener('input', () => {
    const given = input.value.trim()
    const missing = given === '' ? '0.00' : shortfall(given, cash)
    change.textContent = missing ?? formatMoney(subtract(parseMoney(given), parseMoney(cash)))
  })
  return h(
    'p',
    { class: 'tender' },
    h('label', {}, `${word('tendered')} `, input),
    h('span', {}, `${word('change')} `, change),
  )
}

const DONE_TITLES = {
  settle: 'settledTitle',
  return: 'returnedTitle',
  reverse: 'reversedTitle',
  compensate: 'compensatedTitle',
  'record-trace-codes': 'codesRecordedTitle',
} as const satisfies Record<Of<'outcome'>['view']['operation'], WordKey>

const owesCash = ({ operation, document }: Of<'outcome'>['view']): boolean =>
  operation === 'settle' && document !== null && parseMoney(document.payers.cash) > 0n

const compensateButton = (key: string): HTMLElement =>
  h('button', { type: 'button', click: () => void compensateFormer(key) }, word('compensateFormer'))

function outcomeBox({ view, confirmed }: Of<'outcome'>): HTMLElement {
  const { state: stage, document, operation } = view
  if (stage === 'sending' || stage === 'unknown') {
    const busy = operation === 'settle' ? 'sending' : 'takingBack'
    // Sent into a dead line, it is unknown to the cashier before the till has given up waiting.
    const lineDown = state.status?.link === false
    const title = word(stage === 'sending' && !lineDown ? busy : 'unknownTitle')
    return h(
      'div',
      { 'data-outcome': stage, class: lineDown ? 'unknown' : stage },
      h('h2', { role: 'alert' }, title),
    )
  }
  if (stage !== 'answered' || document === null) {
    return h(
      'div',
      { 'data-outcome': stage },
      h('h2', {}, word(stage === 'foreign' ? 'foreignTitle' : 'refusedTitle')),
      view.notice === null ? null : noticeBox(view.notice),
      stage === 'foreign' ? compensateButton(view.key) : null,
      h('p', { class: 'keys' }, word('closeKeys')),
    )
  }
  const moved = confirmed !== null && !sameShares(confirmed, document)
  return h(
    'div',
    { 'data-outcome': 'answered' },
    h('h2', {}, word(DONE_TITLES[operation])),
    moved ? noticeBox(word('splitMoved')) : null,
    h('p', {}, `${word('number')} `, h('b', { id: 'number' }, document.settlementNumber)),
    h('p', { class: 'big' }, `${document.person.maskedName} ${document.totals.totalExpense}`),
    splitTable(document, false),
    owesCash(view) ? tenderBox(document.payers.cash) : null,
    h('p', { class: 'keys' }, word(operation === 'settle' ? 'afterSettle' : 'afterTakeBack')),
  )
}

/** What the document is, and for a settlement that was taken back, in how far. */
function rowWords(item: SaleRow, items: readonly SaleRow[]): (string | HTMLElement)[] {
  if (item.kind !== 'settlement') return [kindLabel(item.kind)]
  const stage = stateOfRow(item, items)
  return stage === 'settled' ? [kindLabel(item.kind)] : [h('em', {}, stateLabel(stage))]
}

function serviceDayOf(item: SaleRow): HTMLElement | null {
  const day = otherServiceDay(item)
  return day === null ? null : h('small', {}, word('serviceDay', { day }))
}

function salesBox({ items }: Of<'sales'>): HTMLElement {
  const heads = [word('number'), word('time'), '', word('total'), word('cashPays'), '']
  const rows = items.map((item, index) =>
    h(
      'li',
      {},
      h(
        'button',
        {
          type: 'button',
          'data-first': index === 0,
          'data-id': item.settlementId,
          // What was taken back is reached through its settlement; its slip is printed from here.
          click: () =>
            item.kind === 'settlement'
              ? void openReturn(item.settlementId)
              : say(word('takenBackRow')),
        },
        h('span', {}, item.settlementNumber),
        h('span', {}, timeLabel(item.settledAt), serviceDayOf(item)),
        h('span', {}, item.maskedName),
        h('span', { class: 'money' }, item.totalExpense),
        h('span', { class: 'money' }, item.cashPays),
        h('span', {}, ...rowWords(item, items)),
      ),
    ),
  )
  const head = h('p', { class: 'row' }, ...heads.map((name) => h('small', {}, name)))
  return h(
    'div',
    { 'data-sales': true },
    h('h2', {}, word('salesTitle')),
    rows.length === 0
      ? h('p', {}, word('salesNone'))
      : h('div', {}, head, h('ol', { class: 'sales' }, ...rows)),
    h('p', { class: 'keys' }, word('chooseKeys')),
  )
}

export function dialogBox(dialog: Dialog): HTMLElement {
  switch (dialog.kind) {
    case 'help':
      return helpBox()
    case 'prescription':
      return fieldBox(word('prescription'), state.prescription ?? '', (text) => {
        state.dialog = null
        setPrescription(text)
      })
    case 'batch':
      return batchBox()
    case 'reason': {
      const { idNumber: number } = dialog
      return fieldBox(word('reasonTitle'), word('reasonDefault'), (reason) => {
        if (reason !== '') void identify({ kind: 'id-number', number, reason })
      })
    }
    case 'confirm':
      return confirmBox(dialog)
    case 'outcome':
      return outcomeBox(dialog)
    case 'sales':
      return salesBox(dialog)
    case 'return-number':
      return fieldBox(word('returnNumber'), '', (text) => void openReturn(text))
    case 'return':
      return returnBox(dialog)
    case 'return-confirm':
      return returnQuestionBox(dialog)
    case 'reverse':
      return reversalBox(dialog)
  }
}
