/** How the database fares, as the application's own login may see it; asked at every scrape. */
import type { Sql } from './database.ts'

export type DatabaseFigures = {
  /** Sessions of this login by state, e.g. `active`, `idle`. */
  readonly sessions: Readonly<Record<string, number>>
  /** Seconds that the oldest transaction of this database has lasted. */
  readonly oldestTransactionSeconds: number
  readonly deadlocks: number
  readonly bytes: number
  /** Seconds since a WAL file was last archived; null where nothing is archived. */
  readonly archiveAgeSeconds: number | null
  /** WAL files begun since the last one that was archived; 1 is the one being written. */
  readonly archiveBehind: number | null
  readonly archiveFailures: number
}

/** An unreachable database, or one that does not answer in time, is told as null. */
const ANSWER_MAX_MS = 1_000

/** A WAL file's place in the order of all: its name counts 256 files of 16 MB to a `log`. */
const segmentNumber = (name: string): string =>
  `(('x' || substr(${name}, 9, 8))::bit(32)::int * 256
    + ('x' || substr(${name}, 17, 8))::bit(32)::int)`

type Row = Omit<DatabaseFigures, 'sessions'> & { sessions: Record<string, number> | null }

export async function readDatabaseFigures(sql: Sql): Promise<DatabaseFigures | null> {
  const late = new Promise<null>((resolve) => {
    setTimeout(() => resolve(null), ANSWER_MAX_MS).unref()
  })
  const asked = ask(sql).catch(() => null) // `database_up 0` is how the failure is told.
  return Promise.race([asked, late])
}

async function ask(sql: Sql): Promise<DatabaseFigures | null> {
  const [row] = await sql<Row[]>`
    select (select json_object_agg(state, n) from
             (select coalesce(state, 'unknown') as state, count(*)::int as n from pg_stat_activity
               where usename = current_user and datname = current_database() group by 1) by_state
           ) as sessions,
           coalesce((select extract(epoch from max(clock_timestamp() - xact_start))::float8
              from pg_stat_activity
              where datname = current_database() and pid <> pg_backend_pid()), 0)
             as "oldestTransactionSeconds",
           d.deadlocks::int as deadlocks,
           pg_database_size(d.datid)::float8 as bytes,
           extract(epoch from clock_timestamp() - a.last_archived_time)::float8
             as "archiveAgeSeconds",
           ${sql.unsafe(segmentNumber('pg_walfile_name(pg_current_wal_lsn())'))}
             - ${sql.unsafe(segmentNumber('a.last_archived_wal'))} as "archiveBehind",
           a.failed_count::int as "archiveFailures"
      from pg_stat_database d, pg_stat_archiver a where d.datname = current_database()`
  return row === undefined ? null : { ...row, sessions: row.sessions ?? {} }
}
