/** What a history takes on the disk: by table and by index, in bytes per settlement. */
import postgres from 'postgres'
import { HISTORY_TABLES } from './history/rows.ts'

type Relation = { name: string; of: string; kind: 'table' | 'index'; bytes: number }

export type Storage = {
  readonly bytes_per_settlement: number
  readonly tables: Readonly<Record<string, number>>
  readonly indexes: Readonly<Record<string, number>>
}

/** Sizes as PostgreSQL states them, divided by the settlements. */
export async function readStorage(
  url: string,
  settlements: number,
  tell: (line: string) => void,
): Promise<Storage> {
  const sql = postgres(url, { max: 1 })
  const rows = await sql<Relation[]>`
    select c.relname as name, t.relname as of, 'index' as kind,
           pg_relation_size(c.oid)::float8 as bytes
      from pg_class t join pg_index i on i.indrelid = t.oid join pg_class c on c.oid = i.indexrelid
     where t.relname = any (${HISTORY_TABLES})
    union all
    select t.relname, t.relname, 'table', (pg_table_size(t.oid))::float8
      from pg_class t where t.relkind = 'r' and t.relname = any (${HISTORY_TABLES})
    order by 2, 3 desc, 1`
  await sql.end()
  const each = (bytes: number) => Math.round(bytes / settlements)
  for (const { name, kind, bytes } of rows) {
    tell(`storage: ${kind} ${name}  ${Math.round(bytes / 2 ** 20)} MB, ${each(bytes)} B each`)
  }
  const of = (kind: Relation['kind']) =>
    Object.fromEntries(rows.filter((one) => one.kind === kind).map((r) => [r.name, each(r.bytes)]))
  return {
    bytes_per_settlement: each(rows.reduce((total, { bytes }) => total + bytes, 0)),
    tables: of('table'),
    indexes: of('index'),
  }
}
