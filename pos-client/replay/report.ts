/** What a replay came to: a table with one line a row, totals to the fen, and a page of words. */
import { stringify } from 'csv-stringify/sync'
import { invariant } from '../../server/kernel/invariant.ts'
import { add, formatMoney, type Money, ZERO } from '../../server/kernel/money.ts'
import type { Notice } from '../server-gateway/notice.ts'
import type { RowAmounts, RowOutcome } from './rows.ts'

type RefusedCount = { readonly notice: Notice; readonly rows: number }
export type ReplayTotals = {
  readonly rows: number
  readonly settled: number
  readonly returned: number
  readonly refused: number
  readonly unknown: number
  /** Of settled and returned rows, those whose document does not add up. */
  readonly differing: number
  /** By code, the most frequent first. */
  readonly refusals: readonly RefusedCount[]
  readonly settledAmounts: RowAmounts
  /** Negative: what went back. */
  readonly returnedAmounts: RowAmounts
}

const NO_AMOUNTS: RowAmounts = { total: ZERO, fund: ZERO, account: ZERO, cash: ZERO }

const addAmounts = (a: RowAmounts, b: RowAmounts): RowAmounts => ({
  total: add(a.total, b.total),
  fund: add(a.fund, b.fund),
  account: add(a.account, b.account),
  cash: add(a.cash, b.cash),
})

export function totalsOf(outcomes: readonly RowOutcome[]): ReplayTotals {
  const inState = (state: RowOutcome['state']) => outcomes.filter((one) => one.state === state)
  const amounts = (state: RowOutcome['state']) =>
    inState(state).reduce((all, one) => addAmounts(all, one.amounts ?? NO_AMOUNTS), NO_AMOUNTS)
  const byCode = new Map<string, RefusedCount>()
  for (const { notice } of inState('refused')) {
    invariant(notice !== null, 'a refused row has its reason')
    const before = byCode.get(notice.code)
    byCode.set(notice.code, { notice: before?.notice ?? notice, rows: (before?.rows ?? 0) + 1 })
  }
  return {
    rows: outcomes.length,
    settled: inState('settled').length,
    returned: inState('returned').length,
    refused: inState('refused').length,
    unknown: inState('unknown').length,
    differing: outcomes.filter((one) => one.amounts !== null && one.notice !== null).length,
    refusals: [...byCode.values()].toSorted((a, b) => b.rows - a.rows),
    settledAmounts: amounts('settled'),
    returnedAmounts: amounts('returned'),
  }
}

/** One line a row; amounts in yuan, empty where nothing was settled. */
export function reportTable(outcomes: readonly RowOutcome[]): string {
  const money = (amount: Money | undefined) => (amount === undefined ? '' : formatMoney(amount))
  const header = 'row state settlement_number total fund account cash code reason key'.split(' ')
  const lines = outcomes.map(({ row, state, settlementNumber, amounts, notice, key }) => [
    row,
    state,
    settlementNumber ?? '',
    money(amounts?.total),
    money(amounts?.fund),
    money(amounts?.account),
    money(amounts?.cash),
    notice?.code ?? '',
    notice === null ? '' : `${notice.number} ${notice.zh.join(' · ')} / ${notice.en.join(' · ')}`,
    key ?? '',
  ])
  return stringify([header, ...lines])
}

const sharesText = ({ total, fund, account, cash }: RowAmounts): string =>
  `${formatMoney(total)} = 基金 funds ${formatMoney(fund)} + 账户 accounts ${formatMoney(account)}` +
  ` + 现金 cash ${formatMoney(cash)}`

/** The page of words; `unmatched` names products that no item of the catalogue answers to. */
export function reportText(totals: ReplayTotals, unmatched: ReadonlyMap<string, number>): string {
  const { settledAmounts, returnedAmounts, refusals } = totals
  const counts = [
    `行 rows ${totals.rows}`,
    `结算 settled ${totals.settled}`,
    `退货 returned ${totals.returned}`,
    `拒绝 refused ${totals.refused}`,
    `未知 unknown ${totals.unknown}`,
  ]
  const others = [...unmatched].map(([name, rows]) => `${name} ×${rows}`)
  return [
    counts.join(' · '),
    `结算合计 settled   ${sharesText(settledAmounts)}`,
    `退货合计 returned  ${sharesText(returnedAmounts)}`,
    `净额 net           ${sharesText(addAmounts(settledAmounts, returnedAmounts))}`,
    ...(totals.differing > 0 ? [`金额不符 sums differ ${totals.differing}`] : []),
    ...(refusals.length > 0 ? ['拒绝原因 refused, by code:'] : []),
    ...refusals.map(({ notice, rows }) => {
      const { number, code, zh, en } = notice
      return `${`${rows}`.padStart(7)}  ${number}  ${code}  例 e.g. ${zh[0]} · ${en[0]}`
    }),
    ...(others.length > 0
      ? [`按未对照商品(丙类)处理 class C, unmatched: ${others.join('、')}`]
      : []),
    '',
  ].join('\n')
}

/** The totals for scripts: money as text, reasons by code. */
export const totalsValue = ({
  refusals,
  settledAmounts,
  returnedAmounts,
  ...counts
}: ReplayTotals) => ({
  ...counts,
  refusedByCode: Object.fromEntries(refusals.map(({ notice, rows }) => [notice.code, rows])),
  settledAmounts: amountsText(settledAmounts),
  returnedAmounts: amountsText(returnedAmounts),
})

const amountsText = ({ total, fund, account, cash }: RowAmounts) => ({
  total: formatMoney(total),
  fund: formatMoney(fund),
  account: formatMoney(account),
  cash: formatMoney(cash),
})
