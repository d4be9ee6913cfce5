/** Trace codes of packs sold without insurance (自费销售): what is still out, and under what. */
import { call, type Sql } from './database.ts'

/** A code that is held by a sale, whoever paid for it. */
export type CashCode = {
  readonly code: string
  readonly state: 'sold' | 'split'
  readonly institution: string
  readonly unitsPerPack: number
  /** Units sold without insurance and not given back; those of settlements do not count. */
  readonly units: number
  /** The posting that changed the code last. */
  readonly lastPostingId: string
}

/** What is out of these codes; a code that is free, or was never sold, is left out. */
export async function readCashCodes(sql: Sql, codes: readonly string[]): Promise<CashCode[]> {
  return call(
    () => sql<CashCode[]>`
      select t.trace_code as code, t.state, t.institution_code as institution,
             t.units_per_pack as "unitsPerPack", t.last_posting_id as "lastPostingId",
             (select coalesce(sum(case e.mode when 'return' then -e.units else e.units end), 0)::int
                from trace_code_event e
               where e.trace_code = t.trace_code
                 and not exists (select from settlement s
                                  where s.document_id = e.posting_id)) as units
        from trace_code t
       where t.trace_code = any(${codes as string[]}) and t.state <> 'free'`,
  )
}

export type CodeEvent = {
  readonly code: string
  readonly lineNo: number
  readonly mode: 'sell' | 'split' | 'return'
  readonly units: number
}

/** What a posting did with trace codes, by line and code. */
export async function readCodeEvents(sql: Sql, postingId: string): Promise<CodeEvent[]> {
  return call(
    () => sql<CodeEvent[]>`
      select e.trace_code as code, e.line_no::int as "lineNo", e.mode, e.units
        from trace_code_event e where e.posting_id = ${postingId} order by e.line_no, e.trace_code`,
  )
}
