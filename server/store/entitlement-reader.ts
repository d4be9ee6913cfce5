/**
 * The queue in front of the reads that decisions rest on. Questions that come in the same turn, or
 * while earlier reads are under way, travel in one call: one by one each cost ten times as much. A
 * question alone is asked at once.
 */
import type { ServiceDay } from '../kernel/calendar.ts'
import { invariant } from '../kernel/invariant.ts'
import type { Sql } from './database.ts'
import {
  type Entitlement,
  type EntitlementQuery,
  type EntitlementQuestion,
  readEntitlements,
} from './entitlement.ts'

export type EntitlementReader = {
  /** Person, coverage of the day, position and trace codes in one snapshot; null for nobody. */
  read(
    query: EntitlementQuery,
    onDay: ServiceDay,
    codes: readonly string[],
  ): Promise<Entitlement | null>
}

type Waiting = {
  readonly question: EntitlementQuestion
  readonly settle: (found: Entitlement | null) => void
  readonly fail: (error: unknown) => void
}

/** Reads under way at once, and the most questions of one. */
const LANES = 2
const BATCH_MAX = 64

export function openEntitlementReader(sql: Sql): EntitlementReader {
  let waiting: Waiting[] = []
  let running = 0
  let woken = false

  const wake = (): void => {
    if (woken) return
    woken = true
    setImmediate(() => {
      woken = false
      while (running < LANES && waiting.length > 0) {
        const batch = waiting.slice(0, BATCH_MAX)
        waiting = waiting.slice(BATCH_MAX)
        running += 1
        void run(batch)
      }
    })
  }

  const run = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const found = await readEntitlements(
        sql,
        batch.map((one) => one.question),
      )
      batch.forEach((one, index) => {
        const answer = found[index]
        invariant(answer !== undefined, 'every question is answered')
        one.settle(answer)
      })
    } catch (error) {
      for (const one of batch) one.fail(error)
    }
    running -= 1
    wake()
  }

  return {
    read: (query, onDay, codes) =>
      new Promise((settle, fail) => {
        waiting.push({ question: { query, onDay, codes }, settle, fail })
        wake()
      }),
  }
}
