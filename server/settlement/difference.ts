/** The difference between two adjudications of one settlement: what a return moves. */
import { formatMoney, type Money, parseMoney, subtract, ZERO } from '../kernel/money.ts'
import type { Adjudication, BalanceMovement } from '../rules/types.ts'
import type { SettlementDocument } from './document.ts'
import { NO_PAYERS, NO_TOTALS, subtractPayers, subtractTotals } from './fund-breakdown.ts'

type DocumentLine = SettlementDocument['lines'][number]

/** Later minus earlier by payer and part of the expense; null stands for nothing left. */
export const amountsBetween = (earlier: Adjudication, later: Adjudication | null) => ({
  payers: subtractPayers(later?.payers ?? NO_PAYERS, earlier.payers),
  totals: subtractTotals(later?.totals ?? NO_TOTALS, earlier.totals),
})

/** Later minus earlier by balance. A ceiling binds only upwards and is left as it stands. */
export function movementsBetween(
  earlier: Adjudication,
  later: Adjudication | null,
): BalanceMovement[] {
  const nameOf = (one: BalanceMovement) => `${one.owner}/${one.benefitYear}/${one.kind}`
  const differences = new Map<string, BalanceMovement>()
  for (const one of earlier.movements) {
    const amount = subtract(ZERO, one.amount)
    differences.set(nameOf(one), { ...one, amount, ceiling: null })
  }
  for (const one of later?.movements ?? []) {
    const before = differences.get(nameOf(one))?.amount ?? ZERO
    const amount = (before + one.amount) as Money
    differences.set(nameOf(one), { ...one, amount, ceiling: null })
  }
  return [...differences.values()].filter((one) => one.amount !== ZERO)
}

/** A line taken back as a whole: every amount with its sign swapped. */
export const lineTakenBack = (line: DocumentLine): DocumentLine => ({
  ...line,
  amount: negated(line.amount),
  outsideScope: negated(line.outsideScope),
  overLimit: negated(line.overLimit),
  preliminaryShare: negated(line.preliminaryShare),
  inScope: negated(line.inScope),
})

/** A line's part between two adjudications, for the returned quantity and codes. */
export function lineBetween(
  line: DocumentLine,
  earlier: Adjudication,
  later: Adjudication | null,
  returned: { readonly quantity: string; readonly traceCodes: readonly string[] },
): DocumentLine {
  const before = earlier.lines.find((one) => one.lineNo === line.lineNo)
  const after = later?.lines.find((one) => one.lineNo === line.lineNo)
  const between = (
    part: 'amount' | 'outsideScope' | 'overLimit' | 'preliminaryShare' | 'inScope',
  ) => formatMoney(subtract(after?.[part] ?? ZERO, before?.[part] ?? ZERO))
  return {
    ...line,
    quantity: returned.quantity,
    traceCodes: returned.traceCodes,
    amount: between('amount'),
    outsideScope: between('outsideScope'),
    overLimit: between('overLimit'),
    preliminaryShare: between('preliminaryShare'),
    inScope: between('inScope'),
  }
}

const negated = (amount: string): string => formatMoney(subtract(ZERO, parseMoney(amount)))
