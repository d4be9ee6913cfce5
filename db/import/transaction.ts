/**
 * An import is one transaction under one lock: all accepted rows come in, or none. It acts as an
 * owner of the database, as migrations and seeding do; a preview cannot write, for its transaction
 * is read-only.
 */
import postgres from 'postgres'
import type { RowChange } from './usage.ts'

export type ImportSql = postgres.TransactionSql

/** What becomes of a row: `extended` adds a version, coverage period or card to what is known. */
export const VERDICTS = ['new', 'extended', 'corrected', 'unchanged', 'refused'] as const
export type Verdict = (typeof VERDICTS)[number]

/** What the stored state says against a row that is good in itself. */
export type PlanFault =
  | 'duplicate-in-file'
  | 'duplicate-differs'
  | 'version-differs'
  | 'version-overlaps'
  | 'version-known-fully'
  | 'version-used'
  | 'institution-unknown'
  | 'person-unknown'
  | 'household-missing'
  | 'account-not-held'
  | 'credit-differs'
  | 'credited-otherwise'
  | 'credit-refused'
  | 'item-unknown'
  | 'item-not-in-force'
  | 'card-of-another-person'
  | 'card-active-already'

export type RowOutcome =
  | { readonly rowNo: number; readonly verdict: Exclude<Verdict, 'refused'> }
  | {
      readonly rowNo: number
      readonly verdict: 'refused'
      readonly column: string
      readonly fault: PlanFault
      /** What the row is known by, where that is no personal data. */
      readonly key?: string
      /** The row of the same file that this one repeats. */
      readonly otherRowNo?: number
      /** The last day that a settlement used what the row would change. */
      readonly usedOn?: string
    }

export type Numbered<Draft> = { readonly rowNo: number; readonly draft: Draft }

/** What an import comes to: an outcome for each row, and the writing of it. */
export type ImportPlan = {
  readonly outcomes: readonly RowOutcome[]
  /** Stored facts that change, as they were and as they become. */
  readonly changes: readonly RowChange[]
  write(sql: ImportSql): Promise<void>
}

/** Who imports what, and the audit event that says so; facts without personal data. */
export type ImportAudit = {
  readonly at: string
  readonly postingId: string
  readonly operatorId: string
  readonly operatorCode: string
  /** SHA-256 of the file, in hex. */
  readonly fileSha: string
  readonly detail: Readonly<Record<string, string | number>>
}

const IMPORT_LOCK = 330_283

export const changesSomething = (outcome: RowOutcome): boolean =>
  outcome.verdict !== 'unchanged' && outcome.verdict !== 'refused'

/** A read beforehand, for what the check of a file must know. */
export async function readImport<Row>(
  url: string,
  read: (sql: ImportSql) => PromiseLike<readonly Row[]>,
): Promise<readonly Row[]> {
  return connected(url, async (sql) => {
    const [rows] = await sql.begin('read only', async (together) => [await read(together)])
    return rows ?? []
  })
}

/** Plans over a read-only snapshot. */
export async function previewImport(
  url: string,
  plan: (sql: ImportSql) => Promise<ImportPlan>,
): Promise<readonly RowOutcome[]> {
  return connected(url, (sql) =>
    sql.begin('isolation level repeatable read read only', async (together) => {
      const planned = await plan(together)
      return planned.outcomes
    }),
  )
}

/**
 * Plans again under the lock and writes. Where nothing changes nothing is written, the audit event
 * included, so that the same file twice leaves no trace of the second.
 */
export async function commitImport(
  url: string,
  plan: (sql: ImportSql) => Promise<ImportPlan>,
  auditOf: (plan: ImportPlan) => ImportAudit,
): Promise<readonly RowOutcome[]> {
  return connected(url, (sql) =>
    sql.begin(async (together) => {
      await together`select pg_advisory_xact_lock(${IMPORT_LOCK})`
      const planned = await plan(together)
      if (planned.outcomes.some(changesSomething)) {
        await planned.write(together)
        await writeAudit(together, auditOf(planned), planned.changes)
        await together`notify reference_changed`
      }
      return planned.outcomes
    }),
  )
}

/** Every audit event has its posting: the import's own is stored like any other answer. */
async function writeAudit(
  sql: ImportSql,
  audit: ImportAudit,
  changes: readonly RowChange[],
): Promise<void> {
  await sql`
    insert into idempotency (client_id, key, operation, body_sha, verdict, status, answer,
                             posting_id, created_at)
    values (${audit.operatorId}, ${audit.postingId}, 'import', decode(${audit.fileSha}, 'hex'),
            'done', 200, ${JSON.stringify(audit.detail)}, ${audit.postingId}, ${audit.at})`
  await sql`
    insert into audit_event (at, client_id, operator_code, institution_code, operation, result,
                             posting_id, detail)
    values (${audit.at}, ${audit.operatorId}, ${audit.operatorCode}, null, 'import', 'done',
            ${audit.postingId}, ${sql.json({ ...audit.detail, changes } as postgres.JSONValue)})`
}

async function connected<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, {
    max: 1,
    onnotice: () => {},
    connection: { application_name: 'settlement-import', TimeZone: 'UTC' },
  })
  try {
    return await work(sql)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** Reads in slices, so that no statement carries a whole file. */
export async function* slices<T>(items: readonly T[], size = 5_000): AsyncGenerator<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size)
}
