/**
 * The queue in front of the reads that decisions rest on. Questions that come in the same turn, or
 * while earlier reads are under way, travel in one call: one by one each cost ten times as much. A
 * question alone is asked at once.
 *
 * Where a limit is given nobody waits longer, in the queue and for the answer together. The gate
 * lets a hundred in, and two reads that sleep would keep all of them until the statement's own
 * limit. A read changes nothing, so whoever gives it up can be told to come again.
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
import { ReadsBusyError } from './errors.ts'

export type EntitlementReader = {
  /**
   * Person, coverage of the day, position and trace codes in one snapshot; null for nobody. Throws
   * `ReadsBusyError` where no answer came in time.
   */
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

export function openEntitlementReader(sql: Sql, waitMsMax?: number): EntitlementReader {
  const waiting = new Set<Waiting>()
  let running = 0
  let woken = false

  const wake = (): void => {
    if (woken) return
    woken = true
    setImmediate(() => {
      woken = false
      while (running < LANES && waiting.size > 0) {
        running += 1
        void run(nextOf(waiting))
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
    read: (query, onDay, codes) => {
      const answer = queueUp(waiting, { query, onDay, codes }, waitMsMax)
      wake()
      return answer
    },
  }
}

/** Puts a question into the queue; its answer, or `ReadsBusyError` where there is none in time. */
function queueUp(
  waiting: Set<Waiting>,
  question: EntitlementQuestion,
  waitMsMax: number | undefined,
): Promise<Entitlement | null> {
  return new Promise((resolve, reject) => {
    const late = (): void => {
      waiting.delete(one)
      reject(new ReadsBusyError())
    }
    // After a pause of the process the answer may lie there already: it is taken first.
    const giveUp =
      waitMsMax === undefined ? undefined : setTimeout(() => setImmediate(late), waitMsMax)
    const one: Waiting = {
      question,
      settle(found) {
        clearTimeout(giveUp)
        resolve(found)
      },
      fail(error) {
        clearTimeout(giveUp)
        reject(error)
      },
    }
    waiting.add(one)
  })
}

/** Takes those who wait longest, as many as one read answers. */
function nextOf(waiting: Set<Waiting>): readonly Waiting[] {
  const batch: Waiting[] = []
  for (const one of waiting) {
    if (batch.length === BATCH_MAX) break
    waiting.delete(one)
    batch.push(one)
  }
  return batch
}
