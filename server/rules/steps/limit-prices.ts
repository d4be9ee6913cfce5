import {
  comparePrice,
  formatUnitPrice,
  pricePerPack,
  pricePerUnit,
  subtract,
  unitsAmount,
} from '../../kernel/money.ts'
import type { AdjudicatedLine, ClaimLine } from '../types.ts'
import type { Facts, Progress } from './progress.ts'
import { type LineTake, takeFromLines } from './take-from-lines.ts'

/**
 * 超限价: what the unit price exceeds the ceiling by is the person's, before all shares. The ceiling
 * is a pack's; the units of a split pack (拆零) have their share of it.
 */
export const limitPrices = (progress: Progress, facts: Facts): Progress =>
  takeFromLines(
    progress,
    facts.claim.lines,
    'limit-prices',
    facts.policy.lines.because,
    overCeiling,
  )

function overCeiling(line: ClaimLine, now: AdjudicatedLine): LineTake {
  const { priceCeiling: ceiling, packUnits, unitPrice, quantity } = line
  if (ceiling === null || now.inScope === 0n) return null
  if (comparePrice(pricePerPack(unitPrice, packUnits), ceiling) <= 0) return null
  const recognised = unitsAmount(ceiling, quantity, packUnits) // rounded per line
  // A unit's price has six decimals: above the ceiling by less than a fen takes nothing.
  if (recognised >= now.inScope) return null
  return {
    amount: subtract(now.inScope, recognised),
    note: { code: 'over-price-ceiling', detail: formatUnitPrice(pricePerUnit(ceiling, packUnits)) },
  }
}
