import { comparePrice, formatUnitPrice, lineAmount, subtract } from '../../kernel/money.ts'
import type { AdjudicatedLine, ClaimLine } from '../types.ts'
import type { Facts, Progress } from './progress.ts'
import { type LineTake, takeFromLines } from './take-from-lines.ts'

/** 超限价: what the unit price exceeds the ceiling by is the person's, before all shares. */
export const limitPrices = (progress: Progress, facts: Facts): Progress =>
  takeFromLines(
    progress,
    facts.claim.lines,
    'limit-prices',
    facts.policy.lines.because,
    overCeiling,
  )

function overCeiling(line: ClaimLine, now: AdjudicatedLine): LineTake {
  const ceiling = line.priceCeiling
  if (ceiling === null || now.inScope === 0n) return null
  if (comparePrice(line.unitPrice, ceiling) <= 0) return null
  const recognised = lineAmount(ceiling, line.quantity) // rounded per line
  return {
    amount: subtract(now.inScope, recognised),
    note: { code: 'over-price-ceiling', detail: formatUnitPrice(ceiling) },
  }
}
