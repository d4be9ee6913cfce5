/**
 * The unit price of a claimed line: a price at all, and for what insurance may pay not absurdly far
 * above the institution's own price list of the day. A lower price is a discount and fine; class C
 * is free, for no fund pays any of it.
 */
import type { ClaimLineInput } from '../contract/claims.ts'
import {
  comparePrice,
  isUnitPriceText,
  parseUnitPrice,
  pricePerPack,
  priceTimes,
  type Quantity,
  type Ratio,
  showUnitPrice,
  type UnitPrice,
} from '../kernel/money.ts'
import { type Refusal, refusal } from '../kernel/refusal.ts'
import type { CatalogueItem, MappedItem } from '../store/catalogue.ts'

const PRICE_MAX = parseUnitPrice('1000000')
const NO_PRICE = parseUnitPrice('0')

/** The highest price of an item's entries in a price list; null where it has none. */
export const highestOf = (entries: readonly MappedItem[]): UnitPrice | null =>
  entries
    .map(({ unitPrice }) => parseUnitPrice(unitPrice))
    .reduce<UnitPrice | null>(
      (highest, price) => (highest !== null && comparePrice(highest, price) > 0 ? highest : price),
      null,
    )

/**
 * Why the price of a line cannot stand, or null.
 *
 * @param listed the institution's price of a pack on the day.
 * @param packUnits how many of the line's units make a pack.
 * @param aboveListMax what the policy lets the price be of the listed one; null for anything.
 */
export function priceRefusal(
  line: ClaimLineInput,
  item: CatalogueItem,
  listed: UnitPrice,
  packUnits: Quantity,
  aboveListMax: Ratio | null,
): Refusal | null {
  const { unitPrice, lineNo } = line
  const invalid = (): Refusal => {
    const particulars = { listed: showUnitPrice(listed), pack: item.packUnit }
    return refusal('price-invalid', { line: String(lineNo), ...particulars })
  }
  if (!isPriceClaimable(unitPrice)) return invalid()
  if (item.catalogueClass === 'C' || aboveListMax === null) return null
  const perPack = pricePerPack(parseUnitPrice(unitPrice), packUnits)
  return comparePrice(perPack, priceTimes(listed, aboveListMax)) > 0 ? invalid() : null
}

function isPriceClaimable(text: string): boolean {
  if (!isUnitPriceText(text)) return false
  const price = parseUnitPrice(text)
  return comparePrice(price, NO_PRICE) > 0 && comparePrice(price, PRICE_MAX) <= 0
}
