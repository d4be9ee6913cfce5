/** The auditor's books beside the centre's tables. */
import type postgres from 'postgres'
import type { Auditor } from './auditor.ts'

/** One line per account, institution and payer on which the two disagree. */
export async function compareBooks(auditor: Auditor, sql: postgres.Sql): Promise<string[]> {
  const accounts = await sql<{ name: string; fen: bigint }[]>`
    select owner_id || ' ' || kind as name, sum(amount_fen)::bigint as fen
      from balance where kind like '%-account' group by 1`
  const institutions = await sql<{ code: string; owed: bigint; cash: bigint }[]>`
    select institution_code as code, sum(total_expense_fen - cash_fen)::bigint as owed,
           sum(cash_fen)::bigint as cash from settlement group by 1`
  const ledger = await sql<{ account: string; fen: bigint }[]>`
    select account, sum(amount_fen)::bigint as fen from journal_entry group by 1`
  const found: string[] = []
  const differ = (name: string, have: bigint, want: bigint): void => {
    if (have !== want) found.push(`${name}: the centre has ${have}, the auditor ${want}`)
  }
  const held = new Map(accounts.map((row) => [row.name, row.fen]))
  for (const [name, fen] of auditor.accounts) differ(name, held.get(name) ?? 0n, fen)
  const booked = new Map(ledger.map((row) => [row.account, row.fen]))
  for (const { code, owed, cash } of institutions) {
    differ(`owed to ${code}`, owed, auditor.owed.get(code) ?? 0n)
    differ(`cash at ${code}`, cash, auditor.cash.get(code) ?? 0n)
    differ(`payable/${code}`, -(booked.get(`payable/${code}`) ?? 0n), auditor.owed.get(code) ?? 0n)
    differ(
      `memo/cash-taken/${code}`,
      booked.get(`memo/cash-taken/${code}`) ?? 0n,
      auditor.cash.get(code) ?? 0n,
    )
  }
  const fund =
    (booked.get('fund/pooling-fund/employee') ?? 0n) + (booked.get('fund/pooling-fund/rural') ?? 0n)
  differ('pooling fund', fund, auditor.payers.get('pooling-fund') ?? 0n)
  return found
}
