import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for a condition, never for a time; gives up after a while. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  giveUpAfterMs = 60_000,
): Promise<void> {
  const deadline = performance.now() + giveUpAfterMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`)
    await sleep(10)
  }
}
