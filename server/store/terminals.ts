/** Terminals as the rows know them, retired ones included: the cache knows only those with keys. */
import { call, type Sql } from './database.ts'

/** Whether a terminal stands, or stood, in an institution. */
export async function isTerminalOf(
  sql: Sql,
  terminalId: string,
  institutionCode: string | null,
): Promise<boolean> {
  const rows = await call(
    () => sql`select from terminal
               where terminal_id = ${terminalId} and institution_code = ${institutionCode}`,
  )
  return rows.length > 0
}
