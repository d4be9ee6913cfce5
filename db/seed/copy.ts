/** Bulk loading by COPY in text format. */
import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import type postgres from 'postgres'
import { invariant } from '../../server/kernel/invariant.ts'

export type CopyValue = string | bigint | number | boolean | null | Uint8Array

/** A connection, or the transaction that runs on it. */
export type CopySql = Pick<postgres.ISql, 'unsafe'>

const CHUNK_BYTES = 1 << 16

/** One value in PostgreSQL's text format of COPY. */
function cell(value: CopyValue): string {
  if (value === null) return '\\N'
  if (value instanceof Uint8Array) return `\\\\x${Buffer.from(value).toString('hex')}`
  if (typeof value === 'boolean') return value ? 't' : 'f'
  return String(value).replace(/[\\\t\n\r]/g, (c) => `\\${ESCAPES[c] ?? c}`)
}
const ESCAPES: Readonly<Record<string, string>> = { '\t': 't', '\n': 'n', '\r': 'r', '\\': '\\' }

export type CopyTarget = { write(row: readonly CopyValue[]): Promise<void>; end(): Promise<void> }

/**
 * Opens a table for bulk loading; `into` is `table (column, …)` from our own source. A row that the
 * database refuses makes the `write` or `end` that meets it throw what the database said.
 */
export async function openCopy(sql: CopySql, into: string): Promise<CopyTarget> {
  const query = sql.unsafe(`copy ${into} from stdin`)
  const stream = await query.writable()
  const refusal = refusalOf(query)
  // The refusal itself says why; the stream's own error only repeats it.
  stream.on('error', () => {})
  let chunk = ''
  const flush = async (): Promise<void> => {
    const text = chunk
    chunk = ''
    if (!stream.write(text)) await Promise.race([once(stream, 'drain'), refusal])
  }
  return {
    async write(row) {
      chunk += `${row.map(cell).join('\t')}\n`
      if (chunk.length >= CHUNK_BYTES) await flush()
    },
    async end() {
      if (chunk !== '') await flush()
      stream.end()
      await Promise.race([finished(stream), refusal])
    },
  }
}

/**
 * Rejects when the database refuses the COPY. The driver settles the query as soon as rows may be
 * written and has no other way to tell what follows: without this, a refused row would hang.
 */
function refusalOf(query: object): Promise<never> {
  const refusal = new Promise<never>((_, reject) => {
    Object.assign(query, { reject })
  })
  refusal.catch(() => {})
  return refusal
}

/**
 * Loads with an exclusion constraint checked at the end, over all rows at once, instead of row by
 * row: several times faster. Only inside a transaction, which the constraint cannot leave unmet.
 */
export async function checkedAtEnd(
  sql: CopySql,
  constraint: string,
  load: () => Promise<void>,
): Promise<void> {
  const [found] = await sql.unsafe(
    `select conrelid::regclass::text as "table", pg_get_constraintdef(oid) as definition
       from pg_constraint where conname = $1`,
    [constraint],
  )
  invariant(found !== undefined, 'the constraint of the migrations is there')
  await sql.unsafe(`alter table ${found.table} drop constraint ${constraint}`)
  await load()
  await sql.unsafe(`alter table ${found.table} add constraint ${constraint} ${found.definition}`)
}

/** Loads rows that are at hand. */
export async function copyRows(
  sql: CopySql,
  into: string,
  rows: Iterable<readonly CopyValue[]>,
): Promise<void> {
  const target = await openCopy(sql, into)
  for (const row of rows) await target.write(row)
  await target.end()
}
