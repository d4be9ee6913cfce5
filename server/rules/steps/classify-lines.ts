import { limitCode } from '../limit-words.ts'
import type { ClaimLine } from '../types.ts'
import { unmetLimit } from './item-limits.ts'
import type { Facts, Progress } from './progress.ts'
import { type LineTake, takeFromLines } from './take-from-lines.ts'

/**
 * 甲乙丙分类. Class C, and a line whose catalogue limit is not met, is wholly outside scope. Where
 * the policy refuses such a line instead, `claimRefusals` says so before; here the person pays.
 */
export const classifyLines = (progress: Progress, facts: Facts): Progress =>
  takeFromLines(progress, facts.claim.lines, 'classify-lines', facts.policy.lines.because, (line) =>
    outsideScope(line, facts),
  )

function outsideScope(line: ClaimLine, facts: Facts): LineTake {
  if (line.catalogueClass === 'C') {
    return { amount: line.amount, note: { code: 'class-c', detail: line.itemCode } }
  }
  const limit = unmetLimit(line, facts)
  if (limit === null) return null
  return { amount: line.amount, note: { code: 'limit-not-met', detail: limitCode(limit) } }
}
