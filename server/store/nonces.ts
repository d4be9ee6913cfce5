/** Old nonces: past the time in which their request would still be believed, they serve nothing. */
import { CLOCK_AHEAD_MAX_S, CLOCK_BEHIND_MAX_S } from '../contract/signature.ts'
import { type Instant, instant, instantText } from '../kernel/calendar.ts'
import { call, type Sql } from './database.ts'

/** For clocks of several servers that differ, and for requests that waited. */
const MARGIN_S = 600
/** How long a nonce is kept after it was seen, in milliseconds. */
export const NONCE_KEPT_MS = (CLOCK_BEHIND_MAX_S + CLOCK_AHEAD_MAX_S + MARGIN_S) * 1_000
/** Small enough that a sweep never holds up the door. */
const BATCH_ROWS = 1_000

/** Sweeps nonces that were seen too long ago to come again; how many there were. */
export async function sweepNonces(sql: Sql, now: Instant): Promise<number> {
  const before = instantText(instant(now - NONCE_KEPT_MS))
  let swept = 0
  for (;;) {
    const [row] = await call(
      () => sql<{ n: number }[]>`select sweep_nonces(${before}, ${BATCH_ROWS}) as n`,
    )
    const n = row?.n ?? 0
    swept += n
    if (n < BATCH_ROWS) return swept
  }
}
