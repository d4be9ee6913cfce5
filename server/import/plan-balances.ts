/**
 * Plans credits of opening balances. The key of a credit follows from whose account it is and the
 * reason, not from the file's bytes: a file that was mended and comes again credits only the rows
 * that were refused before, and one reason credits one account once, whoever imports it.
 */
import { createHash } from 'node:crypto'
import { type Holder, type Holders, holdersOf, postedUnder } from '../../db/import/holders.ts'
import type { ImportVault } from '../../db/import/persons.ts'
import type { ImportSql, Numbered, PlanFault, RowOutcome } from '../../db/import/transaction.ts'
import {
  type AccountCoverage,
  type AccountOwner,
  isAccountHeld,
} from '../actions/credit-account.ts'
import { derivedId } from '../actions/derived-id.ts'
import type { WriteKey } from '../actions/runtime.ts'
import type { ServiceDay } from '../kernel/calendar.ts'
import { formatMoney } from '../kernel/money.ts'
import type { BalanceDraft } from './profiles/balances.ts'

/** Whose keys they are: one client for all importing, so that two operators credit once too. */
export const CREDITS_CLIENT = '0ba1a9ce-0000-8000-8000-000000000001'

export type Credit = Numbered<BalanceDraft> & {
  readonly owner: AccountOwner
  readonly key: WriteKey
}
export type CreditPlan = {
  readonly outcomes: readonly RowOutcome[]
  /** Of the rows that are new. */
  readonly credits: readonly Credit[]
}

export async function planBalances(
  sql: ImportSql,
  rows: readonly Numbered<BalanceDraft>[],
  today: ServiceDay,
  vault: ImportVault,
): Promise<CreditPlan> {
  const names = rows.map(({ draft }) => draft)
  const holders = await holdersOf(sql, names, today, vault)
  const outcomes = new Map<number, RowOutcome>()
  const found: Credit[] = []
  for (const row of rows) {
    const credit = creditOfRow(row, holders, today)
    if ('fault' in credit) outcomes.set(row.rowNo, refused(row.rowNo, credit.column, credit.fault))
    else found.push(credit)
  }
  for (const [rowNo, outcome] of repeatedRows(found)) outcomes.set(rowNo, outcome)
  const once = found.filter(({ rowNo }) => !outcomes.has(rowNo))
  const posted = await postedUnder(
    sql,
    CREDITS_CLIENT,
    once.map(({ key }) => key.key),
  )
  for (const { rowNo, key } of once) outcomes.set(rowNo, outcomeOf(rowNo, posted.get(key.key), key))
  return {
    outcomes: [...outcomes.values()].sort((a, b) => a.rowNo - b.rowNo),
    credits: once.filter(({ rowNo }) => outcomes.get(rowNo)?.verdict === 'new'),
  }
}

export const refused = (
  rowNo: number,
  column: string,
  fault: PlanFault,
  otherRowNo?: number,
): RowOutcome => ({
  rowNo,
  verdict: 'refused',
  column,
  fault,
  ...(otherRowNo === undefined ? {} : { otherRowNo }),
})

function outcomeOf(rowNo: number, posted: string | undefined, { bodySha }: WriteKey): RowOutcome {
  if (posted === undefined) return { rowNo, verdict: 'new' }
  if (posted === bodySha) return { rowNo, verdict: 'unchanged' }
  return refused(rowNo, 'amount', 'credited-otherwise')
}

type Fault = { readonly column: string; readonly fault: PlanFault }

function creditOfRow(
  row: Numbered<BalanceDraft>,
  holders: Holders,
  today: ServiceDay,
): Credit | Fault {
  const { account, amount, reason } = row.draft
  const holder = holderOf(row.draft, holders)
  if ('fault' in holder) return holder
  const coverage = holder.coverage as AccountCoverage | null
  if (coverage === null || !isAccountHeld(account, coverage, today)) {
    return { column: 'account', fault: 'account-not-held' }
  }
  const household = account === 'household-account'
  const ownerId = household ? holder.householdId : holder.personId
  const version = household ? holder.householdVersion : holder.version
  if (ownerId === null || version === null) return { column: 'account', fault: 'household-missing' }
  return {
    ...row,
    owner: { ownerId, version: BigInt(version), scheme: coverage.scheme },
    key: {
      key: keyOf(JSON.stringify([ownerId, account, reason])),
      bodySha: sha256(JSON.stringify([ownerId, account, formatMoney(amount), reason])),
    },
  }
}

function holderOf({ cardNumber, idNumber }: BalanceDraft, holders: Holders): Holder | Fault {
  const carded = cardNumber === null ? null : holders.byCard.get(cardNumber)
  const numbered = idNumber === null ? null : holders.byIdNumber.get(idNumber)
  if (carded === undefined) return { column: 'card_number', fault: 'person-unknown' }
  if (numbered === undefined) return { column: 'id_number', fault: 'person-unknown' }
  if (carded !== null && numbered !== null && carded.personId !== numbered.personId) {
    return { column: 'card_number', fault: 'card-of-another-person' }
  }
  return carded ?? numbered ?? { column: 'card_number', fault: 'person-unknown' }
}

/** Of rows with one key the first stands where all agree, and none where they do not. */
function repeatedRows(credits: readonly Credit[]): Map<number, RowOutcome> {
  const first = new Map<string, Credit>()
  const repeated = new Map<number, RowOutcome>()
  for (const credit of credits) {
    const { rowNo, key } = credit
    const earlier = first.get(key.key)
    if (earlier === undefined) {
      first.set(key.key, credit)
      continue
    }
    const same = earlier.key.bodySha === key.bodySha
    const fault = same ? 'duplicate-in-file' : 'credit-differs'
    repeated.set(rowNo, refused(rowNo, 'amount', fault, earlier.rowNo))
    if (!same) repeated.set(earlier.rowNo, refused(earlier.rowNo, 'amount', fault, rowNo))
  }
  return repeated
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const keyOf = (text: string): string => derivedId(`opening-balance/${text}`)
