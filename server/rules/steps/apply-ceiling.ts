import { unreachable } from '../../kernel/invariant.ts'
import {
  add,
  atLeastZero,
  expenseFor,
  type Money,
  min,
  roundToFen,
  subtract,
  sum,
  ZERO,
} from '../../kernel/money.ts'
import type { AmountRow, CeilingLayer } from '../policy/policy-of-the-day.ts'
import { pickRow } from '../policy/select.ts'
import { type Facts, moved, type PooledSlice, type Progress, traced, traceOf } from './progress.ts'

/**
 * 封顶线: a limit of the year, on in-scope expense or on fund pay. Hit in mid-claim it splits the
 * claim: what lies above is its own part, from which a next layer would start.
 */
export function applyCeiling(progress: Progress, facts: Facts, layer: CeilingLayer): Progress {
  const row = pickRow(layer.amounts, facts)
  const usedBefore = facts.position.balances[layer.accumulator] ?? ZERO
  const left = atLeastZero(subtract(row.amount, usedBefore))
  switch (layer.basis) {
    case 'in_scope_expense':
      return ceilingOnExpense(progress, layer, row, usedBefore, left)
    case 'fund_pay':
      return ceilingOnFundPay(progress, layer, row, usedBefore, left)
    default:
      return unreachable(layer.basis)
  }
}

function ceilingOnExpense(
  progress: Progress,
  layer: CeilingLayer,
  row: AmountRow,
  usedBefore: Money,
  left: Money,
): Progress {
  const cameIn = progress.parts['in-scope']
  const within = min(cameIn, left)
  const above = subtract(cameIn, within)
  return traced(
    {
      ...progress,
      parts: moved(progress.parts, 'in-scope', 'above-ceiling', above),
      counted: { ...progress.counted, [layer.accumulator]: counted(within, row) },
      ceilingLeft: subtract(left, within),
      ceilingOn: layer.basis,
    },
    traceOf({ ...headOf(layer, row), cameIn, took: above, usedBefore }),
  )
}

function ceilingOnFundPay(
  progress: Progress,
  layer: CeilingLayer,
  row: AmountRow,
  usedBefore: Money,
  left: Money,
): Progress {
  const kept = keepWithin(progress.slices, left)
  const base = sum(progress.slices.map((slice) => slice.base))
  const fundBefore = sum(progress.slices.map((slice) => slice.fund))
  const fund = sum(kept.map((slice) => slice.fund))
  const above = subtract(base, sum(kept.map((slice) => slice.base)))
  // What the fund gives back and does not lie above the ceiling falls to the co-payment, or
  // leaves it: expense and its fund pay are cut together.
  const coPayment = subtract(subtract(fundBefore, fund), above)
  const { parts, payers } = progress
  return traced(
    {
      ...progress,
      slices: kept,
      parts: {
        ...parts,
        'co-payment': add(parts['co-payment'], coPayment),
        'above-ceiling': add(parts['above-ceiling'], above),
      },
      payers: {
        ...payers,
        'pooling-fund': subtract(payers['pooling-fund'], subtract(fundBefore, fund)),
      },
      counted: { ...progress.counted, [layer.accumulator]: counted(fund, row) },
      ceilingLeft: subtract(left, fund),
      ceilingOn: layer.basis,
    },
    traceOf({ ...headOf(layer, row), cameIn: base, took: above, usedBefore }),
  )
}

/**
 * The slices cut to what is left of the ceiling. The expense that a rest of the ceiling stands
 * for is rest ÷ ratio, to the fen; its share rounds back to the rest, because no ratio exceeds 1.
 */
function keepWithin(slices: readonly PooledSlice[], left: Money): PooledSlice[] {
  let rest = left
  return slices.map((slice) => {
    const consumed = slice.ratio.isZero()
      ? slice.base
      : min(slice.base, roundToFen(expenseFor(rest, slice.ratio)))
    const fund = consumed === slice.base ? min(slice.fund, rest) : rest
    rest = subtract(rest, fund)
    return { ...slice, base: consumed, fund }
  })
}

const counted = (amount: Money, row: AmountRow) => ({ amount, ceiling: row.amount })
const headOf = (layer: CeilingLayer, row: AmountRow) => ({
  step: layer.step,
  figure: row.amount,
  because: row.because,
})
