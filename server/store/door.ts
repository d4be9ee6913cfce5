/**
 * The queue in front of the posting door: postings that arrive while earlier ones are being
 * committed travel in one batch (group commit, architecture, decision 5). A batch of one is the
 * ordinary case.
 */
import type { Sql } from './database.ts'
import {
  ConstraintError,
  classified,
  DatabaseUnavailableError,
  LockTimeoutError,
} from './errors.ts'
import { claimsOf, type Posting, type Verdict, wireOf } from './posting.ts'

export type DoorOptions = {
  /** Batches under way at once. */
  readonly lanes: number
  readonly batchMax: number
  /** Waits before a batch is sent again after the connection was lost, in milliseconds. */
  readonly resendAfterMs: readonly number[]
}
export const DOOR_DEFAULTS: DoorOptions = {
  lanes: 2,
  batchMax: 64,
  resendAfterMs: [50, 250, 1_000],
}

export type DoorCounters = { batches: number; postings: number; rerun: number; resent: number }

export type Door = {
  /** Posts and answers what became of it; throws only where the outcome is unknown. */
  post(posting: Posting): Promise<Verdict>
  /** Whether a key is being posted by this process at this moment. */
  isRunning(clientId: string, key: string): boolean
  readonly counters: Readonly<DoorCounters>
  /** Resolves when nothing waits or runs any more. */
  drained(): Promise<void>
}

type Waiting = {
  readonly posting: Posting
  readonly claims: readonly string[]
  readonly settle: (verdict: Verdict) => void
  readonly fail: (error: unknown) => void
}

export function openDoor(sql: Sql, options: DoorOptions = DOOR_DEFAULTS): Door {
  const counters: DoorCounters = { batches: 0, postings: 0, rerun: 0, resent: 0 }
  const busy = new Set<string>()
  let waiting: Waiting[] = []
  let running = 0
  let onIdle: (() => void)[] = []

  /** The next batch: what waits longest first, nothing that shares a claim with what is under way. */
  const take = (): Waiting[] => {
    const batch: Waiting[] = []
    const left: Waiting[] = []
    const heldBack = new Set<string>()
    for (const candidate of waiting) {
      const free = candidate.claims.every((claim) => !busy.has(claim) && !heldBack.has(claim))
      if (free && batch.length < options.batchMax) {
        batch.push(candidate)
        for (const claim of candidate.claims) busy.add(claim)
      } else {
        left.push(candidate)
        for (const claim of candidate.claims) heldBack.add(claim)
      }
    }
    waiting = left
    return batch
  }

  const pump = (): void => {
    while (running < options.lanes && waiting.length > 0) {
      const batch = take()
      if (batch.length === 0) return
      running += 1
      void run(batch)
    }
  }

  const run = async (batch: Waiting[]): Promise<void> => {
    const release = (entry: Waiting) => {
      for (const claim of entry.claims) busy.delete(claim)
    }
    try {
      const verdicts = await postTogether(batch.map((entry) => entry.posting))
      batch.forEach((entry, index) => {
        release(entry)
        const verdict = verdicts[index]
        if (verdict === undefined) entry.fail(new Error('broken: the door answers every posting'))
        else entry.settle(verdict)
      })
    } catch (error) {
      for (const entry of batch) {
        release(entry)
        entry.fail(error)
      }
    }
    running -= 1
    pump()
    if (running === 0 && waiting.length === 0) {
      for (const resolve of onIdle) resolve()
      onIdle = []
    }
  }

  /** All in one call; where a constraint fails the call, one by one, so that only the guilty fails. */
  const postTogether = async (postings: readonly Posting[]): Promise<Verdict[]> => {
    try {
      return await send(postings)
    } catch (error) {
      const known = error instanceof ConstraintError || error instanceof LockTimeoutError
      if (!known) throw error
      counters.rerun += 1
      const verdicts: Verdict[] = []
      for (const posting of postings) verdicts.push(await postAlone(posting))
      return verdicts
    }
  }

  const postAlone = async (posting: Posting): Promise<Verdict> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const [verdict] = await send([posting])
        if (verdict === undefined) throw new Error('broken: the door answers every posting')
        return verdict
      } catch (error) {
        if (error instanceof LockTimeoutError) return { verdict: 'locked' }
        if (!(error instanceof ConstraintError)) throw error
        // A key, nonce or code claimed by another server at this very moment shows as a unique
        // violation once; the second look finds it committed and gives the proper verdict.
        if (attempt >= 2) return { verdict: 'refused', constraint: error.constraint }
      }
    }
  }

  /** One call of the door. A lost connection leaves the outcome unknown: the keys resolve it. */
  const send = async (postings: readonly Posting[]): Promise<Verdict[]> => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        counters.batches += 1
        counters.postings += postings.length
        return await callDoor(sql, attempt === 0 ? postings : postings.map(withoutNonce))
      } catch (raw) {
        const error = classified(raw)
        const wait = options.resendAfterMs[attempt]
        if (!(error instanceof DatabaseUnavailableError) || wait === undefined) throw error
        counters.resent += 1
        await new Promise((resolve) => setTimeout(resolve, wait))
      }
    }
  }

  return {
    counters,
    post: (posting) =>
      new Promise((settle, fail) => {
        waiting.push({ posting, claims: claimsOf(posting), settle, fail })
        pump()
      }),
    isRunning: (clientId, key) => {
      const claim = `k:${clientId}:${key}`
      return busy.has(claim) || waiting.some((entry) => entry.claims.includes(claim))
    },
    drained: () =>
      running === 0 && waiting.length === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            onIdle.push(resolve)
          }),
  }
}

/** A batch that is sent again must not stumble over the nonces it stored the first time itself. */
const withoutNonce = (posting: Posting): Posting => ({ ...posting, nonce: null })

async function callDoor(sql: Sql, postings: readonly Posting[]): Promise<Verdict[]> {
  const text = JSON.stringify(postings.map(wireOf))
  const [row] = await sql<{ answers: (Verdict & { n: number })[] }[]>`
    select post_batch(${text}::text::jsonb) as answers`
  const verdicts: Verdict[] = []
  for (const answer of row?.answers ?? []) verdicts[answer.n] = answer
  return verdicts
}
