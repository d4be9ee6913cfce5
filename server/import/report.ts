/** What an import comes to, told to whoever runs it. */
import { type RowOutcome, VERDICTS, type Verdict } from '../../db/import/transaction.ts'
import { type Money, sum, ZERO } from '../kernel/money.ts'
import type { CheckedFile } from './check-file.ts'
import type { RowFault } from './faults.ts'
import type { Subject } from './profile.ts'

export type ImportReport = {
  readonly profile: string
  readonly rowsRead: number
  /** Columns of the file that the layout does nothing with. */
  readonly unread: readonly string[]
  /** Rows that hold nothing to import, e.g. towns of other areas. */
  readonly passedOver: number
  readonly counts: Readonly<Record<Verdict, number>>
  /** Refused rows by the first thing that is wrong with each. */
  readonly refusedBy: Readonly<Record<string, number>>
  /** Every fault of every refused row, in the order of the file. */
  readonly faults: readonly RowFault[]
  readonly outcomes: readonly RowOutcome[]
  /** Of balances: sums of what is credited, and of what had been before; null for other files. */
  readonly credits: { readonly now: Money; readonly before: Money } | null
  readonly committed: boolean
}

/** What else helps to find a refused row's reason; a day of a person's settlement does not. */
function detailOf(
  { key, otherRowNo, usedOn }: Extract<RowOutcome, { verdict: 'refused' }>,
  personal: boolean,
): string | null {
  const parts = [
    key,
    otherRowNo === undefined ? undefined : `见第 ${otherRowNo} 行 see row ${otherRowNo}`,
    usedOn === undefined || personal ? undefined : `最近结算日 last settled on ${usedOn}`,
  ].filter((part) => part !== undefined)
  return parts.join(' · ') || null
}

/** What a file of balances comes to, by verdict. */
function creditsOf(
  { subject, rows }: CheckedFile<Subject>,
  outcomes: readonly RowOutcome[],
): ImportReport['credits'] {
  if (subject !== 'balances') return null
  const drafts = (rows as CheckedFile<'balances'>['rows']).map(
    ({ rowNo, draft }) => [rowNo, draft.amount] as const,
  )
  const amounts = new Map(drafts)
  const sumOf = (verdict: Verdict): Money =>
    sum(outcomes.map((one) => (one.verdict === verdict ? (amounts.get(one.rowNo) ?? ZERO) : ZERO)))
  return { now: sumOf('new'), before: sumOf('unchanged') }
}

export function reportOf(
  checked: CheckedFile<Subject>,
  outcomes: readonly RowOutcome[],
  committed: boolean,
): ImportReport {
  const planFaults = outcomes.flatMap((outcome): RowFault[] =>
    outcome.verdict === 'refused'
      ? [
          {
            rowNo: outcome.rowNo,
            column: outcome.column,
            code: outcome.fault,
            value: detailOf(outcome, checked.personal),
          },
        ]
      : [],
  )
  const faults = [...checked.faults, ...planFaults]
    .sort((a, b) => a.rowNo - b.rowNo)
    .map((fault) => ({ ...fault, column: checked.headers.get(fault.column) ?? fault.column }))
  const firstOfRow = new Map<number, RowFault>()
  for (const fault of faults) {
    if (!firstOfRow.has(fault.rowNo)) firstOfRow.set(fault.rowNo, fault)
  }
  const refusedBy: Record<string, number> = {}
  for (const { code } of firstOfRow.values()) refusedBy[code] = (refusedBy[code] ?? 0) + 1
  const counts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<
    Verdict,
    number
  >
  for (const { verdict } of outcomes) counts[verdict] += 1
  counts.refused = firstOfRow.size
  const { profile, rowsRead, unread } = checked
  const credits = creditsOf(checked, outcomes)
  const passedOver = rowsRead - Object.values(counts).reduce((all, one) => all + one, 0)
  return {
    profile,
    rowsRead,
    unread,
    passedOver,
    counts,
    refusedBy,
    faults,
    outcomes,
    credits,
    committed,
  }
}
