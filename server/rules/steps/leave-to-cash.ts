import { sum } from '../../kernel/money.ts'
import { PARTS, type Part } from '../types.ts'
import { type Facts, type Progress, paid, traced, traceOf } from './progress.ts'

/** 个人现金: every part that no fund and no account took is left to the person's cash. */
export function leaveToCash(progress: Progress, { policy }: Facts): Progress {
  const took = sum(PARTS.map((part) => progress.parts[part]))
  const after = PARTS.filter((part: Part) => progress.parts[part] !== 0n).reduce(
    (now, part) => paid(now, part, 'cash', now.parts[part]),
    progress,
  )
  const because = policy.lines.because
  return traced(
    after,
    traceOf({ step: 'leave-to-cash', cameIn: took, took, payer: 'cash', because }),
  )
}
