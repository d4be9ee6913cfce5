/** The write side as one object: the door, the reads a decision rests on, and the caches. */
import { call, type DatabaseOptions, openDatabase, type Sql } from './database.ts'
import { type DatabaseFigures, readDatabaseFigures } from './database-figures.ts'
import { type Door, type DoorOptions, openDoor } from './door.ts'
import { type EntitlementReader, openEntitlementReader } from './entitlement-reader.ts'
import { errorCode } from './errors.ts'

export type Standing = {
  readonly reachable: boolean
  /** Hash of the SQL functions that were applied last. */
  readonly schema: string | null
  /** Milliseconds by which the journal of migrations names the newest one applied, or null. */
  readonly migratedAt: number | null
}

export type Store = {
  readonly door: Door
  readonly entitlements: EntitlementReader
  /** Reads; nothing is written through it. */
  readonly sql: Sql
  /** Whether the database answers, and which functions and which newest migration it has. */
  ping(): Promise<Standing>
  /** How the database fares; null where it does not answer within a second. */
  figures(): Promise<DatabaseFigures | null>
  /** Calls back when the agency changed institutions, terminals, the catalogue or policies. */
  onReferenceChange(listener: () => void): Promise<void>
  close(): Promise<void>
}

const REFERENCE_CHANNEL = 'reference_changed'

export function openStore(options: DatabaseOptions, doorOptions?: DoorOptions): Store {
  const sql = openDatabase(options)
  // The door has its own connections, so that reads never wait behind a batch nor it behind them.
  const doorSql = openDatabase({ ...options, connectionsMax: doorOptions?.lanes ?? 2 })
  return {
    sql,
    door: openDoor(doorSql, doorOptions),
    entitlements: openEntitlementReader(sql, options.readWaitMsMax),
    ping: () => readStanding(sql),
    figures: () => readDatabaseFigures(sql),
    async onReferenceChange(listener) {
      await sql.listen(REFERENCE_CHANNEL, listener, listener)
    },
    async close() {
      await Promise.all([sql.end({ timeout: 5 }), doorSql.end({ timeout: 5 })])
    },
  }
}

/** A database without our tables of migrations answers, and stands nowhere. */
async function readStanding(sql: Sql): Promise<Standing> {
  try {
    const [row] = await call(
      () => sql<{ schema: string | null; migratedAt: string | null }[]>`
        select (select sha from applied_functions order by at desc limit 1) as schema,
               (select max(created_at)::text from drizzle.__drizzle_migrations) as "migratedAt"`,
    )
    const { schema = null, migratedAt = null } = row ?? {}
    const at = migratedAt === null ? null : Number.parseInt(migratedAt, 10)
    return { reachable: true, schema, migratedAt: at }
  } catch (error) {
    if (!NO_SUCH_TABLE.has(errorCode(error) ?? '')) throw error
    return { reachable: true, schema: null, migratedAt: null }
  }
}

/** No such schema, no such table, or not ours to read. */
const NO_SUCH_TABLE = new Set(['3F000', '42P01', '42501'])
