/**
 * The queue in front of the posting door: postings that arrive while earlier ones are being
 * committed travel in one batch (group commit, architecture, decision 5). A batch of one is the
 * ordinary case.
 */
import { invariant } from '../kernel/invariant.ts'
import { type BatchSender, batchSender, type DoorCounters } from './batch.ts'
import type { Sql } from './database.ts'
import { type DoorFigures, noteBatch, openDoorFigures } from './door-figures.ts'
import { type Posting, type PostingRows, rowsOf, type Verdict } from './posting.ts'

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

export type Door = {
  /** Posts and answers what became of it; throws only where the outcome is unknown. */
  post(posting: Posting): Promise<Verdict>
  /** Whether a key is being posted by this process at this moment. */
  isRunning(clientId: string, key: string): boolean
  readonly counters: Readonly<DoorCounters>
  readonly figures: Readonly<DoorFigures>
  /** Resolves when nothing waits or runs any more. */
  drained(): Promise<void>
}

type Waiting = {
  readonly rows: PostingRows
  readonly settle: (verdict: Verdict) => void
  readonly fail: (error: unknown) => void
}

export function openDoor(sql: Sql, options: DoorOptions = DOOR_DEFAULTS): Door {
  const counters: DoorCounters = { batches: 0, postings: 0, rerun: 0, resent: 0 }
  const figures = openDoorFigures()
  const sender = batchSender(sql, counters, options.resendAfterMs)
  const queue = new DoorQueue(options, sender, figures)
  return {
    counters,
    figures,
    post: (posting) => queue.post(posting),
    isRunning: (clientId, key) => queue.holds(`k:${clientId}:${key}`),
    drained: () => queue.drained(),
  }
}

class DoorQueue {
  private readonly options: DoorOptions
  private readonly send: BatchSender
  private readonly figures: DoorFigures
  /** Claims of what is under way: keys, nonces, owners and trace codes. */
  private readonly busy = new Set<string>()
  private waiting: Waiting[] = []
  private running = 0
  private woken = false
  private onIdle: (() => void)[] = []

  constructor(options: DoorOptions, send: BatchSender, figures: DoorFigures) {
    this.options = options
    this.send = send
    this.figures = figures
  }

  post(posting: Posting): Promise<Verdict> {
    return new Promise((settle, fail) => {
      this.waiting.push({ rows: rowsOf(posting), settle, fail })
      this.wake()
    })
  }

  /**
   * At the end of the turn: the decisions of one read come one after the other, and the first would
   * leave alone and hold a lane while the others wait.
   */
  private wake(): void {
    if (this.woken) return
    this.woken = true
    setImmediate(() => {
      this.woken = false
      this.pump()
    })
  }

  holds(claim: string): boolean {
    return this.busy.has(claim) || this.waiting.some((entry) => entry.rows.claims.includes(claim))
  }

  drained(): Promise<void> {
    if (this.running === 0 && this.waiting.length === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.onIdle.push(resolve)
    })
  }

  private pump(): void {
    while (this.running < this.options.lanes && this.waiting.length > 0) {
      const batch = this.take()
      if (batch.length === 0) break
      this.running += 1
      void this.run(batch)
    }
    this.figures.waiting = this.waiting.length
    this.figures.running = this.running
  }

  /** What waits longest first, and nothing that shares a claim with what is under way. */
  private take(): Waiting[] {
    const batch: Waiting[] = []
    const left: Waiting[] = []
    const heldBack = new Set<string>()
    for (const entry of this.waiting) {
      const free = entry.rows.claims.every((claim) => !this.busy.has(claim) && !heldBack.has(claim))
      const taken = free && batch.length < this.options.batchMax
      for (const claim of entry.rows.claims) (taken ? this.busy : heldBack).add(claim)
      ;(taken ? batch : left).push(entry)
    }
    this.waiting = left
    return batch
  }

  private async run(batch: readonly Waiting[]): Promise<void> {
    const began = performance.now()
    try {
      const verdicts = await this.send(batch.map((entry) => entry.rows))
      noteBatch(this.figures, verdicts, performance.now() - began)
      this.release(batch)
      batch.forEach((entry, index) => {
        const verdict = verdicts[index]
        invariant(verdict !== undefined, 'the door answers every posting')
        entry.settle(verdict)
      })
    } catch (error) {
      this.release(batch)
      for (const entry of batch) entry.fail(error)
    }
    // Those who were just answered may post again at once: let them join the next batch.
    await new Promise((resolve) => setImmediate(resolve))
    this.running -= 1
    this.pump()
    if (this.running === 0 && this.waiting.length === 0) {
      for (const resolve of this.onIdle) resolve()
      this.onIdle = []
    }
  }

  private release(batch: readonly Waiting[]): void {
    for (const entry of batch) for (const claim of entry.rows.claims) this.busy.delete(claim)
  }
}
