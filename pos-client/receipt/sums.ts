/** The two sums that every document satisfies to the fen; otherwise it is not printed. */
import type { SettlementAnswer } from '../../server/contract/claims.ts'
import { type Money, parseMoney, sum } from '../../server/kernel/money.ts'

const moneyOf = (texts: readonly string[]): Money => sum(texts.map(parseMoney))

/** What does not add up, in words for the log; null where everything does. */
export function sumsDiffer(document: SettlementAnswer): string | null {
  const { totals, payers, lines } = document
  const { outsideScope, overLimit, preliminaryShare, inScope } = totals
  const total = parseMoney(totals.totalExpense)
  if (total !== moneyOf([outsideScope, overLimit, preliminaryShare, inScope])) {
    return 'total expense and its four parts'
  }
  if (total !== moneyOf(Object.values(payers))) return 'total expense and its payers'
  if (total !== moneyOf(lines.map((line) => line.amount))) return 'total expense and its lines'
  return null
}
