import { add, atLeastZero, min, subtract, ZERO } from '../../kernel/money.ts'
import type { SelfPayLayer } from '../policy/policy-of-the-day.ts'
import { pickRow } from '../policy/select.ts'
import { type Facts, moved, type Progress, traced, traceOf } from './progress.ts'

/**
 * 自付段 (门诊第二段, deductible): the person bears in-scope expense until the year's figure is
 * reached; it accumulates over the benefit year. Who pays it, account or cash, later steps say.
 */
export function applySelfPaySegment(
  progress: Progress,
  facts: Facts,
  layer: SelfPayLayer,
): Progress {
  const row = pickRow(layer.amounts, facts)
  const usedBefore = facts.position.balances[layer.accumulator] ?? ZERO
  const left = atLeastZero(subtract(row.amount, usedBefore))
  const cameIn = progress.parts['in-scope']
  const took = min(cameIn, left)
  return traced(
    {
      ...progress,
      parts: moved(progress.parts, 'in-scope', 'deductible', took),
      counted: { ...progress.counted, [layer.accumulator]: { amount: took, ceiling: row.amount } },
      deductibleLeft: add(progress.deductibleLeft ?? ZERO, subtract(left, took)),
    },
    traceOf({
      step: layer.step,
      cameIn,
      took,
      figure: row.amount,
      usedBefore,
      because: row.because,
    }),
  )
}
