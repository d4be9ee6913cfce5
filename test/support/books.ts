/** What stands in the tables, read past the application. */
import type postgres from 'postgres'
import { situation } from './area.ts'

export const MONEY_TABLES = [
  'position',
  'year_balances',
  'year_movement',
  'journal',
  'settlement',
  'trace_code',
  'trace_code_event',
  'idempotency',
  'nonce',
  'audit_event',
] as const

/** How many rows stand in each table of the books. */
export async function rowCounts(sql: postgres.Sql): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of MONEY_TABLES) {
    const [row] = await sql<{ n: number }[]>`select count(*)::int as n from ${sql(table)}`
    counts[table] = row?.n ?? 0
  }
  return counts
}

/** Rows added between two counts, tables without a change left out. */
export const rowsAdded = (
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Record<string, number> =>
  Object.fromEntries(
    Object.entries(after)
      .map(([table, n]) => [table, n - (before[table] ?? 0)] as const)
      .filter(([, n]) => n !== 0),
  )

/** Person id of a situation, found by the card's index. */
export async function personOf(sql: postgres.Sql, key: string): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    select person_id as id from card where card_number = ${situation(key).cardNumber}`
  if (row === undefined) throw new Error(`nobody is in the situation ${key}`)
  return row.id
}

/** Balances of a person and the household by `year/kind`, in fen; year 0 has no bound. */
export async function balancesOf(sql: postgres.Sql, key: string): Promise<Record<string, bigint>> {
  const rows = await sql<{ name: string; fen: bigint }[]>`
    select b.benefit_year || '/' || b.kind as name, b.amount_fen as fen
      from balance b join person p
        on b.owner_id = p.person_id or b.owner_id = p.household_id
     where p.person_id = ${await personOf(sql, key)} order by 1`
  return Object.fromEntries(rows.map((row) => [row.name, row.fen]))
}

/** Sum of every account of the agency's books, in fen. */
export async function trialBalanceOf(sql: postgres.Sql): Promise<Record<string, bigint>> {
  const rows = await sql<{ account: string; fen: bigint }[]>`
    select account, sum(amount_fen)::bigint as fen from journal_entry
     group by account having sum(amount_fen) <> 0 order by 1`
  return Object.fromEntries(rows.map((row) => [row.account, row.fen]))
}
