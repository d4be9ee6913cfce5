/**
 * The lines of a claim against the catalogue of the day: every item known, mapped and in force,
 * quantities and prices plausible, amounts as price × quantity, trace codes complete and unsold.
 */

import type { ClaimInput, ClaimLineInput } from '../contract/claims.ts'
import { localTimeText, type ServiceDay } from '../kernel/calendar.ts'
import {
  comparePrice,
  compareQuantity,
  formatMoney,
  formatQuantity,
  lineAmount,
  parseMoney,
  parseQuantity,
  parseUnitPrice,
  type Quantity,
  sum,
} from '../kernel/money.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { foremost, type Refusal, refusal } from '../kernel/refusal.ts'
import type { ClaimLine } from '../rules/types.ts'
import type { LineDetails } from '../settlement/document.ts'
import type { CatalogueItem } from '../store/catalogue.ts'
import type { KnownCode } from '../store/entitlement.ts'
import type { Runtime } from './runtime.ts'

const QUANTITY_MAX = parseQuantity('9999')
const PRICE_MAX = parseUnitPrice('1000000')
const NO_PRICE = parseUnitPrice('0')
const TRACE_CODE_PATTERN = /^\d{20}$/

export type ReadLines = { readonly lines: ClaimLine[]; readonly details: LineDetails[] }

export async function readLines(
  runtime: Runtime,
  institutionCode: string,
  day: ServiceDay,
  input: ClaimInput,
): Promise<Outcome<ReadLines>> {
  const mapped = await runtime.catalogue.mapped(institutionCode, day)
  const refusals: Refusal[] = []
  const lines: ClaimLine[] = []
  const details: LineDetails[] = []
  for (const line of input.lines) {
    const item = await runtime.catalogue.item(line.itemCode, day)
    const problem = itemRefusal(line, item, mapped.has(line.itemCode), day)
    if (problem !== null || item === null || item === 'expired') {
      if (problem !== null) refusals.push(problem)
      continue
    }
    const faults = [...figureRefusals(line), ...traceRefusals(line, item)]
    refusals.push(...faults)
    if (faults.length > 0) continue
    lines.push(claimLineOf(line, item))
    details.push(detailsOf(line, item))
  }
  refusals.push(...repeatRefusals(input))
  if (refusals.length === 0) refusals.push(...totalRefusals(input))
  const first = foremost(refusals)
  return first === null ? done({ lines, details }) : refused(first)
}

function itemRefusal(
  line: ClaimLineInput,
  item: CatalogueItem | 'expired' | null,
  isMapped: boolean,
  day: ServiceDay,
): Refusal | null {
  const at = { line: String(line.lineNo) }
  if (item === null) return refusal('item-unknown', at)
  if (item === 'expired') return refusal('item-expired', { ...at, on: day })
  if (!isMapped) return refusal('item-not-mapped', at)
  return null
}

function figureRefusals(line: ClaimLineInput): Refusal[] {
  const at = { line: String(line.lineNo) }
  const quantity = parseQuantity(line.quantity)
  const price = parseUnitPrice(line.unitPrice)
  if (
    compareQuantity(quantity, parseQuantity('0')) <= 0 ||
    compareQuantity(quantity, QUANTITY_MAX) > 0
  ) {
    return [refusal('quantity-invalid', { ...at, max: formatQuantity(QUANTITY_MAX) })]
  }
  if (comparePrice(price, NO_PRICE) <= 0 || comparePrice(price, PRICE_MAX) > 0) {
    return [refusal('price-invalid', at)]
  }
  const expected = lineAmount(price, quantity)
  if (parseMoney(line.amount) === expected) return []
  return [refusal('line-amount-differs', { ...at, expected: formatMoney(expected) })]
}

/** Only asked once every line stands: amounts that no line could have are not added up. */
function totalRefusals(input: ClaimInput): Refusal[] {
  const expected = sum(input.lines.map((line) => parseMoney(line.amount)))
  if (parseMoney(input.totalExpense) === expected) return []
  return [refusal('total-differs', { expected: formatMoney(expected) })]
}

/**
 * A pack needs one code each; a split pack the code of the pack it comes from, in whole units and
 * no more of them than the pack holds.
 */
function traceRefusals(line: ClaimLineInput, item: CatalogueItem): Refusal[] {
  const at = { line: String(line.lineNo) }
  if (line.traceCodes.some((code) => !TRACE_CODE_PATTERN.test(code))) {
    return [refusal('trace-code-invalid', at)]
  }
  if (!item.traceCodeRequired && line.traceCodes.length === 0) return []
  const held = wholeUnits(parseQuantity(item.unitsPerPack))
  if (line.unit === 'split' && !isUnitsOfPack(line.quantity, held)) {
    return [refusal('quantity-invalid', { ...at, max: String(held) })]
  }
  const needed = line.unit === 'split' ? '1' : formatQuantity(parseQuantity(line.quantity))
  if (String(line.traceCodes.length) === needed) return []
  return [refusal('trace-code-missing', { ...at, needed, given: String(line.traceCodes.length) })]
}

function repeatRefusals(input: ClaimInput): Refusal[] {
  const codes = input.lines.flatMap((line) => line.traceCodes)
  const lineNumbers = input.lines.map((line) => line.lineNo)
  if (new Set(lineNumbers).size < lineNumbers.length) {
    return [refusal('schema-invalid', { field: 'lines.lineNo' })]
  }
  return new Set(codes).size < codes.length ? [refusal('trace-code-repeated')] : []
}

/** A code sold before stops the sale and says when; a split pack stays with its shop. */
export function soldRefusal(
  known: readonly KnownCode[],
  details: readonly LineDetails[],
  institutionCode: string,
  units: (detail: LineDetails) => number,
): Refusal | null {
  for (const held of known) {
    const detail = details.find((line) => line.traceCodes.includes(held.code))
    const splitGoesOn =
      detail?.unit === 'split' &&
      held.state === 'split' &&
      held.institution === institutionCode &&
      held.unitsSold + units(detail) <= held.unitsPerPack
    if (!splitGoesOn) {
      const facts = { tail: held.code.slice(-6), soldAt: localTimeText(held.soldAt) }
      return refusal('trace-code-sold', facts)
    }
  }
  return null
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
  priceCeiling: line.unit === 'pack' ? item.priceCeiling : null,
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
})

/** Whether a quantity is a whole number of units that one pack can give. */
const isUnitsOfPack = (quantity: string, held: number): boolean => {
  const units = parseQuantity(quantity)
  return units.isInteger() && compareQuantity(units, parseQuantity(String(held))) <= 0
}

/** Units as a whole number, at least one: what a trace code counts in. */
export const wholeUnits = (quantity: Quantity): number => {
  const whole = Number.parseInt(formatQuantity(quantity), 10)
  return Math.max(1, whole)
}
