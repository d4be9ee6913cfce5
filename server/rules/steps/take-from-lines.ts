import { type Money, subtract, sum, ZERO } from '../../kernel/money.ts'
import type { AdjudicatedLine, Because, ClaimLine, LineNote } from '../types.ts'
import { moved, type Progress, traced, traceOf } from './progress.ts'

/** What a step takes out of one line, and why; null where it leaves the line alone. */
export type LineTake = { readonly amount: Money; readonly note: LineNote } | null

const PLACES = {
  'classify-lines': { part: 'outside-scope', field: 'outsideScope' },
  'limit-prices': { part: 'over-limit', field: 'overLimit' },
  'take-preliminary-share': { part: 'preliminary-share', field: 'preliminaryShare' },
} as const

/** Runs over the lines and moves what the step takes from in scope to the step's own part. */
export function takeFromLines(
  progress: Progress,
  claimLines: readonly ClaimLine[],
  step: keyof typeof PLACES,
  because: Because,
  takeOf: (line: ClaimLine, now: AdjudicatedLine) => LineTake,
): Progress {
  const { part, field } = PLACES[step]
  const takes = claimLines.map((line, index) => takeOf(line, lineAt(progress, index)))
  const took = sum(takes.map((take) => take?.amount ?? ZERO))
  const cameIn = progress.parts['in-scope']
  const lines = progress.lines.map((line, index) => {
    const take = takes[index]
    if (!take) return line
    const inScope = subtract(line.inScope, take.amount)
    return { ...line, [field]: take.amount, inScope, notes: [...line.notes, take.note] }
  })
  const parts = moved(progress.parts, 'in-scope', part, took)
  return traced({ ...progress, lines, parts }, traceOf({ step, cameIn, took, because }))
}

const lineAt = (progress: Progress, index: number): AdjudicatedLine =>
  progress.lines[index] as AdjudicatedLine
