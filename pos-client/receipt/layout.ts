/**
 * A receipt as data: blocks in order, for 80 mm paper (48 columns, a Chinese character takes two).
 * Fields after users.md 3.1.
 */
import type { SettledLine, SettlementAnswer } from '../../server/contract/claims.ts'
import { localTimeText, parseInstant } from '../../server/kernel/calendar.ts'
import { moneyInCapitals } from '../../server/kernel/capitals.ts'
import { invariant, unreachable } from '../../server/kernel/invariant.ts'
import {
  formatMoney,
  formatRatio,
  parseMoney,
  parseRatio,
  parseUnitPrice,
  ratioTimes,
  showUnitPrice,
  subtract,
  sum,
} from '../../server/kernel/money.ts'
import { PAYERS } from '../../server/kernel/words.ts'
import { noteWords } from '../../server/rules/limit-words.ts'
import { fundReasons } from './fund-reasons.ts'
import { sumsDiffer } from './sums.ts'
import {
  ACCOUNT_WORDS,
  CATEGORY_WORDS,
  CLASS_WORDS,
  FUNDS,
  PAYER_WORDS,
  SCHEME_WORDS,
  SERVICE_WORDS,
  TITLE_WORDS,
} from './words.ts'

export type Block =
  | { readonly kind: 'title'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'pair'; readonly left: string; readonly right: string; readonly strong?: true }
  | { readonly kind: 'rule' }
  | { readonly kind: 'code'; readonly text: string }

export type ReceiptLayout = readonly Block[]

export type ReceiptOptions = {
  /** 1 for the first print; from 2 on the paper says 补打. 0 where only a screen shows it. */
  readonly copy: number
  /** Cash handed over, in yuan, where the cashier typed it. */
  readonly tendered: string | null
}

const text = (words: string): Block => ({ kind: 'text', text: words })
const pair = (left: string, right: string): Block => ({ kind: 'pair', left, right })
const strong = (left: string, right: string): Block => ({ kind: 'pair', left, right, strong: true })
const RULE: Block = { kind: 'rule' }
const isZero = (amount: string): boolean => parseMoney(amount) === 0n

/** The blocks of a document, or null where its sums differ and nothing may be printed. */
export function layOutReceipt(
  document: SettlementAnswer,
  options: ReceiptOptions,
): ReceiptLayout | null {
  if (sumsDiffer(document) !== null) return null
  return [
    ...headOf(document, options.copy),
    RULE,
    ...personOf(document),
    RULE,
    ...document.lines.flatMap(lineOf),
    RULE,
    ...totalsOf(document),
    RULE,
    ...payersOf(document, options.tendered),
    ...reasonsOf(document),
    RULE,
    ...remainingOf(document),
    RULE,
    ...footOf(document),
  ]
}

function headOf(document: SettlementAnswer, copy: number): Block[] {
  const { institution, originalNumber } = document
  const again = copy > 1 ? `(补打第 ${copy - 1} 次)` : ''
  const at = parseInstant(document.settledAt)
  invariant(at !== null, 'a settled document names its instant')
  return [
    { kind: 'title', text: institution.name },
    text(`机构编码 ${institution.code}`),
    ...(institution.phone === null ? [] : [text(`电话 ${institution.phone}`)]),
    { kind: 'title', text: `${TITLE_WORDS[document.kind]}${again}` },
    text(`结算单号 ${document.settlementNumber}`),
    text(`交易流水号 ${document.settlementId}`),
    ...(originalNumber === null ? [] : [text(`原结算单号 ${originalNumber}`)]),
    pair(`结算时间 ${localTimeText(at)}`, ''),
    pair(`收银员 ${document.operatorCode}`, `终端 ${document.terminalId.slice(-8)}`),
  ]
}

function personOf(document: SettlementAnswer): Block[] {
  const { person, prescriptionNumber } = document
  return [
    pair(
      `姓名 ${person.maskedName}`,
      person.maskedCard === null ? '' : `卡号 ${person.maskedCard}`,
    ),
    pair(
      `险种 ${SCHEME_WORDS[person.scheme]}`,
      `类别 ${CATEGORY_WORDS[person.category] ?? person.category}`,
    ),
    pair(`医疗类别 ${SERVICE_WORDS[document.serviceKind]}`, `就诊日期 ${document.serviceDay}`),
    ...(prescriptionNumber === null ? [] : [text(`处方号 ${prescriptionNumber}`)]),
  ]
}

/** Which limit made the line the person's own, in the catalogue's words. */
const limitOf = ({ code, detail }: SettledLine['notes'][number]): Block[] =>
  code === 'limit-not-met' ? [text(`  ${noteWords({ code, detail }, 'zh')}`)] : []

function lineOf(line: SettledLine): Block[] {
  const limit = isZero(line.overLimit) ? '' : ` 限价超出 ${line.overLimit}`
  const codes = line.traceCodes.map((code) => code.slice(-6)).join(' ')
  const { batch } = line
  return [
    text(`${line.name}${line.spec === null ? '' : ` ${line.spec}`}`),
    ...(line.manufacturer === null ? [] : [text(`  ${line.manufacturer}`)]),
    ...(batch === null ? [] : [text(`  批号 ${batch.number} 有效期至 ${batch.expiresOn}`)]),
    pair(
      `  ${line.quantity} ${line.unitName} × ${showUnitPrice(parseUnitPrice(line.unitPrice))}`,
      line.amount,
    ),
    text(`  ${CLASS_WORDS[line.catalogueClass]}类 ${ownShareOf(line)}${limit}`),
    ...line.notes.flatMap(limitOf),
    ...(codes === '' ? [] : [text(`  追溯码尾号 ${codes}`)]),
  ]
}

const HUNDRED = parseRatio('100')
const inPerCent = (ratio: string): string =>
  `${formatRatio(ratioTimes(parseRatio(ratio), HUNDRED))}%`

/** Class C has no ratio: all of it lies outside the scope. */
const ownShareOf = ({ catalogueClass, preliminaryRatio }: SettledLine): string =>
  catalogueClass === 'C' ? '全自费' : `先行自付比例 ${inPerCent(preliminaryRatio)}`

function totalsOf({ totals, remaining }: SettlementAnswer): Block[] {
  const { totalExpense, outsideScope, preliminaryShare, overLimit, inScope } = totals
  return [
    strong('合计', totalExpense),
    text(`人民币${moneyInCapitals(parseMoney(totalExpense))}`),
    pair('全自费', outsideScope),
    pair('先行自付', preliminaryShare),
    pair('超限价', overLimit),
    pair('政策范围内', inScope),
    ...(remaining.deductible === null ? [] : [pair('起付线尚余', remaining.deductible)]),
  ]
}

function payersOf({ payers }: SettlementAnswer, tendered: string | null): Block[] {
  const funds = formatMoney(sum(FUNDS.map((fund) => parseMoney(payers[fund]))))
  const shown = PAYERS.filter((payer) => payer !== 'cash' && !isZero(payers[payer]))
  return [
    ...shown.map((payer) => pair(PAYER_WORDS[payer], payers[payer])),
    pair('基金支付合计', funds),
    strong(PAYER_WORDS.cash, payers.cash),
    ...(tendered === null
      ? []
      : [
          pair('实收', formatMoney(parseMoney(tendered))),
          pair('找零', formatMoney(subtract(parseMoney(tendered), parseMoney(payers.cash)))),
        ]),
  ]
}

/** Why the funds pay nothing or not all; a document that takes back says nothing of its own. */
const reasonsOf = (document: SettlementAnswer): Block[] =>
  document.kind === 'settlement' ? fundReasons(document, 'zh').map((why) => text(`注:${why}`)) : []

/** What is left of the year's limit, in words that name what it counts. */
function ceilingWords(on: SettlementAnswer['remaining']['ceilingOn']): string {
  switch (on) {
    case 'in_scope_expense':
      return '门诊限额(政策范围内费用)尚余'
    case 'fund_pay':
      return '门诊限额(统筹基金支付)尚余'
    case null:
    case undefined:
      return '年度限额尚余'
    default:
      return unreachable(on)
  }
}

function remainingOf({ remaining }: SettlementAnswer): Block[] {
  const accounts = Object.entries(remaining.accounts)
  return [
    ...accounts.map(([kind, amount]) => pair(ACCOUNT_WORDS[kind] ?? kind, amount)),
    ...(remaining.ceilingYearly === null
      ? []
      : [pair(ceilingWords(remaining.ceilingOn), remaining.ceilingYearly)]),
  ]
}

/** The policy, and the digest of its text in a row of its own: neither breaks inside on paper. */
function policyOf(version: string): Block[] {
  const [id = '', digest] = version.split('#')
  return [text(`政策 ${id}`), ...(digest === undefined ? [] : [text(`  #${digest}`)])]
}

function footOf({ institution, settlementNumber, policyVersions }: SettlementAnswer): Block[] {
  return [
    pair('参保人签字', '________________'),
    text(`查询电话 ${institution.phone ?? '12393'}`),
    { kind: 'code', text: settlementNumber },
    text('退货须凭本单。请妥善保管。'),
    ...policyVersions.flatMap(policyOf),
  ]
}
