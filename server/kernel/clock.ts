import { type Instant, instant } from './calendar.ts'

/**
 * Where the time comes from. The server's clock decides (decisions.md 16); tests hand in their own.
 */
export type Clock = { now(): Instant }

/** The machine's clock: the one place where it is read. */
export const systemClock: Clock = { now: () => instant(Date.now()) }

/** A clock that stands still until it is moved, for tests and for replaying past days. */
export function fixedClock(start: Instant): Clock & { set(at: Instant): void } {
  let current = start
  return {
    now: () => current,
    set: (at) => {
      current = at
    },
  }
}
