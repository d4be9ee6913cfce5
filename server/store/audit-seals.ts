/** Seals over the audit events: each a hash over its events' digests and over the seal before. */
import { createHash } from 'node:crypto'
import { BYTES_PER_EVENT, type EventBlock } from './audit-events.ts'
import { call, type Sql } from './database.ts'

export type Seal = EventBlock & {
  readonly sealNo: bigint
  readonly lastEventId: bigint
  /** ISO 8601 in UTC. */
  readonly sealedAt: string
  readonly previousHash: Buffer
  readonly hash: Buffer
}
/** What the next seal follows: number, last event and hash of the newest one. */
export type SealHead = Pick<Seal, 'sealNo' | 'lastEventId' | 'hash'>

/** Before the first seal. */
export const NO_SEAL: SealHead = { sealNo: 0n, lastEventId: 0n, hash: Buffer.alloc(32) }

/** The hash of a seal, over its number, its time, the seal before and every event in its order. */
export function sealHash(seal: Omit<Seal, 'hash' | 'lastEventId'>): Buffer {
  const hash = createHash('sha256')
  const { sealNo, sealedAt, previousHash, eventIds, digests } = seal
  hash.update(`settlement-audit-seal/1\n${sealNo}\n${sealedAt}\n${eventIds.length}\n`)
  hash.update(previousHash)
  eventIds.forEach((eventId, index) => {
    hash.update(`${eventId}\n`)
    hash.update(digests.subarray(index * BYTES_PER_EVENT, (index + 1) * BYTES_PER_EVENT))
  })
  return hash.digest()
}

/** A seal over a block that follows the newest one. */
export function sealOver(block: EventBlock, newest: SealHead, sealedAt: string): Seal {
  const open = { ...block, sealNo: newest.sealNo + 1n, sealedAt, previousHash: newest.hash }
  const lastEventId = block.eventIds.at(-1) ?? newest.lastEventId
  return { ...open, lastEventId, hash: sealHash(open) }
}

/** Adds a seal; false where another server added one first. */
export async function addSeal(sql: Sql, seal: Seal): Promise<boolean> {
  const ids = seal.eventIds.map(String)
  const [row] = await call(
    () => sql<{ added: boolean }[]>`
      select add_audit_seal(${seal.sealNo.toString()}::bigint, ${seal.previousHash}::bytea,
        ${ids}::text[]::bigint[], ${seal.digests}::bytea, ${seal.sealedAt},
        ${seal.hash}::bytea) as added`,
  )
  return row?.added === true
}

type HeadRow = { readonly no: string; readonly last: string; readonly hash: Buffer }
const headOf = (row: HeadRow | undefined): SealHead | null =>
  row === undefined
    ? null
    : { sealNo: BigInt(row.no), lastEventId: BigInt(row.last), hash: row.hash }

/** The newest seal, or `NO_SEAL`. */
export async function newestSeal(sql: Sql): Promise<SealHead> {
  const [row] = await call(
    () => sql<HeadRow[]>`
      select seal_no::text as no, last_event_id::text as last, hash from audit_seal
       order by seal_no desc limit 1`,
  )
  return headOf(row) ?? NO_SEAL
}

/** One seal's number, last event and hash, or null. */
export async function sealNumbered(sql: Sql, sealNo: bigint): Promise<SealHead | null> {
  const [row] = await call(
    () => sql<HeadRow[]>`
      select seal_no::text as no, last_event_id::text as last, hash from audit_seal
       where seal_no = ${sealNo.toString()}::bigint`,
  )
  return headOf(row)
}

type SealRow = HeadRow & {
  readonly ids: string[]
  readonly digests: Buffer
  readonly at: string
  readonly previous: Buffer
}

/** The next seals after one, whole, in their order. */
export async function sealsAfter(sql: Sql, sealNo: bigint, sealsMax: number): Promise<Seal[]> {
  const rows = await call(
    () => sql<SealRow[]>`
      select seal_no::text as no, last_event_id::text as last, hash, digests, sealed_at as at,
             event_ids::text[] as ids, previous_hash as previous
        from audit_seal where seal_no > ${sealNo.toString()}::bigint
       order by seal_no limit ${sealsMax}`,
  )
  return rows.map((row) => ({
    sealNo: BigInt(row.no),
    lastEventId: BigInt(row.last),
    hash: row.hash,
    eventIds: row.ids.map(BigInt),
    digests: row.digests,
    sealedAt: row.at,
    previousHash: row.previous,
  }))
}

/** Runs the work where no other server seals at this moment; null where one does. */
export async function asTheOnlySealer<T>(sql: Sql, work: () => Promise<T>): Promise<T | null> {
  const [row] = await call(
    () => sql<{ mine: boolean }[]>`select pg_try_advisory_lock(330285) as mine`,
  )
  if (row?.mine !== true) return null
  try {
    return await work()
  } finally {
    await call(() => sql`select pg_advisory_unlock(330285)`)
  }
}
