import { unreachable } from '../../kernel/invariant.ts'
import type { SetAsideLayer } from '../policy/policy-of-the-day.ts'
import type { LineNote } from '../types.ts'
import { type Facts, moved, type Progress, traced, traceOf } from './progress.ts'

/**
 * 不纳入统筹的购药: in-scope expense of a pharmacy that takes no part in deductible, pooling and
 * ceiling; accounts the policy names may pay it, the rest is cash.
 */
export function setAsideUnpooled(progress: Progress, facts: Facts, layer: SetAsideLayer): Progress {
  const note = noteFor(facts, layer)
  if (note === null) return progress
  const amount = progress.parts['in-scope']
  const lines = progress.lines.map((line) =>
    line.inScope === 0n ? line : { ...line, notes: [...line.notes, note] },
  )
  const parts = moved(progress.parts, 'in-scope', 'unpooled', amount)
  const { step, because } = layer
  return traced(
    { ...progress, lines, parts },
    traceOf({ step, cameIn: amount, took: amount, because }),
  )
}

function noteFor({ claim }: Facts, { what }: SetAsideLayer): LineNote | null {
  if (claim.serviceKind !== 'pharmacy') return null
  switch (what) {
    case 'pharmacy_purchases':
      return { code: 'pharmacy-not-pooled', detail: what }
    case 'pharmacy_without_prescription':
      return claim.prescription ? null : { code: 'no-prescription', detail: what }
    default:
      return unreachable(what)
  }
}
