/**
 * The check of the audit: every seal against its rows, every link of the chain, and the chain
 * against the checkpoints outside. Everything is hashed here, by nothing the database could answer
 * wrongly but its rows.
 */
import { type Instant, parseInstant } from '../kernel/calendar.ts'
import { eventsWaiting, readBlockOutside } from '../store/audit-events.ts'
import { NO_SEAL, type Seal, type SealHead, sealHash, sealsAfter } from '../store/audit-seals.ts'
import type { Sql } from '../store/database.ts'
import type { CheckpointLine } from './checkpoints.ts'
import { compareBlock } from './compare-block.ts'
import type { Finding } from './findings.ts'

export type Verified = {
  readonly seals: bigint
  readonly events: bigint
  /** The newest seal that a checkpoint attests; 0 where there is none. */
  readonly attestedSeal: bigint
  readonly eventsUnsealed: number
  readonly findings: readonly Finding[]
}

/** Seals read at once: a block of rows is small, their texts are not. */
const SEALS_AT_ONCE = 50
/** How long a seal may lack its checkpoint, and an event its seal. */
const LATE_MS = 600_000
const COUNTED_MAX = 1_000_000
const ANY_EVENT = 9_223_372_036_854_775_807n

export type VerifyOptions = {
  readonly sql: Sql
  readonly checkpoints: readonly CheckpointLine[]
  readonly now: Instant
  readonly onProgress?: (seals: bigint) => void
}

export async function verifyAudit(options: VerifyOptions): Promise<Verified> {
  const { sql, checkpoints, now } = options
  const findings: Finding[] = [...forged(checkpoints)]
  const attested = attestedHashes(checkpoints)
  let newest: SealHead = NO_SEAL
  let events = 0n
  let sealedAtMs = 0
  for (;;) {
    const seals = await sealsAfter(sql, newest.sealNo, SEALS_AT_ONCE)
    for (const seal of seals) {
      findings.push(...linkFindings(seal, newest), ...attestation(seal, attested))
      const found = await readBlockOutside(sql, beforeOf(seal, newest), seal.lastEventId)
      findings.push(...compareBlock(seal, found))
      events += BigInt(seal.eventIds.length)
      newest = seal
      sealedAtMs = parseInstant(seal.sealedAt) ?? 0
    }
    options.onProgress?.(newest.sealNo)
    if (seals.length < SEALS_AT_ONCE) break
  }
  const attestedSeal = [...attested.keys()].reduce((a, b) => (a > b ? a : b), 0n)
  findings.push(...endFindings(newest, attestedSeal, now - sealedAtMs > LATE_MS))
  const waiting = await eventsWaiting(sql, newest.lastEventId, ANY_EVENT, COUNTED_MAX)
  if (waiting.sinceMs !== null && now - waiting.sinceMs > LATE_MS) {
    findings.push(finding('sealing-stopped', null, `${waiting.count} 项 events`))
  }
  return { seals: newest.sealNo, events, attestedSeal, eventsUnsealed: waiting.count, findings }
}

/** The event after which a seal begins; where seals are missing before it, its own first event. */
const beforeOf = (seal: Seal, before: SealHead): bigint =>
  seal.sealNo === before.sealNo + 1n
    ? before.lastEventId
    : (seal.eventIds[0] ?? seal.lastEventId) - 1n

const finding = (kind: Finding['kind'], sealNo: bigint | null, detail: string): Finding => ({
  kind,
  sealNo,
  eventIds: [],
  detail,
})

/** Lines that our key did not sign, each told apart. */
function forged(lines: readonly CheckpointLine[]): Finding[] {
  return lines
    .filter(({ checkpoint }) => checkpoint === null)
    .map(({ line }) => finding('checkpoint-forged', null, `行 line ${line}`))
}

/** What the checkpoints say of each seal; two that differ leave both standing. */
function attestedHashes(lines: readonly CheckpointLine[]): ReadonlyMap<bigint, Set<string>> {
  const hashes = new Map<bigint, Set<string>>()
  for (const { checkpoint } of lines) {
    if (checkpoint === null) continue
    const { sealNo, hash, lastEventId } = checkpoint
    const told = hashes.get(sealNo) ?? new Set()
    hashes.set(sealNo, told.add(`${hash}/${lastEventId}`))
  }
  return hashes
}

/** The seal by itself and as a link: its number, the one before, its own hash. */
function linkFindings(seal: Seal, before: SealHead): Finding[] {
  const found: Finding[] = []
  if (seal.sealNo !== before.sealNo + 1n) {
    const first = before.sealNo + 1n
    found.push(finding('seal-removed', first, `${first} – ${seal.sealNo - 1n}`))
  } else if (!seal.previousHash.equals(before.hash)) {
    const detail = `不接续封存 does not follow seal ${before.sealNo}`
    found.push(finding('seal-edited', seal.sealNo, detail))
  }
  const covers = seal.eventIds.at(-1) === seal.lastEventId
  if (!covers || !sealHash(seal).equals(seal.hash)) {
    found.push(finding('seal-edited', seal.sealNo, '哈希不符 its hash is not that of its content'))
  }
  return found
}

function attestation(seal: Seal, attested: ReadonlyMap<bigint, Set<string>>): Finding[] {
  const told = attested.get(seal.sealNo)
  if (told === undefined) return []
  const stands = `${seal.hash.toString('hex')}/${seal.lastEventId}`
  if (told.size === 1 && told.has(stands)) return []
  return [finding('sealed-anew', seal.sealNo, '')]
}

/** What only the checkpoints can tell of the end of the chain, and whether they are there. */
function endFindings(newest: SealHead, attestedSeal: bigint, late: boolean): Finding[] {
  if (attestedSeal > newest.sealNo) {
    const detail = `库中止于 the database ends at ${newest.sealNo},检查点 checkpoint ${attestedSeal}`
    return [finding('seals-cut', newest.sealNo + 1n, detail)]
  }
  if (newest.sealNo > attestedSeal && late) {
    return [finding('checkpoint-missing', attestedSeal + 1n, `– ${newest.sealNo}`)]
  }
  return []
}
