/** What became of a row, and what it came to in money. */
import type { SettlementAnswer } from '../../server/contract/claims.ts'
import { type Money, parseMoney, sum } from '../../server/kernel/money.ts'
import type { Payer } from '../../server/kernel/words.ts'
import { documentOf, outcomeOf } from '../local-api/outcome.ts'
import type { Entry } from '../queue/records.ts'
import { sumsDiffer } from '../receipt/sums.ts'
import type { Asked } from '../server-gateway/centre.ts'
import { type Notice, tillNotice } from '../server-gateway/notice.ts'
import { type ReplayRefusalCode, replayNotice } from './refusals.ts'

export type RowAmounts = {
  readonly total: Money
  readonly fund: Money
  readonly account: Money
  readonly cash: Money
}
export type RowOutcome = {
  readonly row: string
  readonly state: 'settled' | 'returned' | 'refused' | 'unknown'
  /** Key under which the row was sent; null where nothing was. */
  readonly key: string | null
  readonly settlementNumber: string | null
  /** Negative for a return; null where nothing was settled. */
  readonly amounts: RowAmounts | null
  readonly notice: Notice | null
}

/** The three columns of a list of sales: funds, the person's accounts, cash. */
const COLUMN_OF = {
  'pooling-fund': 'fund',
  'large-sum-fund': 'fund',
  'critical-illness-fund': 'fund',
  'civil-servant-subsidy': 'fund',
  'medical-assistance': 'fund',
  'other-fund': 'fund',
  employer: 'fund',
  institution: 'fund',
  'current-year-account': 'account',
  'past-year-account': 'account',
  'family-share': 'account',
  'household-account': 'account',
  cash: 'cash',
} as const satisfies Record<Payer, 'fund' | 'account' | 'cash'>

function amountsOf({ totals, payers }: SettlementAnswer): RowAmounts {
  const of = (column: 'fund' | 'account' | 'cash'): Money =>
    sum(
      Object.entries(payers)
        .filter(([payer]) => COLUMN_OF[payer as Payer] === column)
        .map(([, amount]) => parseMoney(amount)),
    )
  const total = parseMoney(totals.totalExpense)
  return { total, fund: of('fund'), account: of('account'), cash: of('cash') }
}

const nothing = { key: null, settlementNumber: null, amounts: null } as const

export const refusedRow = (row: string, notice: Notice): RowOutcome => ({
  row,
  state: 'refused',
  ...nothing,
  notice,
})
export const refusedByTill = (row: string, code: ReplayRefusalCode): RowOutcome =>
  refusedRow(row, replayNotice(code))

/** What an intention came to. A document whose sums differ keeps its number and says so. */
export function rowOutcome(row: string, asked: Asked<Entry>): RowOutcome {
  if (!asked.ok) return refusedRow(row, asked.notice)
  const { key } = asked.value
  const document = documentOf(asked.value)
  const { state, notice } = outcomeOf(asked.value)
  if (document !== null) {
    const differs = sumsDiffer(document) === null ? null : tillNotice('receipt-sums-differ')
    return {
      row,
      state: document.kind === 'return' ? 'returned' : 'settled',
      key,
      settlementNumber: document.settlementNumber,
      amounts: amountsOf(document),
      notice: differs,
    }
  }
  if (state === 'refused' || state === 'withdrawn') {
    return { ...refusedRow(row, notice ?? tillNotice('centre-unreached')), key }
  }
  const open = notice ?? tillNotice('outcome-unknown')
  return { row, state: 'unknown', ...nothing, key, notice: open }
}
