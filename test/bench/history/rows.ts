/** The rows of postings of the past, gathered by table and written by COPY. */
import type postgres from 'postgres'
import { type CopyValue, copyRows } from '../../../db/seed/copy.ts'
import { dayOf, instantText } from '../../../server/kernel/calendar.ts'
import { invariant } from '../../../server/kernel/invariant.ts'
import type { Posting, PostingCode } from '../../../server/store/posting.ts'
import { PAYER_COLUMNS, TOTAL_COLUMNS } from '../../../server/store/settlements.ts'
import { arrayText, type YearMoved } from './books.ts'

const TABLES = {
  settlement:
    'settlement (document_id, kind, settlement_number, institution_code, terminal_id, ' +
    'operator_code, person_id, scheme, service_kind, service_day, benefit_year, posted_at, ' +
    `${[...Object.values(TOTAL_COLUMNS), ...Object.values(PAYER_COLUMNS)].join(', ')}, ` +
    'policy_versions, line_amounts_fen, document)',
  idempotency:
    'idempotency (client_id, key, operation, body_sha, verdict, status, answer, posting_id, ' +
    'created_at)',
  journal: 'journal (posting_id, operation, booked_on, posted_at, accounts, amounts_fen)',
  audit_event:
    'audit_event (at, client_id, operator_code, institution_code, operation, result, ' +
    'posting_id, detail)',
  year_movement:
    'year_movement (owner_id, benefit_year, version, posting_id, slots, amounts_fen, afters_fen)',
  trace_code:
    'trace_code (trace_code, state, institution_code, units_sold, units_per_pack, ' +
    'last_posting_id, last_sold_at)',
  trace_code_event:
    'trace_code_event (trace_code, posting_id, line_no, mode, units, institution_code, at)',
} as const
export type HistoryTable = keyof typeof TABLES
export const HISTORY_TABLES = Object.keys(TABLES) as HistoryTable[]

export type HistoryRows = Readonly<Record<HistoryTable, CopyValue[][]>>

export const emptyRows = (): HistoryRows => ({
  settlement: [],
  idempotency: [],
  journal: [],
  audit_event: [],
  year_movement: [],
  trace_code: [],
  trace_code_event: [],
})

/** Adds what the door writes of a settlement that is done. */
export function addPosting(rows: HistoryRows, posting: Posting, moved: readonly YearMoved[]): void {
  const { postingId, clientId, operation, journal, audit } = posting
  const at = instantText(posting.at)
  addSettlement(rows, posting, at)
  rows.idempotency.push([
    clientId,
    posting.key,
    operation,
    Buffer.from(posting.bodySha, 'hex'),
    posting.verdict,
    posting.status,
    posting.document?.holdsAnswer ? null : posting.answer,
    postingId,
    at,
  ])
  if (journal !== null && journal.length > 0) {
    const accounts = arrayText(journal.map((entry) => entry.account))
    const amounts = arrayText(journal.map((entry) => entry.amount))
    rows.journal.push([postingId, operation, dayOf(posting.at), at, accounts, amounts])
  }
  rows.audit_event.push([
    at,
    clientId,
    audit.operatorCode,
    audit.institutionCode,
    operation,
    audit.result,
    postingId,
    JSON.stringify(audit.detail),
  ])
  for (const { ownerId, year, version, slots, amounts, afters } of moved) {
    const arrays = [arrayText(slots), arrayText(amounts), arrayText(afters)]
    rows.year_movement.push([ownerId, year, version, postingId, ...arrays])
  }
  for (const code of posting.codes) addCode(rows, posting, code, at)
}

function addSettlement(rows: HistoryRows, posting: Posting, at: string): void {
  const { document, audit } = posting
  invariant(document !== null, 'a settlement has its document')
  rows.settlement.push([
    posting.postingId,
    document.kind,
    document.settlementNumber,
    audit.institutionCode,
    document.terminalId,
    audit.operatorCode,
    document.personId,
    document.scheme,
    document.serviceKind,
    document.serviceDay,
    document.benefitYear,
    at,
    ...document.totals,
    ...document.payers,
    arrayText(document.policyVersions),
    arrayText(document.lineAmounts),
    document.text,
  ])
}

function addCode(rows: HistoryRows, posting: Posting, sold: PostingCode, at: string): void {
  const { code, lineNo, mode, units, unitsPerPack } = sold
  const { postingId, audit } = posting
  invariant(mode === 'sell', 'a history sells whole packs')
  const shop = audit.institutionCode
  rows.trace_code.push([code, 'sold', shop, units, unitsPerPack, postingId, at])
  rows.trace_code_event.push([code, postingId, lineNo, mode, units, shop, at])
}

/** Writes rows, all or none. */
export async function writeRows(sql: postgres.Sql, rows: HistoryRows): Promise<void> {
  await sql.begin(async (round) => {
    for (const table of HISTORY_TABLES) await copyRows(round, TABLES[table], rows[table])
  })
}
