/**
 * Two sessions, step by step in every order, as PostgreSQL's isolationtester runs them; a driver of
 * our own, since that program does not come with every PostgreSQL.
 */
import type postgres from 'postgres'
import { errorCode } from '../../server/store/errors.ts'
import { until } from '../support/until.ts'

/** What a session does within its transaction; answers what came of it, in a word. */
export type Deed = (sql: postgres.Sql) => Promise<string>
export type Ending = 'commit' | 'rollback'
/** In this order; a session's first step is its deed, its second one its ending. */
export type Order = readonly (1 | 2)[]

export const ORDERS: readonly Order[] = [
  [1, 1, 2, 2],
  [1, 2, 1, 2],
  [1, 2, 2, 1],
  [2, 2, 1, 1],
  [2, 1, 2, 1],
  [2, 1, 1, 2],
]

type Session = {
  readonly name: string
  readonly sql: postgres.ReservedSql
  readonly pid: number
  readonly deed: Deed
  readonly ending: Ending
  /** The step that waits for the other session. */
  waiting: Promise<string> | null
  acted: boolean
}

export type Pair = { readonly deeds: readonly [Deed, Deed]; readonly endings: readonly Ending[] }

/** Runs both in the order and answers every step with what came of it, one after the other. */
export async function interleave(pool: postgres.Sql, pair: Pair, order: Order): Promise<string> {
  const sessions: Session[] = []
  try {
    for (const [index, deed] of pair.deeds.entries()) {
      const sql = await pool.reserve()
      const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`
      const ending = pair.endings[index] ?? 'commit'
      const name = `s${index + 1}`
      sessions.push({ name, sql, pid: row?.pid ?? 0, deed, ending, waiting: null, acted: false })
    }
    return (await steps(pool, sessions, order)).join(' · ')
  } finally {
    for (const { sql } of sessions) sql.release()
  }
}

async function steps(pool: postgres.Sql, sessions: Session[], order: Order): Promise<string[]> {
  const said: string[] = []
  const late: Session[] = []
  const end = async (session: Session): Promise<void> => {
    await session.sql.unsafe(session.ending)
    said.push(`${session.name} ${session.ending}`)
    for (const other of sessions) {
      if (other.waiting === null || other === session) continue
      said.push(`${other.name} ${await other.waiting}`)
      other.waiting = null
    }
  }
  for (const number of order) {
    const session = sessions[number - 1]
    if (session === undefined) continue
    // Who waits can take no step: it comes once it is free again.
    if (session.waiting !== null) late.push(session)
    else if (session.acted) await end(session)
    else said.push(`${session.name} ${await act(pool, session)}`)
  }
  for (const session of late) await end(session)
  return said
}

/** The first step; `waits` where the other session holds what it needs. */
async function act(pool: postgres.Sql, session: Session): Promise<string> {
  session.acted = true
  await session.sql`begin`
  let result: string | null = null
  const work = session.deed(session.sql).catch((error: unknown) => {
    const code = errorCode(error)
    if (code === null) throw error
    return code
  })
  void work.then((word) => {
    result = word
  })
  let blocked = false
  await until('it is done, or waits', async () => {
    if (result !== null) return true
    const [row] = await pool<{ blocked: boolean }[]>`
      select cardinality(pg_blocking_pids(${session.pid})) > 0 as blocked`
    blocked = row?.blocked === true
    return blocked
  })
  if (result !== null) return result
  session.waiting = work
  return 'waits'
}
