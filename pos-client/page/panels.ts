/** The sale at hand: search rows and cart on the left, person and live split on the right. */
import type { CatalogueEntry, EntitlementAnswer } from '../../server/contract/terminals.ts'
import { parseUnitPrice, showUnitPrice } from '../../server/kernel/money.ts'
import { fill, h } from './dom.ts'
import { isExpired } from './goods-batch.ts'
import { accountLabel, categoryLabel, classLabel, schemeLabel, timeLabel } from './labels.ts'
import type { Notice } from './local.ts'
import { addItem } from './sale.ts'
import { unitOf } from './split-pack.ts'
import { splitTable } from './split-table.ts'
import { type Line, lacksCodes, state, wantedCodes } from './state.ts'
import { currentLanguage, word } from './words.ts'

const specMaker = ({ spec, manufacturer }: CatalogueEntry): string =>
  [spec, manufacturer].filter((part) => part !== null).join(' · ')

const showPrice = (price: string): string => showUnitPrice(parseUnitPrice(price))

/** The class, and the preliminary share where there is one. */
const classOf = ({ catalogueClass, preliminaryRatio }: CatalogueEntry): string =>
  catalogueClass === 'B'
    ? `${classLabel(catalogueClass)} ${preliminaryRatio}`
    : classLabel(catalogueClass)

export function drawRows(): void {
  const rows = state.rows.map((entry, index) =>
    h(
      'li',
      {
        class: index === state.rowSelected ? 'selected' : '',
        role: 'option',
        mousedown: (event) => {
          event.preventDefault()
          addItem(entry)
        },
      },
      h('b', {}, entry.genericName),
      h('span', {}, specMaker(entry)),
      h('span', { class: 'money' }, showPrice(entry.unitPrice)),
      h('span', {}, classOf(entry)),
      h('small', {}, entry.itemCode),
    ),
  )
  fill('rows', rows.length === 0 ? null : h('ol', { role: 'listbox' }, ...rows))
}

function batchWords(line: Line): HTMLElement | null {
  const { batch } = line
  if (batch === null) return null
  const words = word('batchOfLine', { number: batch.number, on: batch.expiresOn })
  return isExpired(line)
    ? h('em', { class: 'expired' }, `▲ ${word('expired')} · ${words}`)
    : h('small', { class: 'batch' }, words)
}

function cartRow(line: Line, index: number): HTMLElement {
  const priced = state.priced?.lines[index]
  const current =
    priced?.itemCode === line.entry.itemCode &&
    priced.unit === line.unit &&
    priced.quantity === line.quantity
  // The price list knows the pack; what a unit costs is the till's to say.
  const packPrice = line.unit === 'pack' ? showPrice(line.entry.unitPrice) : '…'
  const wanted = wantedCodes(line)
  const codes =
    wanted === 0
      ? null
      : h(
          'em',
          { class: lacksCodes(line) ? 'lacking' : 'complete' },
          word('traceCodes', { given: `${line.traceCodes.length}`, wanted: `${wanted}` }),
        )
  return h(
    'tr',
    { class: index === state.selected ? 'selected' : '' },
    h('td', {}, `${index + 1}`),
    h(
      'td',
      {},
      h('b', {}, line.entry.genericName),
      ' ',
      line.unit === 'split' ? h('em', { class: 'split-pack' }, word('split')) : null,
      ' ',
      codes,
    ),
    h('td', {}, specMaker(line.entry), batchWords(line)),
    h('td', {}, classLabel(line.entry.catalogueClass)),
    h('td', { class: 'money' }, current ? showPrice(priced.unitPrice) : packPrice),
    h('td', { class: 'money' }, `${line.quantity} ${unitOf(line)}`),
    h('td', { class: `money${current ? '' : ' stale'}` }, priced?.amount ?? '…'),
  )
}

export function drawCart(): void {
  if (state.lines.length === 0) {
    fill('cart', h('p', { class: 'quiet' }, word('cartEmpty')))
    return
  }
  const heads = [
    '#',
    word('item'),
    word('specMaker'),
    '',
    word('price'),
    word('quantity'),
    word('amount'),
  ]
  fill(
    'cart',
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h('tr', {}, ...heads.map((head, at) => h('th', { class: at > 3 ? 'money' : '' }, head))),
      ),
      h('tbody', {}, ...state.lines.map(cartRow)),
    ),
  )
}

const leftRow = (label: string, amount: string): HTMLElement =>
  h('p', { class: 'pair' }, h('span', {}, label), h('span', { class: 'money' }, amount))

/** Deductible and ceiling as they stand before the sale, where the policy knows them. */
function limitsLeft(remaining: EntitlementAnswer['remaining']): HTMLElement[] {
  const { deductible = null, ceilingYearly = null } = remaining ?? {}
  return [
    ...(deductible === null ? [] : [leftRow(word('deductibleLeft'), deductible)]),
    ...(ceilingYearly === null ? [] : [leftRow(word('ceilingLeft'), ceilingYearly)]),
  ]
}

export function drawPerson(): void {
  const { person: found, entitled, balances, remaining, asOf } = state.person?.entitlement ?? {}
  const prescription = h(
    'p',
    {},
    `${word('prescription')}: ${state.prescription ?? word('prescriptionNone')}`,
  )
  if (!found) {
    fill('person', h('p', { class: 'quiet' }, word('nobody')), prescription)
    return
  }
  const facts = [
    word(found.sex === 'M' ? 'sexM' : 'sexF'),
    word('age', { age: `${found.age}` }),
    found.scheme === null ? '' : schemeLabel(found.scheme),
    found.category === null ? '' : categoryLabel(found.category),
    found.maskedCard ?? '',
  ]
  fill(
    'person',
    h('h2', {}, found.name),
    h('p', {}, facts.filter((fact) => fact !== '').join(' · ')),
    h(
      'p',
      { class: entitled ? 'good' : 'bad', 'data-entitled': entitled ? 'yes' : 'no' },
      entitled ? `● ${word('entitledYes')}` : `▲ ${word('entitledNo')}`,
    ),
    ...Object.entries(balances ?? {}).map(([kind, amount]) => leftRow(accountLabel(kind), amount)),
    ...limitsLeft(remaining ?? null),
    h('small', {}, word('asOf', { at: timeLabel(asOf ?? '') })),
    prescription,
  )
}

export function drawSplit(): void {
  const stale = state.splitStale
  const total = h(
    'p',
    { class: `total pair${stale ? ' stale' : ''}` },
    h('span', {}, word('total')),
    h('span', { class: 'money', id: 'total' }, state.priced?.total ?? '0.00'),
  )
  const split = state.split === null ? null : splitTable(state.split, stale)
  fill('split', total, split, h('small', {}, stale ? word('splitWaits') : word('unitYuan')))
}

/** What happened · money · next · number to quote. */
export function noticeBox(notice: Notice | string): HTMLElement {
  if (typeof notice === 'string') return h('div', { class: 'notice', role: 'alert' }, notice)
  const [what, money, next] = notice[currentLanguage()]
  return h(
    'div',
    { class: 'notice', role: 'alert', 'data-code': notice.code },
    h('b', {}, what),
    h('span', {}, `${word('money')}: ${money}`),
    h('span', {}, `${word('next')}: ${next}`),
    h('small', {}, `${notice.number}${notice.requestId === null ? '' : ` · ${notice.requestId}`}`),
  )
}

/** Above the cart, or above the box that covers it. */
export function drawNotice(): void {
  const box = state.notice === null ? null : noticeBox(state.notice)
  fill('notice', state.dialog === null ? box : null)
  fill('dialog-notice', state.dialog === null ? null : box)
}
