/**
 * Amounts in capitals (人民币大写) after annex 1 of the Payment and Settlement Rules (支付结算办法,
 * 附一): digits 壹 to 玖, zeros inside written 零 once, 整 after 元 where nothing follows, never
 * after 分. The word 人民币 belongs directly before the amount and is left to the form.
 */
import type { Money } from './money.ts'

const DIGITS = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'] as const
const PLACES = ['', '拾', '佰', '仟'] as const
/** Names of the groups of four digits, the lowest first. */
const GROUPS = ['', '万', '亿', '万亿'] as const

const digitOf = (text: string, index: number): string => DIGITS[text.charCodeAt(index) - 48] ?? ''

/** Whole yuan in words without 元; empty for none. */
function yuanInCapitals(yuan: bigint): string {
  if (yuan === 0n) return ''
  const digits = yuan.toString()
  let words = ''
  let zeroDue = false
  let groupHasDigit = false
  for (let index = 0; index < digits.length; index += 1) {
    const place = digits.length - 1 - index
    if (digits[index] === '0') {
      zeroDue = words !== ''
    } else {
      words += `${zeroDue ? DIGITS[0] : ''}${digitOf(digits, index)}${PLACES[place % 4]}`
      zeroDue = false
      groupHasDigit = true
    }
    if (place % 4 === 0) {
      // 万亿 ends in 亿 only once: the group of 亿 right below supplies it where it has digits.
      const name = groupName(place / 4, yuan)
      if (groupHasDigit) words += name
      groupHasDigit = false
    }
  }
  return words
}

/** 万 alone above a group of 亿 that has digits, so that 亿 is said once; 万亿 otherwise. */
function groupName(group: number, yuan: bigint): string {
  if (group === 3 && (yuan / 100_000_000n) % 10_000n !== 0n) return '万'
  return GROUPS[group] ?? ''
}

/** An amount in capitals, e.g. 325.04 as 叁佰贰拾伍元零肆分; zero is 零元整, below zero begins with 负. */
export function moneyInCapitals(amount: Money): string {
  if (amount === 0n) return '零元整'
  const positive = amount < 0n ? -amount : amount
  const cents = (positive % 100n).toString().padStart(2, '0')
  const yuan = yuanInCapitals(positive / 100n)
  const jiao = cents[0] === '0' ? '' : `${digitOf(cents, 0)}角`
  const fenWords = cents[1] === '0' ? '' : `${digitOf(cents, 1)}分`
  const zero = yuan !== '' && jiao === '' && fenWords !== '' ? DIGITS[0] : ''
  const whole = yuan === '' ? '' : `${yuan}元`
  const end = jiao === '' && fenWords === '' ? '整' : ''
  return `${amount < 0n ? '负' : ''}${whole}${zero}${jiao}${fenWords}${end}`
}
