/**
 * Brings a database to the newest schema: reviewed migrations, forward only, then the roles and the
 * SQL functions of db/functions (repeatable, applied when their text changed).
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { drizzle } from 'drizzle-orm/postgres-js'
import { migrate as migrateTables } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'

const FUNCTION_FILES = [
  'roles.sql',
  'balances.sql',
  'post_batch.sql',
  'sweep_nonces.sql',
  'reads.sql',
  'agency_change.sql',
  'audit_seal.sql',
  'personal_rows.sql',
  'card_pin.sql',
] as const

/** Key of the advisory lock that keeps two processes from migrating at once. */
const MIGRATION_LOCK = 330282

/**
 * Migrates the database behind the URL, which must name an owner of it. Safe to call at every
 * start and from several processes at once; does nothing when all is current.
 */
export async function migrateDatabase(url: string, projectRoot: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await sql`select pg_advisory_lock(${MIGRATION_LOCK})`
    // From here on: waiting for the lock above may take as long as another process migrates.
    await sql.unsafe(`set lock_timeout = '${LOCK_MAX_S}s'`)
    await untilUnlocked(async () => {
      await migrateTables(drizzle(sql), { migrationsFolder: join(projectRoot, 'db/migrations') })
      if (await isNewerThan(sql, newestMigration(projectRoot).at)) return
      await applyFunctions(sql, join(projectRoot, 'db/functions'))
    })
    await sql`select pg_advisory_unlock(${MIGRATION_LOCK})`
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/**
 * A statement that waits for a table also holds up everybody behind it: it gives way after three
 * seconds, or where it and an old server wait for each other, nothing of it remains, and it tries
 * again. Old servers settle meanwhile.
 */
const LOCK_MAX_S = 3
const TRIES_MAX = 20
const AGAIN_AFTER_MS = 1_000

export async function untilUnlocked(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (!mustGiveWay(error) || attempt >= TRIES_MAX) throw error
      await sleep(AGAIN_AFTER_MS)
    }
  }
}

/** A lock not had in time or a deadlock; the migrator wraps both in an error of its own. */
function mustGiveWay(error: unknown): boolean {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } }
  return [code, cause?.code].some((state) => state === '55P03' || state === '40P01')
}

/** The newest migration that this build brings: its name, and when it was written, in ms. */
export function newestMigration(projectRoot: string): { name: string; at: number } {
  const file = join(projectRoot, 'db/migrations/meta/_journal.json')
  const { entries } = JSON.parse(readFileSync(file, 'utf8')) as {
    entries: { tag: string; when: number }[]
  }
  const last = entries.at(-1)
  if (last === undefined) throw new Error('the journal of migrations is empty')
  return { name: last.tag, at: last.when }
}

/** Whether a later build has migrated it: the functions are that one's then, and stay. */
async function isNewerThan(sql: postgres.Sql, at: number): Promise<boolean> {
  const [row] = await sql<{ newest: string | null }[]>`
    select max(created_at)::text as newest from drizzle.__drizzle_migrations`
  return Number.parseInt(row?.newest ?? '0', 10) > at
}

async function applyFunctions(sql: postgres.Sql, folder: string): Promise<void> {
  const text = FUNCTION_FILES.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')
  const sha = createHash('sha256').update(text).digest('hex')
  await sql`create table if not exists applied_functions
    (sha text primary key, at timestamptz not null default now())`
  const [latest] = await sql`select sha from applied_functions order by at desc limit 1`
  if (latest?.sha === sha) return
  // One simple-protocol message of several statements is one transaction.
  await sql.unsafe(text)
  await sql`insert into applied_functions (sha) values (${sha})
    on conflict (sha) do update set at = now()`
}
