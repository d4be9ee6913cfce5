/**
 * The trace codes of a claim (药品追溯码): of the right form, none twice, none sold before, and as
 * many as its packs. Codes that are still missing stop a settlement; a presettlement names them
 * instead, for it is asked while the pharmacist is still scanning.
 */

import type { ClaimInput, ClaimLineInput, MissingTraceCodes } from '../contract/claims.ts'
import { localTimeText } from '../kernel/calendar.ts'
import { compareQuantity, formatQuantity, parseQuantity, type Quantity } from '../kernel/money.ts'
import { type Refusal, refusal } from '../kernel/refusal.ts'
import type { LineDetails } from '../settlement/document.ts'
import type { CatalogueItem } from '../store/catalogue.ts'
import type { KnownCode } from '../store/entitlement.ts'

const TRACE_CODE_PATTERN = /^\d{20}$/

/** What is to be said of the codes of one line. */
export type TraceFindings = {
  readonly refusals: readonly Refusal[]
  readonly missing: MissingTraceCodes | null
}
const NOTHING_FOUND: TraceFindings = { refusals: [], missing: null }

/**
 * A pack needs one code each; a split pack the code of the pack it comes from, in whole units and
 * no more of them than the pack holds. Where no code is due, for the item or on the day, a line may
 * come without; once it brings some, it brings all, so that a return finds the code of each pack.
 */
export function traceFindings(
  line: ClaimLineInput,
  item: CatalogueItem,
  dueOnDay: boolean,
): TraceFindings {
  const at = { line: String(line.lineNo) }
  const given = line.traceCodes.length
  if (line.traceCodes.some((code) => !TRACE_CODE_PATTERN.test(code))) {
    return found(refusal('trace-code-invalid', at))
  }
  const due = item.traceCodeRequired && dueOnDay
  if (!due && given === 0) return NOTHING_FOUND
  const quantity = parseQuantity(line.quantity)
  if (!quantity.isInteger()) return found(notWhole(line.lineNo, quantity))
  const held = wholeUnits(parseQuantity(item.unitsPerPack))
  if (line.unit === 'split' && compareQuantity(quantity, parseQuantity(String(held))) > 0) {
    return found(refusal('quantity-invalid', { ...at, max: String(held) }))
  }
  const needed = line.unit === 'split' ? 1 : wholeUnits(quantity)
  // Of too many codes none that could still be scanned would help.
  if (given > needed) return found(missingRefusal({ lineNo: line.lineNo, needed, given }))
  if (given === needed) return NOTHING_FOUND
  return { refusals: [], missing: { lineNo: line.lineNo, needed, given } }
}

const found = (refused: Refusal): TraceFindings => ({ refusals: [refused], missing: null })

/** Why a settlement cannot be made of a line that still lacks codes. */
export const missingRefusal = ({ lineNo, needed, given }: MissingTraceCodes): Refusal =>
  refusal('trace-code-missing', {
    line: String(lineNo),
    needed: String(needed),
    given: String(given),
  })

/** A code that stands twice in the claim. */
export function repeatedCodes(input: ClaimInput): Refusal[] {
  const codes = input.lines.flatMap((line) => line.traceCodes)
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

/** A trace code stands for a whole pack, or for whole units of one. */
export const notWhole = (lineNo: number, quantity: Quantity): Refusal =>
  refusal('quantity-not-whole', { line: String(lineNo), quantity: formatQuantity(quantity) })

/**
 * A pack that was opened holds what it held then, whatever the catalogue says of packs today: a
 * corrected number of units must neither add any to it nor lock those that are left.
 */
export const packsAsOpened = (
  details: readonly LineDetails[],
  known: readonly KnownCode[],
): LineDetails[] =>
  details.map((detail) => {
    const opened = known.find(({ code }) => detail.traceCodes.includes(code))
    return opened === undefined ? detail : { ...detail, unitsPerPack: opened.unitsPerPack }
  })

/** Units as a whole number, at least one: what a trace code counts in. */
export const wholeUnits = (quantity: Quantity): number => {
  const whole = Number.parseInt(formatQuantity(quantity), 10)
  return Math.max(1, whole)
}
