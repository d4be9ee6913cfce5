import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { findPostmaster } from './postmaster.ts'

/** The way in for the superuser. It holds the password: never log it. */
export const superuserUrl = (password: string, port: number): string =>
  `postgres://postgres:${password}@127.0.0.1:${port}/postgres`

/** What a try to connect showed. */
export type Answer = 'ready' | 'not-yet' | 'wrong-password'

const passingCodes = new Set([
  'ECONNREFUSED', // It does not listen yet, or no longer.
  'ECONNRESET',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  '57P01', // It is being stopped.
  '57P03', // It is starting up, recovering or shutting down.
  '53300', // All connections are taken.
])

/** Connects once as the superuser. Any answer we do not know is thrown. */
export async function askReady(url: string): Promise<Answer> {
  const sql = postgres(url, { max: 1, connect_timeout: 5, fetch_types: false, onnotice: () => {} })
  try {
    await sql`select 1`
    return 'ready'
  } catch (error) {
    const code = (error as { code?: string }).code ?? ''
    if (code === '28P01') return 'wrong-password'
    if (passingCodes.has(code)) return 'not-yet'
    throw error
  } finally {
    await sql.end({ timeout: 0 })
  }
}

/**
 * Waits until the postmaster `pid` of this data folder takes connections and answers to the
 * password, or is gone. It is asked only once its own file says that it is ready: before that, a
 * stranger who holds the port might answer in its place.
 *
 * Recovery after a crash may take minutes; `onWait` is told every ten seconds that it goes on.
 */
export async function waitReady(
  { real, pid, password }: { real: string; pid: number; password: string },
  lives: () => boolean,
  onWait: (seconds: number) => void,
): Promise<{ answer: Exclude<Answer, 'not-yet'>; port: number } | 'gone'> {
  const start = performance.now()
  let told = 0
  while (lives()) {
    const running = findPostmaster(real)
    if (running?.ready && running.pid === pid) {
      const answer = await askReady(superuserUrl(password, running.port))
      if (answer !== 'not-yet') return { answer, port: running.port }
    }
    const seconds = Math.floor((performance.now() - start) / 1000)
    if (seconds >= told + 10) {
      told = seconds
      onWait(seconds)
    }
    await sleep(20)
  }
  return 'gone'
}
