/** Bulk loading by COPY in text format. */
import { once } from 'node:events'
import { finished } from 'node:stream/promises'
import type postgres from 'postgres'

export type CopyValue = string | bigint | number | boolean | null | Uint8Array

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

/** Opens a table for bulk loading; `into` is `table (column, …)` from our own source. */
export async function openCopy(sql: postgres.Sql, into: string): Promise<CopyTarget> {
  const stream = await sql.unsafe(`copy ${into} from stdin`).writable()
  let chunk = ''
  const flush = async (): Promise<void> => {
    const text = chunk
    chunk = ''
    if (!stream.write(text)) await once(stream, 'drain')
  }
  return {
    async write(row) {
      chunk += `${row.map(cell).join('\t')}\n`
      if (chunk.length >= CHUNK_BYTES) await flush()
    },
    async end() {
      if (chunk !== '') await flush()
      stream.end()
      await finished(stream)
    },
  }
}

/** Loads rows that are at hand. */
export async function copyRows(
  sql: postgres.Sql,
  into: string,
  rows: Iterable<readonly CopyValue[]>,
): Promise<void> {
  const target = await openCopy(sql, into)
  for (const row of rows) await target.write(row)
  await target.end()
}
