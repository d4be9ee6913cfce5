/**
 * The sealer: seals committed audit events in their order, a block at a time, beside the door and
 * never in it, and leaves a signed checkpoint outside of the database after each turn. Several
 * servers may run one; one of them seals at a time, each keeps checkpoints of its own.
 */
import { type Instant, instantText } from '../kernel/calendar.ts'
import type { Clock } from '../kernel/clock.ts'
import { eventsWaiting, readBlock, settledUpTo } from '../store/audit-events.ts'
import {
  addSeal,
  asTheOnlySealer,
  newestSeal,
  type SealHead,
  sealNumbered,
  sealOver,
} from '../store/audit-seals.ts'
import type { Sql } from '../store/database.ts'
import type { CheckpointFile } from './checkpoints.ts'

/** A seal covers at most so many events, and none waits longer (S61). */
export const EVENTS_PER_SEAL = 1_000
export const SEALED_WITHIN_MS = 60_000
/** A backlog is worked off by pieces, so that sales go on beside it. */
const SEALS_PER_TURN = 20
/** An event that waits longer is told of. */
export const LAG_WARNED_MS = 300_000

export class AuditChainBrokenError extends Error {
  override readonly name = 'AuditChainBrokenError'
}

export type SealerFigures = {
  /** Committed events without a seal, 10,000 at most. */
  unsealedEvents: number
  /** Age of the oldest unsealed event, in seconds. */
  oldestUnsealedSeconds: number
  /** 1 where the seals in the database are not those of the checkpoints, else 0. */
  chainBroken: 0 | 1
}
export type Sealer = {
  readonly figures: SealerFigures
  /** One turn; how many seals it added. Nothing is sealed on a chain that was tampered with. */
  turn(): Promise<number>
}

export type SealerOptions = {
  /** One connection alone: the lock of the only sealer is its session's. */
  readonly sql: Sql
  readonly checkpoints: CheckpointFile
  readonly clock: Clock
  /** Tells the operator, in a line. */
  readonly warn: (text: string) => void
  readonly eventsPerSeal?: number
  readonly sealedWithinMs?: number
}

export function openSealer(options: SealerOptions): Sealer {
  const { sql, checkpoints, clock } = options
  const figures: SealerFigures = { unsealedEvents: 0, oldestUnsealedSeconds: 0, chainBroken: 0 }
  const warnOnce = onceAnEpisode(options.warn)
  return {
    figures,
    async turn() {
      const broken = await chainFault(sql, checkpoints)
      figures.chainBroken = broken === null ? 0 : 1
      warnOnce('broken', broken)
      if (broken !== null) throw new AuditChainBrokenError(broken)
      const added = (await asTheOnlySealer(sql, () => sealWaiting(options))) ?? 0
      const newest = await newestSeal(sql)
      if (newest.sealNo > (checkpoints.newest()?.sealNo ?? 0n)) {
        const { sealNo, lastEventId, hash } = newest
        const at = instantText(clock.now())
        checkpoints.append({ sealNo, lastEventId, hash: hash.toString('hex'), at })
      }
      await measure(sql, newest, clock.now(), figures)
      warnOnce('lag', figures.oldestUnsealedSeconds * 1_000 > LAG_WARNED_MS ? LAGS : null)
      return added
    },
  }
}

const LAGS = 'audit events have waited for their seal for over five minutes'

/** What speaks against sealing on: the database lost or changed what a checkpoint attests. */
async function chainFault(sql: Sql, checkpoints: CheckpointFile): Promise<string | null> {
  const attested = checkpoints.newest()
  if (attested === null) return null
  const found = await sealNumbered(sql, attested.sealNo)
  if (found?.hash.toString('hex') === attested.hash) return null
  const what = found === null ? 'is gone from the database' : 'is another one in the database'
  return `audit seal ${attested.sealNo} ${what}: nothing is sealed until npm run audit -- verify`
}

async function sealWaiting(options: SealerOptions): Promise<number> {
  const { sql, clock, eventsPerSeal = EVENTS_PER_SEAL } = options
  const boundary = await settledUpTo(sql)
  if (boundary === null) return 0
  let newest = await newestSeal(sql)
  let added = 0
  while (added < SEALS_PER_TURN && (await isDue(options, newest, boundary))) {
    const block = await readBlock(sql, newest.lastEventId, boundary, eventsPerSeal)
    if (block === null) return added
    const seal = sealOver(block, newest, instantText(clock.now()))
    if (!(await addSeal(sql, seal))) return added
    newest = seal
    added += 1
  }
  return added
}

/** A full block is due at once, a smaller one when its oldest event has waited long enough. */
async function isDue(options: SealerOptions, newest: SealHead, boundary: bigint): Promise<boolean> {
  const { sql, clock, eventsPerSeal = EVENTS_PER_SEAL } = options
  const { sealedWithinMs = SEALED_WITHIN_MS } = options
  if (newest.lastEventId >= boundary) return false
  const waiting = await eventsWaiting(sql, newest.lastEventId, boundary, eventsPerSeal)
  if (waiting.sinceMs === null) return false
  // Half of it: a turn may come late.
  return waiting.count >= eventsPerSeal || clock.now() - waiting.sinceMs >= sealedWithinMs / 2
}

async function measure(
  sql: Sql,
  newest: SealHead,
  now: Instant,
  figures: SealerFigures,
): Promise<void> {
  const { count, sinceMs } = await eventsWaiting(sql, newest.lastEventId, ANY_EVENT, COUNTED_MAX)
  figures.unsealedEvents = count
  figures.oldestUnsealedSeconds = sinceMs === null ? 0 : Math.max(0, (now - sinceMs) / 1_000)
}
const ANY_EVENT = 9_223_372_036_854_775_807n
const COUNTED_MAX = 10_000

/** Says a thing when it begins, and again only after it was over. */
function onceAnEpisode(warn: (text: string) => void) {
  const standing = new Set<string>()
  return (what: string, text: string | null): void => {
    if (text === null) standing.delete(what)
    else if (!standing.has(what)) {
      standing.add(what)
      warn(text)
    }
  }
}
