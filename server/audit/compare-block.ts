/** A seal against the rows it covers, as they stand now: which were changed, removed, added. */
import { BYTES_PER_EVENT, DIGEST_BYTES, type EventBlock } from '../store/audit-events.ts'
import type { Seal } from '../store/audit-seals.ts'
import type { Finding, FindingKind } from './findings.ts'

type Digests = { readonly event: string; readonly money: string }

function digestsById({ eventIds, digests }: EventBlock): Map<bigint, Digests> {
  const part = (from: number) => digests.subarray(from, from + DIGEST_BYTES).toString('hex')
  return new Map(
    eventIds.map((eventId, index) => {
      const from = index * BYTES_PER_EVENT
      return [eventId, { event: part(from), money: part(from + DIGEST_BYTES) }]
    }),
  )
}

/** Nothing where every row stands as it was sealed. */
export function compareBlock(seal: Seal, found: EventBlock): Finding[] {
  const sealed = digestsById(seal)
  const standing = digestsById(found)
  const removed = [...sealed.keys()].filter((id) => !standing.has(id))
  const inserted = [...standing.keys()].filter((id) => !sealed.has(id))
  const both = [...sealed].flatMap(([id, was]) => {
    const is = standing.get(id)
    return is === undefined ? [] : [{ id, was, is }]
  })
  const changed = both.filter(({ was, is }) => was.event !== is.event)
  const elsewhere = new Set([...sealed.values()].map(({ event }) => event))
  const moved = changed.filter(({ is }) => elsewhere.has(is.event))
  const edited = changed.filter(({ is }) => !elsewhere.has(is.event))
  // The money of a row that changed places went with it.
  const money = both.filter(({ was, is }) => was.event === is.event && was.money !== is.money)
  const of = (kind: FindingKind, eventIds: readonly bigint[]): Finding[] =>
    eventIds.length === 0 ? [] : [{ kind, sealNo: seal.sealNo, eventIds, detail: '' }]
  const ids = (rows: readonly { id: bigint }[]) => rows.map(({ id }) => id)
  return [
    ...of('event-removed', removed),
    ...of('event-inserted', inserted),
    ...of('events-reordered', ids(moved)),
    ...of('event-edited', ids(edited)),
    ...of('money-edited', ids(money)),
  ]
}
