/** Settlement rows: one shape for writing them through the door and reading them back. */
import type { BenefitYear, Instant, ServiceDay } from '../kernel/calendar.ts'
import { instantText, parseInstant } from '../kernel/calendar.ts'
import { invariant } from '../kernel/invariant.ts'
import { fen, type Money, parseMoney } from '../kernel/money.ts'
import type { BalanceKind, Payer, Payers, Scheme, ServiceKind, Totals } from '../rules/types.ts'
import { PAYERS } from '../rules/types.ts'
import type { SettlementDocument } from '../settlement/document.ts'
import { documentFrom, documentText, type StoredDocument } from '../settlement/stored-document.ts'
import { call, type Sql } from './database.ts'
import type { PostingDocument } from './posting.ts'

export type SettlementKind = 'settlement' | 'reversal' | 'return'

export type StoredSettlement = {
  readonly documentId: string
  readonly kind: SettlementKind
  readonly settlementNumber: string
  readonly originalId: string | null
  readonly institutionCode: string
  readonly terminalId: string
  readonly operatorCode: string
  readonly personId: string
  readonly scheme: Scheme
  readonly serviceKind: ServiceKind
  readonly serviceDay: ServiceDay
  readonly benefitYear: BenefitYear
  readonly postedAt: Instant
  readonly totals: Totals
  readonly payers: Payers
  readonly policyVersions: readonly string[]
  readonly document: SettlementDocument
}

/** Column of each payer's part, in the order of the table. */
export const PAYER_COLUMNS = {
  'pooling-fund': 'pooling_fund_fen',
  'large-sum-fund': 'large_sum_fund_fen',
  'critical-illness-fund': 'critical_illness_fund_fen',
  'civil-servant-subsidy': 'civil_servant_subsidy_fen',
  'medical-assistance': 'medical_assistance_fen',
  'other-fund': 'other_fund_fen',
  'current-year-account': 'current_year_account_fen',
  'past-year-account': 'past_year_account_fen',
  'family-share': 'family_share_fen',
  'household-account': 'household_account_fen',
  employer: 'employer_fen',
  institution: 'institution_fen',
  cash: 'cash_fen',
} as const satisfies Record<Payer, string>

/** Columns of the whole and its parts, in the order of the table. */
export const TOTAL_COLUMNS = {
  totalExpense: 'total_expense_fen',
  outsideScope: 'outside_scope_fen',
  overLimit: 'over_limit_fen',
  preliminaryShare: 'preliminary_share_fen',
  inScope: 'in_scope_fen',
} as const satisfies Record<keyof Totals, string>

const TOTAL_NAMES = Object.keys(TOTAL_COLUMNS) as (keyof Totals)[]
const PAYER_ORDER = Object.keys(PAYER_COLUMNS) as Payer[]

/**
 * As the door takes it: amounts in the order of the columns. The document's text holds the answer
 * about this settlement, which is the answer to the request but for a compensation's.
 */
export const rowOf = (
  stored: StoredSettlement,
  answerText: string,
  holdsAnswer: boolean,
): PostingDocument => ({
  kind: stored.kind,
  settlementNumber: stored.settlementNumber,
  originalId: stored.originalId,
  terminalId: stored.terminalId,
  personId: stored.personId,
  scheme: stored.scheme,
  serviceKind: stored.serviceKind,
  serviceDay: stored.serviceDay,
  benefitYear: stored.benefitYear,
  totals: TOTAL_NAMES.map((name) => stored.totals[name]),
  payers: PAYER_ORDER.map((payer) => stored.payers[payer]),
  policyVersions: stored.policyVersions,
  lineAmounts: stored.document.lines.map((line) => parseMoney(line.amount)),
  text: documentText(answerText, stored.document),
  holdsAnswer,
})

type SettlementRow = Record<string, unknown> & { document: string }

const moneyIn = (row: SettlementRow, column: string): Money => {
  const value = row[column]
  invariant(typeof value === 'string', 'amounts come from the database as text')
  return fen(BigInt(value))
}

export function settlementOfRow(row: SettlementRow): StoredSettlement {
  const at = parseInstant(String(row.posted_at))
  invariant(at !== null, 'the database prints instants as ISO text')
  const totals = {} as Record<keyof Totals, Money>
  for (const [name, column] of Object.entries(TOTAL_COLUMNS)) {
    totals[name as keyof Totals] = moneyIn(row, column)
  }
  const payers = {} as Record<Payer, Money>
  for (const payer of PAYERS) payers[payer] = moneyIn(row, PAYER_COLUMNS[payer])
  return {
    documentId: String(row.document_id),
    kind: row.kind as SettlementKind,
    settlementNumber: String(row.settlement_number),
    originalId: row.original_id as string | null,
    institutionCode: String(row.institution_code),
    terminalId: String(row.terminal_id),
    operatorCode: String(row.operator_code),
    personId: String(row.person_id),
    scheme: row.scheme as Scheme,
    serviceKind: row.service_kind as ServiceKind,
    serviceDay: row.service_day as ServiceDay,
    benefitYear: row.benefit_year as BenefitYear,
    postedAt: at,
    totals,
    payers,
    policyVersions: row.policy_versions as string[],
    document: documentFrom(JSON.parse(row.document) as StoredDocument),
  }
}

/** Days and instants as ISO text, so that no driver reading changes their zone. */
const columns = (sql: Sql) => sql`s.*, to_char(s.service_day, 'YYYY-MM-DD') as service_day,
  to_char(s.posted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as posted_at`

/** A settlement with everything that was taken back of it, in the order it was posted. */
export async function readSettlementFamily(
  sql: Sql,
  settlementId: string,
): Promise<{ original: StoredSettlement; takenBack: StoredSettlement[] } | null> {
  const rows = await call(
    () => sql<SettlementRow[]>`
      select ${columns(sql)} from settlement s
       where s.document_id = ${settlementId} or s.original_id = ${settlementId}
       order by s.posted_at, s.document_id`,
  )
  const stored = rows.map(settlementOfRow)
  const original = stored.find((one) => one.documentId === settlementId)
  if (original === undefined) return null
  return { original, takenBack: stored.filter((one) => one.originalId === settlementId) }
}

/**
 * Accumulators of the person that moved after a settlement, because an earlier one of the same
 * benefit year was taken back, at whatever institution.
 */
export async function readMovedAfter(
  sql: Sql,
  { personId, scheme, benefitYear, postedAt, documentId }: StoredSettlement,
): Promise<BalanceKind[]> {
  const at = instantText(postedAt)
  const rows = await call(
    () => sql<{ kind: BalanceKind }[]>`
      select distinct m.kind
        from settlement back
        join settlement earlier on earlier.document_id = back.original_id
        join movement m on m.owner_id = back.person_id and m.posting_id = back.document_id
       where back.person_id = ${personId} and back.posted_at >= ${at}
         and (back.posted_at, back.document_id) > (${at}::timestamptz, ${documentId}::uuid)
         and (earlier.posted_at, earlier.document_id) < (${at}::timestamptz, ${documentId}::uuid)
         and m.scheme = ${scheme} and m.benefit_year = ${benefitYear}`,
  )
  return rows.map(({ kind }) => kind)
}

/** Documents of an institution posted within a time span, newest first. */
export async function readSettlements(
  sql: Sql,
  span: {
    readonly institutionCode: string
    readonly from: Instant
    readonly until: Instant
    /** The last document of the page before, or null for the first page. */
    readonly after: { readonly postedAt: Instant; readonly documentId: string } | null
    readonly limit: number
  },
): Promise<StoredSettlement[]> {
  const rows = await call(
    () => sql<SettlementRow[]>`
      select ${columns(sql)} from settlement s
       where s.institution_code = ${span.institutionCode}
         and s.posted_at >= ${instantText(span.from)} and s.posted_at < ${instantText(span.until)}
         ${
           span.after === null
             ? sql``
             : sql`and (s.posted_at, s.document_id)
                 < (${instantText(span.after.postedAt)}, ${span.after.documentId})`
         }
       order by s.posted_at desc, s.document_id desc limit ${span.limit}`,
  )
  return rows.map(settlementOfRow)
}

export type StoredOutcome = {
  readonly operation: string
  readonly verdict: 'done' | 'refused' | 'tombstone'
  readonly status: number
  readonly answer: string
  readonly postingId: string
}

/** The stored outcome of a client's key, or null; throws where its answer is gone. */
export async function readOutcome(
  sql: Sql,
  clientId: string,
  key: string,
): Promise<StoredOutcome | null> {
  const [row] = await call(
    () => sql<StoredOutcome[]>`
      select operation, verdict, status, stored_answer(i) as answer, posting_id as "postingId"
        from idempotency i where client_id = ${clientId} and key = ${key}`,
  )
  invariant(row?.answer !== null, 'the answer under a key is stored')
  return row ?? null
}
