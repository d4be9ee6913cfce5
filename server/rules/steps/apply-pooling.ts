import { add, min, roundToFen, share, subtract } from '../../kernel/money.ts'
import type { PoolingLayer } from '../policy/policy-of-the-day.ts'
import { pickRow } from '../policy/select.ts'
import { type Facts, type Progress, traced, traceOf } from './progress.ts'

/** 统筹段: the pooling fund pays its ratio of what is in scope; the rest is the co-payment. */
export function applyPooling(progress: Progress, facts: Facts, layer: PoolingLayer): Progress {
  const row = pickRow(layer.ratios, facts)
  const base = progress.parts['in-scope']
  const fund = min(base, roundToFen(share(base, row.ratio))) // rounded once per claim
  const { parts, payers } = progress
  return traced(
    {
      ...progress,
      parts: {
        ...parts,
        'in-scope': subtract(parts['in-scope'], base),
        'co-payment': add(parts['co-payment'], subtract(base, fund)),
      },
      payers: { ...payers, 'pooling-fund': add(payers['pooling-fund'], fund) },
      slices: [...progress.slices, { base, ratio: row.ratio, fund }],
    },
    traceOf({
      step: layer.step,
      cameIn: base,
      took: fund,
      payer: 'pooling-fund',
      ratio: row.ratio,
      because: row.because,
    }),
  )
}
