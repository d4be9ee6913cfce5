/**
 * What remains of a settlement after returns (decisions.md 8): by line and quantity. What remains
 * is adjudicated at the original start position under the original day's policy.
 */
import {
  compareQuantity,
  isZeroQuantity,
  lineAmount,
  parseQuantity,
  type Quantity,
  quantityMinus,
} from '../kernel/money.ts'
import type { Claim, ClaimLine } from '../rules/types.ts'
import type { SettlementDocument } from './document.ts'

export type ReturnableLine = {
  readonly lineNo: number
  readonly quantity: Quantity
  /** Trace codes of the line that did not come back yet. */
  readonly traceCodes: readonly string[]
}

export type AskedReturn = {
  readonly lineNo: number
  readonly quantity: Quantity
  readonly traceCodes: readonly string[]
}

/** Per line of the original: how much of it has not been returned. */
export function returnableQuantities(
  original: SettlementDocument,
  returns: readonly SettlementDocument[],
): ReturnableLine[] {
  return original.lines.map((line) => {
    const back = returns.flatMap((one) => one.lines.filter((other) => other.lineNo === line.lineNo))
    const codesBack = new Set(back.flatMap((one) => one.traceCodes))
    return {
      lineNo: line.lineNo,
      quantity: back.reduce(
        (left, one) => quantityMinus(left, parseQuantity(one.quantity)),
        parseQuantity(line.quantity),
      ),
      traceCodes:
        line.unit === 'split'
          ? line.traceCodes
          : line.traceCodes.filter((code) => !codesBack.has(code)),
    }
  })
}

/** The claim with only the given quantities left; lines of nothing fall away. */
export function claimOfRemainder(claim: Claim, left: readonly ReturnableLine[]): Claim {
  const lines = claim.lines.flatMap((line): ClaimLine[] => {
    const quantity = left.find((one) => one.lineNo === line.lineNo)?.quantity
    if (quantity === undefined || isZeroQuantity(quantity)) return []
    const whole = compareQuantity(quantity, line.quantity) === 0
    const amount = whole ? line.amount : lineAmount(line.unitPrice, quantity)
    return [{ ...line, quantity, amount }]
  })
  return { ...claim, lines }
}

/** What is left after a further return. */
export const afterReturn = (
  left: readonly ReturnableLine[],
  asked: readonly AskedReturn[],
): ReturnableLine[] =>
  left.map((line) => {
    const back = asked.filter((one) => one.lineNo === line.lineNo)
    const codes = new Set(back.flatMap((one) => one.traceCodes))
    return {
      ...line,
      quantity: back.reduce((rest, one) => quantityMinus(rest, one.quantity), line.quantity),
      traceCodes: line.traceCodes.filter((code) => !codes.has(code)),
    }
  })
