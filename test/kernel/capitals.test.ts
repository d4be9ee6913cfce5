import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { moneyInCapitals } from '../../server/kernel/capitals.ts'
import { fen, MONEY_MAX_FEN, parseMoney } from '../../server/kernel/money.ts'

const DIGITS = '零壹贰叁肆伍陆柒捌玖'
const PLACES: Record<string, bigint> = { 拾: 10n, 佰: 100n, 仟: 1000n }

/** Reads whole yuan in capitals: a second way, by adding up, that shares nothing with the first. */
function readYuan(words: string): bigint {
  let beforeYi = 0n
  let total = 0n
  let section = 0n
  let digit = 0n
  for (const word of words) {
    const place = PLACES[word]
    if (DIGITS.includes(word)) digit = BigInt(DIGITS.indexOf(word))
    else if (place !== undefined) {
      section += digit * place
      digit = 0n
    } else if (word === '万') {
      total += (section + digit) * 10_000n
      section = digit = 0n
    } else {
      beforeYi = (total + section + digit) * 100_000_000n
      total = section = digit = 0n
    }
  }
  return beforeYi + total + section + digit
}

function readCapitals(words: string): bigint {
  const negative = words.startsWith('负')
  const text = negative ? words.slice(1) : words
  const [whole, rest] = text.includes('元') ? text.split('元') : ['', text]
  const part = (unit: string) => {
    const at = (rest ?? '').indexOf(unit)
    return at < 1 ? 0n : BigInt(DIGITS.indexOf((rest ?? '')[at - 1] ?? ''))
  }
  const amount = readYuan(whole ?? '') * 100n + part('角') * 10n + part('分')
  return negative ? -amount : amount
}

describe('an amount in capitals', () => {
  it.each([
    ['1409.50', '壹仟肆佰零玖元伍角'], // annex 1, published vector
    ['6007.14', '陆仟零柒元壹角肆分'], // annex 1, published vector
    ['16409.02', '壹万陆仟肆佰零玖元零贰分'], // annex 1, published vector
    ['325.04', '叁佰贰拾伍元零肆分'], // annex 1, published vector
    ['0', '零元整'],
    ['0.05', '伍分'],
    ['0.50', '伍角'],
    ['10.00', '壹拾元整'],
    ['1680.32', '壹仟陆佰捌拾元叁角贰分'], // 零 after 元 may be left out: annex 1
    ['107000.53', '壹拾万零柒仟元伍角叁分'],
    ['100000000.00', '壹亿元整'],
    ['100000001.00', '壹亿零壹元整'],
    ['1000000000000.00', '壹万亿元整'],
    ['1000100000000.00', '壹万零壹亿元整'],
    ['-12.30', '负壹拾贰元叁角'],
  ])('%s reads %s', (amount, words) => {
    expect(moneyInCapitals(parseMoney(amount))).toBe(words)
  })

  it('reads back to the same fen, whatever the amount', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -MONEY_MAX_FEN, max: MONEY_MAX_FEN }), (amount) => {
        expect(readCapitals(moneyInCapitals(fen(amount)))).toBe(amount)
      }),
      { numRuns: 2000 },
    )
  })

  it('never says 零 twice in a row and never ends 分 with 整', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: MONEY_MAX_FEN }), (amount) => {
        expect(moneyInCapitals(fen(amount))).not.toMatch(/零零|分整|零元|零万|零亿/)
      }),
    )
  })
})
