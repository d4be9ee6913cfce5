import { totalmem } from 'node:os'

/** Settings of PostgreSQL by name, as its own documentation writes them. */
export type Settings = Readonly<Record<string, string>>

const MB = 2 ** 20

/**
 * PostgreSQL's own cache, in MB: an eighth of the memory that this process may have, from 128 MB to
 * 1 GB. A history of years pushes the rows of persons out of a small one (decisions 0014).
 */
export function sharedBuffersMb(memoryBytes: number): number {
  return Math.min(1_024, Math.max(128, Math.floor(memoryBytes / 8 / MB)))
}

/** Of the machine, or of the container where that has less. Node says 0 where it does not know. */
function memoryBytes(): number {
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}

/**
 * What the embedded PostgreSQL runs with. They are given at start, not kept in a file of the data
 * folder, so that what stands here is what holds.
 */
export const settingsDefault: Settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '', // One way in: the loopback address with a password.
  max_connections: '60',
  shared_buffers: `${sharedBuffersMb(memoryBytes())}MB`,

  // An acknowledged settlement survives a power cut.
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_level: 'replica',
  wal_compression: 'off',
  checkpoint_timeout: '15min',
  max_wal_size: '2GB',

  autovacuum: 'on',
  TimeZone: 'UTC',

  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] ',
  log_lock_waits: 'on',
  // Statements and the details of a broken constraint carry names and numbers of the insured, which
  // never go into a log. The SQLSTATE and the first sentence of the message remain.
  log_statement: 'none',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
}

export function settingArguments(settings: Settings, port: number): string[] {
  const all = { ...settingsDefault, ...settings, port: String(port) }
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
