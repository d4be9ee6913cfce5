/** Words of the contract (schemes, categories, accounts, kinds) as the page shows them. */
import { localTimeText, parseInstant } from '../../server/kernel/calendar.ts'
import type { Payer } from '../../server/kernel/words.ts'
import {
  ACCOUNT_WORDS,
  CATEGORY_WORDS,
  CLASS_WORDS,
  PAYER_WORDS,
  SCHEME_WORDS,
} from '../receipt/words.ts'
import { currentLanguage } from './words.ts'

const KIND_WORDS = { settlement: '结算', reversal: '撤销', return: '退货' } as const
const STATE_WORDS = {
  settled: '已结算',
  'partly-returned': '部分退货',
  returned: '已退货',
  reversed: '已撤销',
} as const

/** The Chinese word of a table, or the contract's own English word without its hyphens. */
const labelFrom =
  (table: Readonly<Record<string, string>>) =>
  (name: string): string =>
    (currentLanguage() === 'zh' ? table[name] : undefined) ?? name.replaceAll('-', ' ')

/** 甲, 乙 or 丙; the contract's letter in English. */
export const classLabel = (name: keyof typeof CLASS_WORDS): string =>
  currentLanguage() === 'zh' ? CLASS_WORDS[name] : name

const capitalised = (words: string): string => words.slice(0, 1).toUpperCase() + words.slice(1)

export const schemeLabel = labelFrom(SCHEME_WORDS)
export const categoryLabel = labelFrom(CATEGORY_WORDS)
/** Balance of an account, as against what it pays. */
export const accountLabel = (kind: string): string => {
  const label = labelFrom(ACCOUNT_WORDS)(kind)
  return currentLanguage() === 'zh' ? label : capitalised(label.replace(/ account$/, ' balance'))
}
export const kindLabel = labelFrom(KIND_WORDS)
export const stateLabel = labelFrom(STATE_WORDS)
export const payerLabel = (payer: Payer): string => capitalised(labelFrom(PAYER_WORDS)(payer))

/** The time of day of an instant, on a wall clock in Asia/Shanghai. */
export function timeLabel(at: string): string {
  const parsed = parseInstant(at)
  return parsed === null ? '' : localTimeText(parsed).slice(11)
}
