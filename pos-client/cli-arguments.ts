/** What a script writes on the command line, taken apart. */
import { isMoneyText, isQuantityText, isUnitPriceText } from '../server/kernel/money.ts'

export type ItemArgument = {
  readonly itemCode: string
  readonly quantity: string
  readonly unitPrice: string | null
  /** Amount of the line as an old sale recorded it; otherwise price times quantity. */
  readonly amount: string | null
}
export type LineArgument = { readonly lineNo: number; readonly quantity: string }

const ITEM = /^([0-9A-Za-z-]{4,32})(?:\*([\d.]+))?(?:@([\d.]+)(?:=([\d.]+))?)?$/

/** `CODE*QUANTITY@PRICE=AMOUNT`, the last three optional; null for anything else. */
export function itemArgument(text: string): ItemArgument | null {
  const [, itemCode, quantity = '1', unitPrice = null, amount = null] = ITEM.exec(text) ?? []
  const good =
    itemCode !== undefined &&
    isQuantityText(quantity) &&
    (unitPrice === null || isUnitPriceText(unitPrice)) &&
    (amount === null || isMoneyText(amount))
  return good ? { itemCode, quantity, unitPrice, amount } : null
}

/** `LINE*QUANTITY`, e.g. `2*1`; null for anything else. */
export function lineArgument(text: string): LineArgument | null {
  const [, lineNo, quantity] = /^(\d{1,3})\*([\d.]+)$/.exec(text) ?? []
  if (lineNo === undefined || quantity === undefined || !isQuantityText(quantity)) return null
  return { lineNo: Number.parseInt(lineNo, 10), quantity }
}

export type PackArgument = { readonly itemCode: string; readonly units: number }

/** `CODE*UNITS`, whole packs or whole units of one; null for anything else. */
export function packArgument(text: string): PackArgument | null {
  const [, itemCode, units = '1'] = /^([0-9A-Za-z-]{4,32})(?:\*([1-9]\d{0,3}))?$/.exec(text) ?? []
  return itemCode === undefined ? null : { itemCode, units: Number.parseInt(units, 10) }
}
