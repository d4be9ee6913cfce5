/** What a row of the day's list says of its document: what became of it, and of which day it is. */
import type { SettlementList } from '../../server/contract/claims.ts'
import { dayOf, parseInstant } from '../../server/kernel/calendar.ts'
import { add, parseMoney } from '../../server/kernel/money.ts'

export type SaleRow = SettlementList['items'][number]

/**
 * Whether a settlement was taken back, by the rows of the same day that name it: the list is of
 * today, newest first, so what took back a settlement of today stands above it.
 */
export function stateOfRow(row: SaleRow, rows: readonly SaleRow[]) {
  const back = rows.filter(({ originalId }) => originalId === row.settlementId)
  if (back.some(({ kind }) => kind === 'reversal')) return 'reversed'
  if (back.length === 0) return 'settled'
  const left = back.reduce(
    (total, { totalExpense }) => add(total, parseMoney(totalExpense)),
    parseMoney(row.totalExpense),
  )
  return left === 0n ? 'returned' : 'partly-returned'
}

/** The service day, where it is another than the day of posting; else null. */
export function otherServiceDay({ serviceDay, settledAt }: SaleRow): string | null {
  const at = parseInstant(settledAt)
  return serviceDay === undefined || at === null || serviceDay === dayOf(at) ? null : serviceDay
}
