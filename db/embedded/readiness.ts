import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'

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
 * Asks until it is ready, the password proves wrong, or `lives` says that nobody is left to answer.
 * Recovery after a crash may take minutes; `onWait` is told every ten seconds that it still goes on.
 */
export async function waitReady(
  url: string,
  lives: () => boolean,
  onWait: (seconds: number) => void,
): Promise<'ready' | 'wrong-password' | 'gone'> {
  const start = performance.now()
  let told = 0
  for (;;) {
    if (!lives()) return 'gone'
    const answer = await askReady(url)
    if (answer !== 'not-yet') return answer
    const seconds = Math.floor((performance.now() - start) / 1000)
    if (seconds >= told + 10) {
      told = seconds
      onWait(seconds)
    }
    await sleep(25)
  }
}
