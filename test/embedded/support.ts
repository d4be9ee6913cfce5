import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'

export const asRoot = process.getuid?.() === 0

/** An empty folder for one test, as open to others as a clone in an ordinary place. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'embedded-'))
  chmodSync(folder, 0o755)
  return folder
}

/** Runs queries on a connection of their own. */
export async function withSql<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    return await work(sql)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

/** Adds a row that must survive, and waits for the commit. */
export async function keepRow(url: string, word: string): Promise<void> {
  await withSql(url, async (sql) => {
    await sql`create table if not exists kept (word text primary key)`
    await sql`insert into kept values (${word})`
  })
}

export async function keptRows(url: string): Promise<string[]> {
  const rows = await withSql(
    url,
    (sql) => sql<{ word: string }[]>`select word from kept order by 1`,
  )
  return rows.map((row) => row.word)
}

/** Another process of ours that starts the same folder and then does nothing. */
export function startElsewhere(dataDir: string, then: 'wait' | 'fail' = 'wait'): ChildProcess {
  const program = fileURLToPath(new URL('./start-elsewhere.ts', import.meta.url))
  return spawn(process.execPath, ['--import', 'tsx', program, dataDir, then], {
    stdio: ['ignore', 'pipe', then === 'fail' ? 'ignore' : 'inherit'],
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  })
}

/** Waits for a condition, never for a time; gives up after a minute. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`)
    await sleep(5)
  }
}
