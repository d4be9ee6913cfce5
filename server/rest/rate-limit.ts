/**
 * How often one terminal may ask: a bucket of tokens per terminal, in memory. Only terminals whose
 * signature held are counted, so strangers can neither empty a bucket nor make new ones.
 */
import type { Clock } from '../kernel/clock.ts'

export type RateLimitOptions = {
  /** Requests per second that a terminal may keep up. */
  readonly perSecond: number
  /** Requests it may send at once after a rest. */
  readonly burst: number
}
export type RateLimit = {
  /** Takes a token: null where there was one, else the seconds to wait, at least one. */
  take(terminalId: string): number | null
}

type Bucket = { tokens: number; at: number }

export function rateLimit(options: RateLimitOptions, clock: Clock): RateLimit {
  const buckets = new Map<string, Bucket>()
  return {
    take(terminalId) {
      const now = clock.now()
      const bucket = buckets.get(terminalId) ?? { tokens: options.burst, at: now }
      buckets.set(terminalId, bucket)
      const elapsedS = Math.max(0, now - bucket.at) / 1000
      bucket.tokens = Math.min(options.burst, bucket.tokens + elapsedS * options.perSecond)
      bucket.at = now
      if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / options.perSecond))
      bucket.tokens -= 1
      return null
    },
  }
}
