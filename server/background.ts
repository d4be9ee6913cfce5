/** Work that repeats in the background and never keeps the process alive. */
import pino from 'pino'
import { DatabaseUnavailableError, LockTimeoutError } from './store/errors.ts'

const log = pino({ base: null }, pino.destination({ dest: 2, sync: true }))

/** Up to a fifth more or less, so that several servers do not ask at the same moment for ever. */
const JITTER = 0.2

/**
 * Repeats work about every so many milliseconds, never twice at once. A failure is told and the
 * work tried again at the next turn; that the database is away is `/readyz`'s to tell.
 *
 * @returns what ends it.
 */
export function repeat(what: string, everyMs: number, work: () => Promise<unknown>): () => void {
  let ended = false
  let timer: NodeJS.Timeout
  const waitAgain = (): void => {
    if (ended) return
    timer = setTimeout(turn, everyMs * (1 + JITTER * (2 * Math.random() - 1)))
    timer.unref()
  }
  const turn = (): void => {
    work()
      .catch((error: unknown) => tell(what, error))
      .finally(waitAgain)
  }
  waitAgain()
  return () => {
    ended = true
    clearTimeout(timer)
  }
}

/** By name only: a message of the driver may hold what was asked. */
function tell(what: string, error: unknown): void {
  if (error instanceof DatabaseUnavailableError || error instanceof LockTimeoutError) return
  const name = error instanceof Error ? error.name : typeof error
  log.warn({ what, error: name }, 'background work failed; it is tried again')
}
