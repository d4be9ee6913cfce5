/** Work that leaves nothing behind, however it ends: done, failed, stopped, or its reader gone. */
import { setImmediate } from 'node:timers/promises'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Between two steps of the work: lets signals be heard, and throws where it is to end. */
export type Breath = () => Promise<void>

/**
 * Runs the work and then, in every case, `tidyUp`; answers the exit code. Work that a signal or a
 * closed pipe cut short goes no further than its next breath; the caller exits afterwards.
 */
export async function untilTheEnd(
  work: (breath: Breath) => Promise<void>,
  tidyUp: () => Promise<void>,
): Promise<number> {
  const ending = new AbortController()
  const cutShort = new Promise<never>((_, reject) => {
    ending.signal.addEventListener('abort', () => reject(ending.signal.reason))
  })
  for (const signal of SIGNALS) {
    process.on(signal, () => ending.abort(new Error(`ended by ${signal}`)))
  }
  process.stdout.on('error', (error) => ending.abort(error))
  // Where nobody reads, saying so fails too; that must not keep us from tidying up.
  process.stderr.on('error', (error) => ending.abort(error))
  const working = work(async () => {
    await setImmediate()
    ending.signal.throwIfAborted()
  })
  working.catch(() => {})
  try {
    await Promise.race([working, cutShort])
    return 0
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  } finally {
    await tidyUp()
  }
}
