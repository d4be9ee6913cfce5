/** What settlements leave in the database: bytes by table, indexes and large values included. */
import postgres from 'postgres'

/** Bytes of every table that has any, and how many settlements there are. */
export type Stored = {
  readonly settlements: number
  readonly bytes: Readonly<Record<string, number>>
}

export async function readStored(url: string): Promise<Stored> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  const [count] = await sql<{ n: number }[]>`select count(*)::int as n from settlement`
  const rows = await sql<{ name: string; bytes: number }[]>`
    select c.relname as name, pg_total_relation_size(c.oid)::float8 as bytes
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname = 'public'`
  await sql.end()
  const bytes = Object.fromEntries(rows.map((row) => [row.name, row.bytes]))
  return { settlements: count?.n ?? 0, bytes }
}

/** Bytes for each settlement made between the two, by table, the largest first. */
export function bytesEach(before: Stored, after: Stored): Record<string, number> {
  const made = after.settlements - before.settlements
  if (made <= 0) return {}
  const each = Object.entries(after.bytes).map(
    ([name, bytes]) => [name, Math.round((bytes - (before.bytes[name] ?? 0)) / made)] as const,
  )
  return Object.fromEntries(each.filter(([, bytes]) => bytes > 0).sort(([, a], [, b]) => b - a))
}
