import { formatRatio, roundToFen, share } from '../../kernel/money.ts'
import type { AdjudicatedLine, ClaimLine } from '../types.ts'
import type { Facts, Progress } from './progress.ts'
import { type LineTake, takeFromLines } from './take-from-lines.ts'

/** 先行自付: the item's own share of what is left of its line, before deductible and ratio. */
export const takePreliminaryShare = (progress: Progress, facts: Facts): Progress =>
  takeFromLines(
    progress,
    facts.claim.lines,
    'take-preliminary-share',
    facts.policy.lines.because,
    preliminaryShare,
  )

function preliminaryShare(line: ClaimLine, now: AdjudicatedLine): LineTake {
  if (now.inScope === 0n || line.preliminaryRatio.isZero()) return null
  return {
    amount: roundToFen(share(now.inScope, line.preliminaryRatio)), // rounded per line
    note: { code: 'preliminary-share', detail: formatRatio(line.preliminaryRatio) },
  }
}
