/**
 * The driver. One call per decision and one call per batch: no multi-statement driver transaction
 * exists in the server (reliability notes F1), so a lost connection cannot tear one.
 */
import postgres from 'postgres'
import { classified } from './errors.ts'
import { TEXT_ARRAY_TYPE } from './text-arrays.ts'
import { withWholeResults } from './whole-results.ts'

export type Sql = postgres.Sql

export type DatabaseOptions = {
  /** Of the application's own login, which cannot write the money tables. */
  readonly url: string
  readonly connectionsMax: number
  /**
   * How long a decision may wait for what it rests on, queued and sent together, in milliseconds;
   * absent, as long as a statement may take. For a server with a crowd before it.
   */
  readonly readWaitMsMax?: number
}

/** Time limits, each shorter than the one outside it (reliability notes 6.3), in milliseconds. */
const LOCK_TIMEOUT_MS = 3_000
const STATEMENT_TIMEOUT_MS = 5_000

/**
 * Pause before a connection is opened again, in seconds. The driver's own grows to twenty, for it
 * counts the failures of all connections together: a database that was away for a second would be
 * left alone for ten more.
 */
const RECONNECT_S_MAX = 0.5
export const reconnectAfterS = (failures: number): number =>
  Math.min(2 ** failures / 100, RECONNECT_S_MAX)

/** A pool of connections of the application, with the time limits set on each. */
export function openDatabase(options: DatabaseOptions): Sql {
  // `max_pipeline: 1` keeps a slow statement from delaying strangers on its connection; the
  // driver knows the setting, its types do not.
  const settings = {
    max: options.connectionsMax,
    connect_timeout: 5,
    backoff: reconnectAfterS,
    idle_timeout: 0,
    max_lifetime: null,
    max_pipeline: 1,
    // The driver's own question on every new connection: should it fail, the process ends.
    fetch_types: false,
    types: { textArray: TEXT_ARRAY_TYPE },
    onnotice: () => {},
    connection: {
      application_name: 'settlement-server',
      lock_timeout: LOCK_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      TimeZone: 'UTC',
    },
  }
  return withWholeResults(postgres(options.url, settings))
}

/** Runs one read or one call, and says of a failure what it means. */
export async function call<T>(query: () => PromiseLike<T>): Promise<T> {
  try {
    return await query()
  } catch (error) {
    throw classified(error)
  }
}
