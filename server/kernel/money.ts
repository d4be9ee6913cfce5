/**
 * Money is whole fen: one branded bigint. Ratios, quantities and unit prices are decimals.
 * This file is the only home of decimal.js, with its own clone at 40 digits, rounding half up
 * (reliability notes 6.5). Text is checked by pattern and length before a Decimal is made of it,
 * because decimal.js itself accepts `0x10`, `Infinity` and `1e1000000`.
 */
import { Decimal as DecimalBase } from 'decimal.js'
import { invariant } from './invariant.ts'

const Decimal = DecimalBase.clone({
  precision: 40,
  rounding: DecimalBase.ROUND_HALF_UP,
  toExpNeg: -40,
  toExpPos: 40,
})
type Decimal = InstanceType<typeof Decimal>

declare const brand: unique symbol

/** An amount in whole fen. Raw arithmetic on it yields a plain bigint, which is not Money. */
export type Money = bigint & { readonly [brand]: 'fen' }
/** A part of an amount before rounding, in fen with decimals; only `roundToFen` makes it Money. */
export type UnroundedFen = Decimal & { readonly [brand]: 'unrounded fen' }
/** A ratio between 0 and 1 as a rule, e.g. 0.8 for eighty per cent. */
export type Ratio = Decimal & { readonly [brand]: 'ratio' }
/** A number of packs or units, at most 4 decimals (decisions.md 4). */
export type Quantity = Decimal & { readonly [brand]: 'quantity' }
/** Yuan per unit, at most 6 decimals (decisions.md 4). */
export type UnitPrice = Decimal & { readonly [brand]: 'yuan per unit' }

/** Amounts beyond this many fen are refused everywhere: 10^15 fen, below 2^53 (invariant I9). */
export const MONEY_MAX_FEN = 10n ** 15n

/** Whole fen as Money. */
export function fen(amount: bigint): Money {
  invariant(amount <= MONEY_MAX_FEN && amount >= -MONEY_MAX_FEN, 'money stays within 10^15 fen')
  return amount as Money
}

export const ZERO: Money = fen(0n)

const MONEY_PATTERN = /^-?(0|[1-9]\d{0,12})(\.\d{1,2})?$/
const RATIO_PATTERN = /^-?(0|[1-9]\d{0,5})(\.\d{1,10})?$/
const QUANTITY_PATTERN = /^(0|[1-9]\d{0,8})(\.\d{1,4})?$/
const PRICE_PATTERN = /^(0|[1-9]\d{0,9})(\.\d{1,6})?$/

const DECIMAL_PATTERN = /^-?(0|[1-9]\d{0,19})(\.\d{1,19})?$/

/** Whether a text is a number at all, of any sign and size: what may be refused as a figure. */
export const isDecimalText = (text: string): boolean =>
  text.length <= 20 && DECIMAL_PATTERN.test(text)

/** Whether a text is an amount in yuan with at most two decimals, e.g. `-12.30`. */
export const isMoneyText = (text: string): boolean => text.length <= 17 && MONEY_PATTERN.test(text)
export const isQuantityText = (text: string): boolean =>
  text.length <= 14 && QUANTITY_PATTERN.test(text)
export const isUnitPriceText = (text: string): boolean =>
  text.length <= 17 && PRICE_PATTERN.test(text)
export const isRatioText = (text: string): boolean => text.length <= 18 && RATIO_PATTERN.test(text)

/** Yuan text to fen; throws on any other text, so check what comes from outside first. */
export function parseMoney(text: string): Money {
  invariant(isMoneyText(text), 'money text is yuan with at most two decimals')
  const negative = text.startsWith('-')
  const [yuan = '0', cents = ''] = (negative ? text.slice(1) : text).split('.')
  const amount = BigInt(yuan) * 100n + BigInt(cents.padEnd(2, '0'))
  return fen(negative ? -amount : amount)
}

/** Fen to yuan text with exactly two decimals, as it stands on the wire and on paper. */
export function formatMoney(amount: Money): string {
  const negative = amount < 0n
  const digits = (negative ? -amount : amount).toString().padStart(3, '0')
  return `${negative ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

export function parseRatio(text: string): Ratio {
  invariant(isRatioText(text), 'ratio text is a plain decimal')
  return new Decimal(text) as Ratio
}
const REMEMBERED_MAX = 8_192

/**
 * Reads a text once and knows it when it comes again: a shop's prices and quantities repeat all
 * day, and reading them was a tenth of deciding a claim. Decimals never change. Texts are short
 * (their patterns say so), and after some thousands everything is forgotten.
 */
function remembered<T>(parse: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const value = parse(text)
    if (known.size >= REMEMBERED_MAX) known.clear()
    known.set(text, value)
    return value
  }
}
export const parseQuantity = remembered((text): Quantity => {
  invariant(isQuantityText(text), 'quantity text has at most four decimals')
  return new Decimal(text) as Quantity
})
export const parseUnitPrice = remembered((text): UnitPrice => {
  invariant(isUnitPriceText(text), 'unit price text has at most six decimals')
  return new Decimal(text) as UnitPrice
})

export const formatRatio = (ratio: Ratio): string => ratio.toFixed()
export const formatQuantity = (quantity: Quantity): string => quantity.toFixed()
export const formatUnitPrice = (price: UnitPrice): string => price.toFixed()
/** A unit price as people read it: at least two decimals, e.g. `21.30` or `0.403333`. */
export const showUnitPrice = (price: UnitPrice): string =>
  price.toFixed(Math.max(2, price.decimalPlaces()))

export function add(...amounts: Money[]): Money {
  let total = 0n
  for (const amount of amounts) total += amount
  return fen(total)
}
export const subtract = (a: Money, b: Money): Money => fen(a - b)
export const negate = (a: Money): Money => fen(-a)
export const min = (a: Money, b: Money): Money => (a < b ? a : b)
export const max = (a: Money, b: Money): Money => (a > b ? a : b)
/** The amount, or nothing where it would be negative. */
export const atLeastZero = (a: Money): Money => (a > 0n ? a : ZERO)
export const sum = (amounts: Iterable<Money>): Money => {
  let total = 0n
  for (const amount of amounts) total += amount
  return fen(total)
}

/** A share of an amount, not rounded yet. */
export const share = (amount: Money, ratio: Ratio): UnroundedFen =>
  ratio.times(amount.toString()) as UnroundedFen

/** amount ÷ ratio, not rounded yet: the expense that a fund payment corresponds to. */
export function expenseFor(amount: Money, ratio: Ratio): UnroundedFen {
  invariant(ratio.greaterThan(0), 'an amount is only divided by a ratio above zero')
  return new Decimal(amount.toString()).div(ratio) as UnroundedFen
}

export const addUnrounded = (a: UnroundedFen, b: UnroundedFen): UnroundedFen =>
  a.plus(b) as UnroundedFen

/**
 * To the nearest fen, half up (away from zero): the one rounding rule unless a policy names
 * another.
 */
export function roundToFen(amount: UnroundedFen): Money {
  const whole = amount.toDecimalPlaces(0, DecimalBase.ROUND_HALF_UP)
  return fen(BigInt(whole.toFixed(0)))
}

/** To whole yuan, half up: the rule of one published place. */
export function roundToYuan(amount: UnroundedFen): Money {
  const yuan = amount.div(100).toDecimalPlaces(0, DecimalBase.ROUND_HALF_UP)
  return fen(BigInt(yuan.toFixed(0)) * 100n)
}

/** Line amount: unit price × quantity, half up to the fen, once per line (decisions.md 4). */
export const lineAmount = (price: UnitPrice, quantity: Quantity): Money =>
  roundToFen(price.times(quantity).times(100) as UnroundedFen)

/** Price of one unit of a split pack: the pack's price ÷ its units, half up to six decimals. */
export function pricePerUnit(packPrice: UnitPrice, unitsPerPack: Quantity): UnitPrice {
  invariant(unitsPerPack.greaterThan(0), 'a pack holds something')
  return packPrice.div(unitsPerPack).toDecimalPlaces(6, DecimalBase.ROUND_HALF_UP) as UnitPrice
}

/**
 * Price per unit of a line of which only amount and quantity are known, to six decimals, half up.
 * Times the quantity it comes to the amount again for any quantity up to some thousands; whoever
 * needs that to hold asks `lineAmount`.
 */
export function unitPriceOf(amount: Money, quantity: Quantity): UnitPrice {
  invariant(amount >= 0n && quantity.greaterThan(0), 'a price is an amount per some quantity')
  return new Decimal(amount.toString()).div(100).div(quantity).toDecimalPlaces(6) as UnitPrice
}

/** What a pack costs at the price of one of its units. */
export const pricePerPack = (unitPrice: UnitPrice, unitsPerPack: Quantity): UnitPrice =>
  unitPrice.times(unitsPerPack) as UnitPrice

/** A price a number of times over, e.g. three times the listed one. */
export const priceTimes = (price: UnitPrice, factor: Ratio): UnitPrice =>
  price.times(factor) as UnitPrice

/** Amount of units at their share of a pack's price, half up to the fen, rounded once. */
export function unitsAmount(packPrice: UnitPrice, units: Quantity, unitsPerPack: Quantity): Money {
  invariant(unitsPerPack.greaterThan(0), 'a pack holds something')
  return roundToFen(packPrice.times(units).times(100).div(unitsPerPack) as UnroundedFen)
}

export const complement = (ratio: Ratio): Ratio => new Decimal(1).minus(ratio) as Ratio
export const ratioPlus = (a: Ratio, b: Ratio): Ratio => a.plus(b) as Ratio
export const ratioTimes = (a: Ratio, b: Ratio): Ratio => a.times(b) as Ratio
export const compareRatio = (a: Ratio, b: Ratio): number => a.comparedTo(b)
export const quantityMinus = (a: Quantity, b: Quantity): Quantity => a.minus(b) as Quantity
export const compareQuantity = (a: Quantity, b: Quantity): number => a.comparedTo(b)
export const isZeroQuantity = (a: Quantity): boolean => a.isZero()
export const comparePrice = (a: UnitPrice, b: UnitPrice): number => a.comparedTo(b)

/**
 * Splits an amount in proportion to weights (fen) so that the parts make the whole: floor shares
 * first, the odd fen to the largest remainders, the earlier part on a tie (decisions.md 4).
 */
export function allocate(whole: Money, weights: readonly Money[]): Money[] {
  const total = weights.reduce<bigint>((a, b) => a + b, 0n)
  invariant(
    weights.every((w) => w >= 0n),
    'weights are not negative',
  )
  if (total === 0n) {
    invariant(whole === 0n, 'nothing can only be split over nothing')
    return weights.map(() => ZERO)
  }
  const negative = whole < 0n
  const amount = negative ? -whole : whole
  const parts = weights.map((w) => (amount * w) / total)
  const order = weights
    .map((w, index) => ({ index, remainder: (amount * w) % total }))
    .sort((a, b) =>
      a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1,
    )
  let left = amount - parts.reduce((a, b) => a + b, 0n)
  for (const { index } of order) {
    if (left === 0n) break
    parts[index] = (parts[index] ?? 0n) + 1n
    left -= 1n
  }
  const result = parts.map((part) => fen(negative ? -part : part))
  invariant(sum(result) === whole, 'the parts make the whole')
  return result
}
