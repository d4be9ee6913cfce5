import { invariant } from '../../kernel/invariant.ts'
import { sum } from '../../kernel/money.ts'
import { type Facts, type Progress, traced, traceOf } from './progress.ts'

/** 符合政策范围: what is left of the lines; the layers of the benefit work on it. */
export function determineInScope(progress: Progress, { claim, policy }: Facts): Progress {
  const inScope = progress.parts['in-scope']
  invariant(inScope >= 0n, 'nothing below zero is in scope')
  return traced(
    progress,
    traceOf({
      step: 'determine-in-scope',
      cameIn: sum(claim.lines.map((line) => line.amount)),
      took: inScope,
      because: policy.lines.because,
    }),
  )
}
