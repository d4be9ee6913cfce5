import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  add,
  atLeastZero,
  expenseFor,
  fen,
  formatMoney,
  formatQuantity,
  formatRatio,
  formatUnitPrice,
  isMoneyText,
  isQuantityText,
  isRatioText,
  isUnitPriceText,
  lineAmount,
  MONEY_MAX_FEN,
  max,
  min,
  negate,
  parseMoney,
  parseQuantity,
  parseRatio,
  parseUnitPrice,
  pricePerUnit,
  roundToFen,
  roundToYuan,
  share,
  showUnitPrice,
  subtract,
  sum,
  unitPriceOf,
  unitsAmount,
} from '../../server/kernel/money.ts'

const anyMoney = fc
  .bigInt({ min: -MONEY_MAX_FEN + 1n, max: MONEY_MAX_FEN - 1n })
  .map((amount) => fen(amount))

describe('amounts as text', () => {
  it.each([
    ['0', 0n, '0.00'],
    ['0.00', 0n, '0.00'],
    ['-0', 0n, '0.00'],
    ['0.01', 1n, '0.01'],
    ['0.1', 10n, '0.10'],
    ['-0.01', -1n, '-0.01'],
    ['12.3', 1230n, '12.30'],
    ['-12.30', -1230n, '-12.30'],
    ['800', 80000n, '800.00'],
    ['9999999999999.99', 999_999_999_999_999n, '9999999999999.99'],
  ])('%s yuan is %d fen and is written %s', (text, amount, written) => {
    expect(parseMoney(text)).toBe(amount)
    expect(formatMoney(parseMoney(text))).toBe(written)
  })

  it('what is written is read back as the same amount', () => {
    fc.assert(fc.property(anyMoney, (amount) => parseMoney(formatMoney(amount)) === amount))
  })

  it('every written amount has exactly two decimals', () => {
    fc.assert(fc.property(anyMoney, (amount) => /^-?\d+\.\d{2}$/.test(formatMoney(amount))))
  })

  it('an amount beyond 10^15 fen is our own mistake', () => {
    expect(() => fen(MONEY_MAX_FEN + 1n)).toThrow('money stays within 10^15 fen')
    expect(() => add(fen(MONEY_MAX_FEN), fen(1n))).toThrow('money stays within 10^15 fen')
  })
})

/** Row B6 of the reliability notes and its neighbours: what decimal.js or Number would swallow. */
const BAD_TEXTS: readonly [what: string, text: string][] = [
  ['an exponent', '1e3'],
  ['an exponent that would fill the memory', '1e1000000000'],
  ['a negative exponent', '1e-7'],
  ['hexadecimal', '0x10'],
  ['binary', '0b1'],
  ['octal', '0o7'],
  ['underscores', '1_000'],
  ['infinity', 'Infinity'],
  ['minus infinity', '-Infinity'],
  ['not a number', 'NaN'],
  ['a plus sign', '+1'],
  ['two minus signs', '--1'],
  ['spaces', ' 1 '],
  ['a line end', '1\n'],
  ['a NUL', '1\u0000'],
  ['full-width digits', '１２'],
  ['Arabic digits', '١٢'],
  ['Chinese digits', '一二'],
  ['thousands', '1,000'],
  ['a decimal comma', '1,5'],
  ['no digit after the point', '1.'],
  ['no digit before the point', '.5'],
  ['two points', '1.2.3'],
  ['a leading zero', '01'],
  ['a currency sign', '¥1'],
  ['nothing', ''],
  ['a lone minus', '-'],
  ['200,000 zeros', '0'.repeat(200_000)],
  ['a million digits', '9'.repeat(1_000_000)],
  ['a million decimals', `0.${'1'.repeat(1_000_000)}`],
]

describe('bad texts are refused before a number is made of them', () => {
  it.each(BAD_TEXTS)('%s', (_, text) => {
    const checks = [isMoneyText, isQuantityText, isUnitPriceText, isRatioText]
    expect(checks.map((check) => check(text))).toEqual([false, false, false, false])
    for (const parse of [parseMoney, parseQuantity, parseUnitPrice, parseRatio]) {
      expect(() => parse(text)).toThrow('broken:')
    }
  })

  it.each([
    ['three decimals of yuan', isMoneyText, '1.001'],
    ['fourteen digits of yuan', isMoneyText, '10000000000000'],
    ['a negative quantity', isQuantityText, '-1'],
    ['five decimals of a quantity', isQuantityText, '0.00001'],
    ['a quantity of 10^12', isQuantityText, '1000000000000'],
    ['a negative price', isUnitPriceText, '-1'],
    ['seven decimals of a price', isUnitPriceText, '0.0000001'],
    ['eleven decimals of a ratio', isRatioText, '0.12345678901'],
  ])('%s', (_, check, text) => {
    expect(check(text)).toBe(false)
  })

  it.each([
    ['a quantity', (text: string) => formatQuantity(parseQuantity(text)), '0.0001'],
    ['a large quantity', (text: string) => formatQuantity(parseQuantity(text)), '999999999.9999'],
    ['a unit price', (text: string) => formatUnitPrice(parseUnitPrice(text)), '0.000001'],
    ['a large price', (text: string) => formatUnitPrice(parseUnitPrice(text)), '9999999999.999999'],
    ['a ratio', (text: string) => formatRatio(parseRatio(text)), '0.0000000001'],
  ])('%s of the finest grain is written back without an exponent', (_, rewritten, text) => {
    expect(rewritten(text)).toBe(text)
  })
})

describe('rounding half up to the fen, once', () => {
  it.each([
    // amount, ratio, rounded: ties go away from zero, on both sides
    ['0.01', '0.5', '0.01'],
    ['-0.01', '0.5', '-0.01'],
    ['0.03', '0.5', '0.02'],
    ['0.01', '0.4999999999', '0.00'],
    ['0.01', '0.5000000001', '0.01'],
    ['1.00', '0.005', '0.01'],
    ['1.00', '0.0049999999', '0.00'],
    ['100.05', '0.9', '90.05'], // 90.045
    ['33.33', '0.3333333333', '11.11'],
    ['9999999999999.99', '0.9999999999', '9999999998999.99'],
  ])('a share of %s at %s is %s', (amount, ratio, rounded) => {
    expect(formatMoney(roundToFen(share(parseMoney(amount), parseRatio(ratio))))).toBe(rounded)
  })

  it.each([
    ['0.01', '0.5', '0.01'], // 0.005
    ['0.333333', '3', '1.00'], // 0.999999
    ['12.345', '1', '12.35'],
    ['12.344999', '1', '12.34'],
    ['0.0049', '1', '0.00'],
    ['19.8', '0.25', '4.95'],
    ['1.115', '1', '1.12'], // binary floating point makes 1.11 of it
  ])('a line of %s yuan times %s comes to %s', (price, quantity, amount) => {
    expect(formatMoney(lineAmount(parseUnitPrice(price), parseQuantity(quantity)))).toBe(amount)
  })

  it('the price found for an amount and a number of packs comes to the amount again', () => {
    const amounts = fc.bigInt({ min: 1n, max: 10n ** 9n })
    fc.assert(
      fc.property(amounts, fc.integer({ min: 1, max: 9_999 }), (amount, packs) => {
        const quantity = parseQuantity(String(packs))
        const price = unitPriceOf(fen(amount), quantity)
        return isUnitPriceText(formatUnitPrice(price)) && lineAmount(price, quantity) === amount
      }),
    )
  })

  it('no price is found for no packs, or for an amount below zero', () => {
    expect(() => unitPriceOf(fen(100n), parseQuantity('0'))).toThrow('a price')
    expect(() => unitPriceOf(fen(-100n), parseQuantity('1'))).toThrow('a price')
  })

  it.each([
    ['17.24', '24', '0.718333'],
    ['9.80', '7', '1.4'],
    ['0.05', '3', '0.016667'],
    ['0.000001', '2', '0.000001'], // half up
  ])('a pack of %s yuan with %s units costs %s a unit', (price, units, unitPrice) => {
    const perUnit = pricePerUnit(parseUnitPrice(price), parseQuantity(units))
    expect(formatUnitPrice(perUnit)).toBe(unitPrice)
  })
  it.each([
    ['21.3', '21.30'],
    ['5', '5.00'],
    ['0.403333', '0.403333'],
  ])('a unit price of %s reads %s', (price, shown) => {
    expect(showUnitPrice(parseUnitPrice(price))).toBe(shown)
  })
  it.each([
    ['20', '4', '12', '6.67'], // 80 ÷ 12, rounded once
    ['22.50', '7', '10', '15.75'],
    ['22.50', '3', '1', '67.50'],
  ])('of a pack at %s yuan, %s of %s units come to %s', (price, units, unitsPerPack, amount) => {
    const [of, pack] = [parseQuantity(units), parseQuantity(unitsPerPack)]
    expect(formatMoney(unitsAmount(parseUnitPrice(price), of, pack))).toBe(amount)
  })
  it('a pack of nothing has no price per unit', () => {
    expect(() => pricePerUnit(parseUnitPrice('1'), parseQuantity('0'))).toThrow('a pack holds')
  })

  it.each([
    ['1.49', '1.00'],
    ['1.50', '2.00'],
    ['-1.50', '-2.00'],
    ['0.49', '0.00'],
  ])('%s rounded to whole yuan is %s', (amount, rounded) => {
    expect(formatMoney(roundToYuan(share(parseMoney(amount), parseRatio('1'))))).toBe(rounded)
  })

  it('a rounded share is never further than half a fen from the share', () => {
    const ratio = fc.integer({ min: 0, max: 10_000 })
    const amounts = fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n })
    fc.assert(
      fc.property(amounts, ratio, (amount, tenThousandths) => {
        const decimals = (tenThousandths % 10_000).toString().padStart(4, '0')
        const parsed = parseRatio(`${tenThousandths === 10_000 ? 1 : 0}.${decimals}`)
        const exact = amount * BigInt(tenThousandths)
        const off = roundToFen(share(fen(amount), parsed)) * 10_000n - exact
        return off <= 5_000n && off >= -5_000n
      }),
    )
  })

  it('the expense behind a payment gives the payment back', () => {
    const expense = roundToFen(expenseFor(parseMoney('80.00'), parseRatio('0.8')))
    expect(formatMoney(expense)).toBe('100.00')
  })

  it.each(['0', '-0.8'])('nothing is divided by a ratio of %s', (ratio) => {
    expect(() => expenseFor(parseMoney('1.00'), parseRatio(ratio))).toThrow('above zero')
  })
})

describe('plain sums', () => {
  it('adding and taking away leaves what was there', () => {
    const half = fc.bigInt({ min: -(MONEY_MAX_FEN / 2n), max: MONEY_MAX_FEN / 2n }).map(fen)
    fc.assert(
      fc.property(half, half, (a, b) => {
        expect(subtract(add(a, b), b)).toBe(a)
        expect(add(a, negate(a))).toBe(0n)
        expect(sum([a, b])).toBe(add(b, a))
        expect(add(min(a, b), max(a, b))).toBe(add(a, b))
        expect(atLeastZero(a) >= 0n).toBe(true)
      }),
    )
  })

  it('the sum of nothing is nothing', () => {
    expect(sum([])).toBe(0n)
  })
})
