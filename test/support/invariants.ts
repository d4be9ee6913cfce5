/** Runs db/invariants.sql: every query of it, in one snapshot. */
import { readFileSync } from 'node:fs'
import type postgres from 'postgres'
import { connect } from './postgres.ts'

export type Breach = {
  /** The name of the invariant, e.g. `I5`. */
  readonly invariant: string
  readonly key: string
  readonly detail: string
}

const FILE = new URL('../../db/invariants.sql', import.meta.url)

/** The queries by name, in the order of the file. */
export function invariantQueries(): { name: string; query: string }[] {
  return readFileSync(FILE, 'utf8')
    .split(/^-- name: /m)
    .slice(1)
    .map((part) => {
      const [, name = '', query = ''] = /^(\S+)[^\n]*\n([\s\S]*)$/.exec(part) ?? []
      return { name, query: query.trim().replace(/;\s*$/, '') }
    })
}

/** What is broken in the snapshot of a transaction; nothing where all is well. */
export async function breachesIn(sql: postgres.TransactionSql): Promise<Breach[]> {
  const breaches: Breach[] = []
  for (const { name, query } of invariantQueries()) {
    const rows = await sql.unsafe<{ key: string; detail: string }[]>(query)
    breaches.push(...rows.map(({ key, detail }) => ({ invariant: name, key, detail })))
  }
  return breaches
}

/** What is broken in a database, as one snapshot of it shows. */
export async function checkInvariants(url: string): Promise<Breach[]> {
  const sql = connect(url, 1)
  try {
    return (await sql.begin('isolation level repeatable read read only', breachesIn)) as Breach[]
  } finally {
    await sql.end({ timeout: 1 })
  }
}
