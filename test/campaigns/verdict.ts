/** What must be true once the faults are over: every line names a breach, no line is a pass. */
import type postgres from 'postgres'
import { differences } from '../faults/campaign.ts'
import { checkInvariants } from '../support/invariants.ts'
import { connect } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { type LoadFigures, QUIET_MS } from './load.ts'
import type { World } from './world.ts'

/** I38: torn transactions (25001, 25P01), and what PostgreSQL says when the disk fails it. */
const LOG_LINES = {
  '25001': /already a transaction in progress/g,
  '25P01': /no transaction in progress/g,
  fsync: /could not fsync/g,
  PANIC: /PANIC:/g,
} as const

/** How often PostgreSQL's log holds what it must never hold. */
export function logCounts(log: string): Record<keyof typeof LOG_LINES, number> {
  const counts = Object.entries(LOG_LINES).map(([name, line]) => [name, log.match(line)?.length])
  return Object.fromEntries(counts.map(([name, n]) => [name, n ?? 0]))
}

/**
 * The books, the clients' journal beside them (I24 to I27), every query of invariants.sql, and
 * PostgreSQL's log. The load must have been stopped, and everything healed.
 */
export async function breachesOf(world: World, load?: LoadFigures): Promise<string[]> {
  const found: string[] = []
  const sql = connect(world.postgres.url)
  try {
    await until('nothing is at work any more', () => isQuiet(sql), QUIET_MS)
    found.push(...(await differences(sql, world.journal)))
  } finally {
    await sql.end({ timeout: 1 })
  }
  const broken = await checkInvariants(world.postgres.url)
  found.push(...broken.map(({ invariant, key, detail }) => `${invariant} ${key}: ${detail}`))
  for (const [line, n] of Object.entries(logCounts(world.log()))) {
    if (n > 0) found.push(`I38 ${line} stands ${n} times in the log of PostgreSQL`)
  }
  for (const [status, n] of Object.entries(load?.statuses ?? {})) {
    if (status !== '500') continue
    found.push(
      `${n} answers say that the centre is at fault (500): ${world.centre().said().slice(-4_000)}`,
    )
  }
  if ((load?.hung ?? 0) > 0) found.push(`${load?.hung} requests had no answer within the limit`)
  return found
}

async function isQuiet(sql: postgres.Sql): Promise<boolean> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from pg_stat_activity
     where application_name = 'settlement-server'
       and (state = 'active' or state like 'idle in transaction%')`
  return row?.n === 0
}
