/**
 * The lines of a claim against the catalogue of the day: every item known, mapped and in force,
 * quantities and prices plausible, amounts as price × quantity, trace codes of the right form.
 */

import type { ClaimInput, ClaimLineInput, MissingTraceCodes } from '../contract/claims.ts'
import type { ServiceDay } from '../kernel/calendar.ts'
import {
  compareQuantity,
  formatMoney,
  formatQuantity,
  isQuantityText,
  isZeroQuantity,
  lineAmount,
  parseMoney,
  parseQuantity,
  parseUnitPrice,
  type Quantity,
  type Ratio,
  sum,
  type UnitPrice,
} from '../kernel/money.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { foremost, type Refusal, refusal } from '../kernel/refusal.ts'
import type { ClaimLine } from '../rules/types.ts'
import type { LineDetails } from '../settlement/document.ts'
import type { CatalogueItem } from '../store/catalogue.ts'
import { repeatedLineNumber } from './line-numbers.ts'
import { highestOf, priceRefusal } from './read-prices.ts'
import { missingRefusal, repeatedCodes, traceFindings, wholeUnits } from './read-trace-codes.ts'
import type { Runtime } from './runtime.ts'

const QUANTITY_MAX = parseQuantity('9999')
const ONE = parseQuantity('1')

/** Whether the codes must all be there, or may still be missing while they are being scanned. */
export type CodesAsked = 'complete' | 'while-scanning'

export type ReadLines = {
  readonly lines: ClaimLine[]
  readonly details: LineDetails[]
  readonly missingTraceCodes: MissingTraceCodes[]
}

/** What the lines are read for. */
export type ReadOptions = {
  readonly institutionCode: string
  readonly day: ServiceDay
  readonly codes: CodesAsked
  /** Whether the day's policy pays for a drug only with its trace code. */
  readonly codesDue: boolean
  /** How far a price may lie above the listed one by the day's policy; null for any. */
  readonly priceAboveListMax: Ratio | null
}

export async function readLines(
  runtime: Runtime,
  input: ClaimInput,
  { institutionCode, day, codes, codesDue, priceAboveListMax }: ReadOptions,
): Promise<Outcome<ReadLines>> {
  const mapped = await runtime.catalogue.mapped(institutionCode, day)
  const refusals: Refusal[] = []
  const lines: ClaimLine[] = []
  const details: LineDetails[] = []
  const missingTraceCodes: MissingTraceCodes[] = []
  for (const line of input.lines) {
    const item = await runtime.catalogue.item(line.itemCode, day)
    const listed = highestOf(mapped.get(line.itemCode) ?? [])
    if (item === null || item === 'expired' || listed === null) {
      refusals.push(itemRefusal(line, item, day))
      continue
    }
    const faults = [
      ...figureRefusals(line, item, listed, priceAboveListMax),
      ...batchRefusals(line, day),
    ]
    // Codes are counted against a quantity, so there must be one that stands.
    if (faults.length === 0) {
      const found = traceFindings(line, item, codesDue)
      faults.push(...found.refusals)
      if (found.missing !== null) {
        missingTraceCodes.push(found.missing)
        if (codes === 'complete') faults.push(missingRefusal(found.missing))
      }
    }
    refusals.push(...faults)
    if (faults.length > 0) continue
    lines.push(claimLineOf(line, item))
    details.push(detailsOf(line, item))
  }
  refusals.push(...numberRefusals(input), ...repeatedCodes(input))
  if (refusals.length === 0) refusals.push(...totalRefusals(input))
  const first = foremost(refusals)
  return first === null ? done({ lines, details, missingTraceCodes }) : refused(first)
}

function itemRefusal(
  line: ClaimLineInput,
  item: CatalogueItem | 'expired' | null,
  day: ServiceDay,
): Refusal {
  const at = { line: String(line.lineNo) }
  if (item === null) return refusal('item-unknown', at)
  if (item === 'expired') return refusal('item-expired', { ...at, on: day })
  return refusal('item-not-mapped', at)
}

function figureRefusals(
  line: ClaimLineInput,
  item: CatalogueItem,
  listed: UnitPrice,
  aboveListMax: Ratio | null,
): Refusal[] {
  const at = { line: String(line.lineNo) }
  if (!isQuantityClaimable(line.quantity)) {
    return [refusal('quantity-invalid', { ...at, max: formatQuantity(QUANTITY_MAX) })]
  }
  const packUnits = packUnitsOf(line, item)
  const price = priceRefusal(line, item, listed, packUnits, aboveListMax)
  if (price !== null) return [price]
  const expected = lineAmount(parseUnitPrice(line.unitPrice), parseQuantity(line.quantity))
  if (parseMoney(line.amount) === expected) return []
  return [refusal('line-amount-differs', { ...at, expected: formatMoney(expected) })]
}

/** Neither negative nor nothing, neither too many nor with more decimals than are kept. */
function isQuantityClaimable(text: string): boolean {
  if (!isQuantityText(text)) return false
  const quantity = parseQuantity(text)
  return !isZeroQuantity(quantity) && compareQuantity(quantity, QUANTITY_MAX) <= 0
}

/** Goods may be handed out until the last day of their batch has ended. */
function batchRefusals({ lineNo, batch }: ClaimLineInput, day: ServiceDay): Refusal[] {
  if (!batch || batch.expiresOn >= day) return []
  return [refusal('batch-expired', { line: String(lineNo), on: batch.expiresOn })]
}

/** Only asked once every line stands: amounts that no line could have are not added up. */
function totalRefusals(input: ClaimInput): Refusal[] {
  const expected = sum(input.lines.map((line) => parseMoney(line.amount)))
  if (parseMoney(input.totalExpense) === expected) return []
  return [refusal('total-differs', { expected: formatMoney(expected) })]
}

function numberRefusals(input: ClaimInput): Refusal[] {
  const repeated = repeatedLineNumber(input.lines)
  return repeated === null ? [] : [repeated]
}

const displayName = (item: CatalogueItem): string =>
  item.brandName === null ? item.genericName : `${item.genericName}(${item.brandName})`

const claimLineOf = (line: ClaimLineInput, item: CatalogueItem): ClaimLine => ({
  lineNo: line.lineNo,
  itemCode: line.itemCode,
  itemKind: item.kind,
  name: displayName(item),
  catalogueClass: item.catalogueClass,
  quantity: parseQuantity(line.quantity),
  unitPrice: parseUnitPrice(line.unitPrice),
  amount: parseMoney(line.amount),
  preliminaryRatio: item.preliminaryRatio,
  priceCeiling: item.priceCeiling,
  packUnits: packUnitsOf(line, item),
  limits: item.limits,
  daysSupply: line.daysSupply,
})

const detailsOf = (line: ClaimLineInput, item: CatalogueItem): LineDetails => ({
  lineNo: line.lineNo,
  unit: line.unit,
  unitName: line.unit === 'split' ? (item.splitUnit ?? item.packUnit) : item.packUnit,
  spec: item.spec,
  manufacturer: item.manufacturer,
  traceCodes: line.traceCodes,
  unitsPerPack: wholeUnits(parseQuantity(item.unitsPerPack)),
  batch: line.batch ?? null,
})

/**
 * How many of the line's units make a pack: whole, as trace codes count them and as the document
 * keeps them.
 */
const packUnitsOf = (line: ClaimLineInput, item: CatalogueItem): Quantity =>
  line.unit === 'pack' ? ONE : parseQuantity(String(wholeUnits(parseQuantity(item.unitsPerPack))))
