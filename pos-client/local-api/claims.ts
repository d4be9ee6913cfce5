/** From a cart to a claim: every amount is computed here, by the kernel's money, once per line. */
import { z } from 'zod'
import {
  Batch,
  type ClaimInput,
  type Identity,
  TraceCodeText,
} from '../../server/contract/claims.ts'
import {
  DayText,
  MoneyText,
  QuantityText,
  textUpTo,
  UnitPriceText,
} from '../../server/contract/common.ts'
import type { CatalogueEntry } from '../../server/contract/terminals.ts'
import {
  formatMoney,
  formatUnitPrice,
  isZeroQuantity,
  lineAmount,
  type Money,
  parseMoney,
  parseQuantity,
  parseUnitPrice,
  pricePerUnit,
  sum,
} from '../../server/kernel/money.ts'
import type { Search } from './search.ts'

export const CartLine = z.strictObject({
  itemCode: z.string().min(1).max(32),
  /** Absent: the item's first in the price list. It decides the price where none is given. */
  localCode: z.string().max(64).optional(),
  unit: z.enum(['pack', 'split']),
  quantity: QuantityText,
  /** Absent: the price of the price list. */
  unitPrice: UnitPriceText.optional(),
  /** Absent: price times quantity. A replay of old sales brings the amount as it was. */
  amount: MoneyText.optional(),
  traceCodes: z.array(TraceCodeText).max(200),
  batch: Batch.nullable().optional(),
})
export type CartLine = z.infer<typeof CartLine>

export const Cart = z.strictObject({
  lines: z.array(CartLine).max(200),
  prescription: textUpTo(64).nullable(),
})
export type Cart = z.infer<typeof Cart>

export const ServiceDayOption = DayText.optional()

export type PricedLine = {
  readonly itemCode: string
  readonly unit: CartLine['unit']
  readonly quantity: string
  readonly unitPrice: string
  readonly amount: string
  /** Trace codes that the line wants; 0 where the item carries none. */
  readonly traceCodesWanted: number
}
export type PricedCart = { readonly lines: readonly PricedLine[]; readonly total: string }

/** Of the pack, or of one unit of a split one: the price list knows packs only. */
function priceOf(line: CartLine, entry: CatalogueEntry | null): string | null {
  if (line.unitPrice !== undefined) return line.unitPrice
  if (entry === null || line.unit === 'pack') return entry?.unitPrice ?? null
  const packPrice = parseUnitPrice(entry.unitPrice)
  return formatUnitPrice(pricePerUnit(packPrice, parseQuantity(entry.unitsPerPack)))
}

/** Whole packs carry one code each; a split sale names the one pack it comes from. */
function traceCodesWanted(line: CartLine, entry: CatalogueEntry | null): number {
  if (!entry?.traceCodeRequired) return 0
  if (line.unit === 'split') return 1
  return /^\d{1,3}$/.test(line.quantity) ? Number.parseInt(line.quantity, 10) : 1
}

/** Amounts of a cart; null where an item is unknown here and no price was given. */
export function priceCart(cart: Cart, search: Search): PricedCart | null {
  const lines: PricedLine[] = []
  for (const line of cart.lines) {
    const entry = search.byCode(line.itemCode, line.localCode)
    const unitPrice = priceOf(line, entry)
    if (unitPrice === null) return null
    const computed = lineAmount(parseUnitPrice(unitPrice), parseQuantity(line.quantity))
    lines.push({
      itemCode: line.itemCode,
      unit: line.unit,
      quantity: line.quantity,
      unitPrice,
      amount: line.amount ?? formatMoney(computed),
      traceCodesWanted: traceCodesWanted(line, entry),
    })
  }
  const total: Money = sum(lines.map((line) => parseMoney(line.amount)))
  return { lines, total: formatMoney(total) }
}

/** Whether there is something to settle: lines, and no quantity of nothing. */
export const isSellable = (cart: Cart): boolean =>
  cart.lines.length > 0 && cart.lines.every((line) => !isZeroQuantity(parseQuantity(line.quantity)))

export type ClaimParts = {
  readonly cart: Cart
  readonly priced: PricedCart
  readonly identity: Identity
  readonly operatorCode: string
  readonly serviceDay?: string | undefined
}

export function claimOf({
  cart,
  priced,
  identity,
  operatorCode,
  serviceDay,
}: ClaimParts): ClaimInput {
  return {
    identity,
    serviceKind: 'pharmacy',
    ...(serviceDay === undefined ? {} : { serviceDay }),
    operatorCode,
    prescription:
      cart.prescription === null ? null : { number: cart.prescription, prescriber: null },
    diagnoses: [],
    lines: cart.lines.map((line, index) => ({
      lineNo: index + 1,
      itemCode: line.itemCode,
      unit: line.unit,
      quantity: line.quantity,
      unitPrice: priced.lines[index]?.unitPrice ?? '0',
      amount: priced.lines[index]?.amount ?? '0.00',
      traceCodes: line.traceCodes,
      daysSupply: null,
      // Not sent where nothing is known, so that an older centre takes the claim.
      ...(line.batch ? { batch: line.batch } : {}),
    })),
    totalExpense: priced.total,
  }
}
