/** The write side as one object: the door, the reads a decision rests on, and the caches. */
import { call, type DatabaseOptions, openDatabase, type Sql } from './database.ts'
import { type Door, type DoorOptions, openDoor } from './door.ts'

export type Store = {
  readonly door: Door
  /** Reads; nothing is written through it. */
  readonly sql: Sql
  /** Whether the database answers and stands at the newest migration. */
  ping(): Promise<{ reachable: boolean; schema: string | null }>
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
    async ping() {
      const [row] = await call(
        () => sql<{ schema: string }[]>`
          select sha as schema from applied_functions order by at desc limit 1`,
      )
      return { reachable: true, schema: row?.schema ?? null }
    },
    async onReferenceChange(listener) {
      await sql.listen(REFERENCE_CHANNEL, listener, listener)
    },
    async close() {
      await Promise.all([sql.end({ timeout: 5 }), doorSql.end({ timeout: 5 })])
    },
  }
}
