/**
 * What a seal covers: every audit event, and with it the journal and the document of its posting.
 * The texts are written out by column, so that a new column does not change what was sealed.
 */
import { createHash } from 'node:crypto'
import { call, type Sql } from './database.ts'

export const DIGEST_BYTES = 32
/** An event's digest, then the digest of the money it stands for. */
export const BYTES_PER_EVENT = 2 * DIGEST_BYTES

/** Without the event's number: that stands in the seal, so that rows which changed places show. */
const EVENT_TEXT = `json_build_array(e.at at time zone 'UTC', e.client_id, e.operator_code,
  e.institution_code, e.operation, e.result, e.posting_id, e.detail)::text`

const JOURNAL_TEXT = `coalesce((select json_build_array(j.operation, j.booked_on,
    j.posted_at at time zone 'UTC', j.accounts, j.amounts_fen)::text
  from journal j where j.posting_id = e.posting_id), '-')`

/** The document comes last, after a line end that no JSON of PostgreSQL's holds. */
const SETTLEMENT_TEXT = `coalesce((select json_build_array(s.kind, s.settlement_number,
    s.original_id, s.institution_code, s.terminal_id, s.operator_code, s.person_id, s.scheme,
    s.service_kind, s.service_day, s.benefit_year, s.posted_at at time zone 'UTC',
    s.total_expense_fen, s.outside_scope_fen, s.over_limit_fen, s.preliminary_share_fen,
    s.in_scope_fen, s.pooling_fund_fen, s.large_sum_fund_fen, s.critical_illness_fund_fen,
    s.civil_servant_subsidy_fen, s.medical_assistance_fen, s.other_fund_fen,
    s.current_year_account_fen, s.past_year_account_fen, s.family_share_fen,
    s.household_account_fen, s.employer_fen, s.institution_fen, s.cash_fen, s.policy_versions,
    s.line_amounts_fen)::text || E'\\n' || s.document::text
  from settlement s where s.document_id = e.posting_id), '-')`

const MONEY_TEXT = `${JOURNAL_TEXT} || E'\\n' || ${SETTLEMENT_TEXT}`
const digestOf = (text: string) => `sha256(convert_to(${text}, 'UTF8'))`

/** Events in their order, and 64 bytes of digests for each. */
export type EventBlock = { readonly eventIds: readonly bigint[]; readonly digests: Buffer }

/** Digests of the events after one up to another, the oldest first; null where there are none. */
export async function readBlock(
  sql: Sql,
  after: bigint,
  upTo: bigint,
  eventsMax: number,
): Promise<EventBlock | null> {
  const query = `with covered as materialized (
      select e.event_id, ${digestOf(EVENT_TEXT)} || ${digestOf(MONEY_TEXT)} as digest
        from audit_event e where e.event_id > $1::bigint and e.event_id <= $2::bigint
       order by e.event_id limit $3::int)
    select array_agg(event_id order by event_id)::text[] as ids,
           string_agg(digest, ''::bytea order by event_id) as digests from covered`
  const parameters = [after.toString(), upTo.toString(), eventsMax]
  const [row] = await call(() =>
    sql.unsafe<{ ids: string[] | null; digests: Buffer }[]>(query, parameters, { prepare: true }),
  )
  if (row === undefined || row.ids === null) return null
  return { eventIds: row.ids.map(BigInt), digests: row.digests }
}

/**
 * The same digests, made of the rows' texts outside of the database: who can change its rows can
 * change its functions too.
 */
export async function readBlockOutside(sql: Sql, after: bigint, upTo: bigint): Promise<EventBlock> {
  const query = `select e.event_id::text as id, ${EVENT_TEXT} as event, ${MONEY_TEXT} as money
      from audit_event e where e.event_id > $1::bigint and e.event_id <= $2::bigint
     order by e.event_id`
  const rows = await call(() =>
    sql.unsafe<{ id: string; event: string; money: string }[]>(query, [
      after.toString(),
      upTo.toString(),
    ]),
  )
  const sha = (text: string) => createHash('sha256').update(text, 'utf8').digest()
  const digests = Buffer.concat(rows.flatMap(({ event, money }) => [sha(event), sha(money)]))
  return { eventIds: rows.map(({ id }) => BigInt(id)), digests }
}

/** How many events wait after one, at most so many counted, and since when. */
export async function eventsWaiting(
  sql: Sql,
  after: bigint,
  upTo: bigint,
  countMax: number,
): Promise<{ readonly count: number; readonly sinceMs: number | null }> {
  const [row] = await call(
    () => sql<{ count: number; since: string | null }[]>`
      select count(*)::int as count, (extract(epoch from min(at)) * 1000)::bigint::text as since
        from (select at from audit_event
               where event_id > ${after.toString()}::bigint
                 and event_id <= ${upTo.toString()}::bigint
               order by event_id limit ${countMax}) waiting`,
  )
  const since = row?.since ?? null
  return { count: row?.count ?? 0, sinceMs: since === null ? null : Number.parseInt(since, 10) }
}

const BOUNDARY_TRIES = 40
const BOUNDARY_TRY_MS = 25

/**
 * The number up to which no event can appear any more, or null where a writer takes its time.
 * Numbers are drawn long before their rows are committed, so rows appear out of order. Whoever may
 * still write a number below the newest holds the table's lock of writers since before he drew it:
 * once those who hold it now have let go, everything up to the newest number is there or never
 * comes. Other long transactions, imports and dumps among them, do not matter, and nobody waits
 * for us.
 */
export async function settledUpTo(sql: Sql): Promise<bigint | null> {
  // Two calls: the number must be read before the writers are.
  const [newest] = await call(
    () => sql<{ id: string | null }[]>`
      select pg_sequence_last_value('audit_event_event_id_seq')::text as id`,
  )
  const boundary = BigInt(newest?.id ?? '0')
  let holders = await writersOf(sql, null)
  for (let tries = 0; holders.length > 0; tries += 1) {
    if (tries === BOUNDARY_TRIES) return null
    await new Promise((resolve) => setTimeout(resolve, BOUNDARY_TRY_MS))
    holders = await writersOf(sql, holders)
  }
  return boundary
}

/** Transactions that write audit events at this moment; of the given ones, where some are given. */
async function writersOf(sql: Sql, among: readonly string[] | null): Promise<string[]> {
  const rows = await call(
    () => sql<{ holder: string }[]>`
      select distinct virtualtransaction as holder from pg_locks
       where locktype = 'relation' and relation = 'audit_event'::regclass
         and database = (select oid from pg_database where datname = current_database())
         and mode = 'RowExclusiveLock' and granted`,
  )
  const holders = rows.map(({ holder }) => holder)
  return among === null ? holders : holders.filter((holder) => among.includes(holder))
}
