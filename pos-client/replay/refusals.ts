/** Why the till itself does not sell a row of an old list again. */
import type { RefusalSentence } from '../../server/kernel/refusal.ts'
import type { Notice } from '../server-gateway/notice.ts'

const UNMOVED = { zh: '没有发送,没有发生任何扣款', en: 'nothing was sent, no money moved' } as const

type Reason = {
  readonly number: string
  readonly zh: string
  readonly en: string
  next: RefusalNext
}
type RefusalNext = readonly [zh: string, en: string]
const CORRECT: RefusalNext = ['改正该行后重新回放', 'correct the row and replay again']

const REASONS = {
  'row-empty': { number: 'T-RPL-101', zh: '空行', en: 'An empty row', next: CORRECT },
  'row-repeated': {
    number: 'T-RPL-102',
    zh: '行号重复',
    en: 'A row number that stood before',
    next: CORRECT,
  },
  'day-missing': { number: 'T-RPL-103', zh: '没有日期', en: 'No day', next: CORRECT },
  'day-invalid': {
    number: 'T-RPL-104',
    zh: '日历上没有这一天',
    en: 'A day that the calendar does not have',
    next: CORRECT,
  },
  'card-missing': { number: 'T-RPL-105', zh: '没有卡号', en: 'No card', next: CORRECT },
  'product-missing': { number: 'T-RPL-106', zh: '没有商品名', en: 'No product', next: CORRECT },
  'quantity-invalid': {
    number: 'T-RPL-107',
    zh: '没有数量或数量不是数',
    en: 'No quantity, or none that is a number',
    next: CORRECT,
  },
  'quantity-zero': { number: 'T-RPL-108', zh: '数量为零', en: 'A quantity of zero', next: CORRECT },
  'amount-invalid': {
    number: 'T-RPL-109',
    zh: '实收金额不是正数金额',
    en: 'An amount received that is none above zero',
    next: CORRECT,
  },
  'price-inexact': {
    number: 'T-RPL-110',
    zh: '六位小数的单价乘数量得不到实收金额',
    en: 'No price of six decimals comes to the amount received',
    next: CORRECT,
  },
  'item-unmatched': {
    number: 'T-RPL-111',
    zh: '目录中没有该商品,也没有未对照商品项',
    en: 'The catalogue knows neither the product nor a catch-all item',
    next: ['用 --unmatched 给出项目编码', 'name an item with --unmatched'],
  },
  'sale-missing': {
    number: 'T-RPL-112',
    zh: '退货找不到数量足够的已结算原销售',
    en: 'A return without a settled sale of the same card and product with enough left',
    next: ['在原销售结算后重新回放', 'replay again once the sale is settled'],
  },
  'not-sent': {
    number: 'T-RPL-113',
    zh: '此前有结果未知的销售,本行没有发送',
    en: 'A sale before this row has no known outcome, so this one was not sent',
    next: ['稍候重新执行同一命令', 'run the same line again shortly'],
  },
} as const satisfies Record<string, Reason>

export type ReplayRefusalCode = keyof typeof REASONS
export const REPLAY_REFUSAL_CODES = Object.keys(REASONS) as ReplayRefusalCode[]

/** The three sentences of a reason, in both languages. */
export function replayNotice(code: ReplayRefusalCode): Notice {
  const { number, zh, en, next } = REASONS[code]
  const sentences: { zh: RefusalSentence; en: RefusalSentence } = {
    zh: [zh, UNMOVED.zh, next[0]],
    en: [en, UNMOVED.en, next[1]],
  }
  return { code, number, ...sentences, requestId: null }
}
