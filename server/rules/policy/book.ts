/** All policies of an area, and which of them holds on a day. */
import { periodCovers, type ServiceDay } from '../../kernel/calendar.ts'
import type { Scheme, ServiceKind } from '../types.ts'
import type { Checked, PolicyFault } from './faults.ts'
import type { ParsedDocument } from './parse-document.ts'
import { type PolicyOfTheDay, versionIdWithoutText } from './policy-of-the-day.ts'

export type PolicyBook = {
  readonly area: string
  /** Versions by scheme and service kind, in the order of their days. */
  readonly byKind: ReadonlyMap<string, readonly PolicyOfTheDay[]>
  /** Every version ever published, those that later texts replaced among them. */
  readonly byVersion: ReadonlyMap<string, PolicyOfTheDay>
}

const kindKey = (scheme: Scheme, serviceKind: ServiceKind): string => `${scheme}/${serviceKind}`

/** The policy in force for a scheme and kind of service on a day; null where there is none. */
export function policyOf(
  book: PolicyBook,
  scheme: Scheme,
  serviceKind: ServiceKind,
  on: ServiceDay,
): PolicyOfTheDay | null {
  const versions = book.byKind.get(kindKey(scheme, serviceKind)) ?? []
  return versions.findLast(({ period }) => periodCovers(period, on)) ?? null
}

/** The version a settlement was made under, by the id it stored; null where it is not known. */
export const policyByVersion = (book: PolicyBook, versionId: string): PolicyOfTheDay | null =>
  book.byVersion.get(versionId) ?? null

/**
 * A book of the documents in force; gaps and overlaps between their versions are refused.
 *
 * @param published every document ever published, the earliest first: settlements made under a text
 * recompute under that text, whatever has followed it.
 */
export function policyBook(
  documents: readonly ParsedDocument[],
  published: readonly ParsedDocument[] = documents,
): Checked<PolicyBook> {
  const placed = documents.flatMap(({ file, versions }) =>
    versions.map(({ policy, line }) => ({ file, line, policy })),
  )
  const groups = grouped(placed)
  const faults = [...areaFaults(documents), ...[...groups.values()].flatMap(calendarFaults)]
  if (faults.length > 0) return { ok: false, faults }
  return {
    ok: true,
    value: {
      area: documents[0]?.area ?? '',
      byKind: new Map([...groups].map(([key, group]) => [key, group.map(({ policy }) => policy)])),
      byVersion: byVersionOf(published),
    },
  }
}

/** By id; an id that names no text means the earliest text that has the version. */
function byVersionOf(published: readonly ParsedDocument[]): Map<string, PolicyOfTheDay> {
  const known = new Map<string, PolicyOfTheDay>()
  for (const { policy } of published.flatMap(({ versions }) => versions)) {
    for (const id of [policy.version, versionIdWithoutText(policy.version)]) {
      if (!known.has(id)) known.set(id, policy)
    }
  }
  return known
}

type Placed = { readonly file: string; readonly line: number; readonly policy: PolicyOfTheDay }

function grouped(placed: readonly Placed[]): Map<string, Placed[]> {
  const groups = new Map<string, Placed[]>()
  for (const entry of placed) {
    for (const serviceKind of entry.policy.serviceKinds) {
      const key = kindKey(entry.policy.scheme, serviceKind)
      groups.set(key, [...(groups.get(key) ?? []), entry])
    }
  }
  for (const group of groups.values()) {
    group.sort((a, b) => (a.policy.period.from < b.policy.period.from ? -1 : 1))
  }
  return groups
}

function areaFaults(documents: readonly ParsedDocument[]): PolicyFault[] {
  const area = documents[0]?.area
  return documents
    .filter((document) => document.area !== area)
    .map(({ file, area: other }) => ({
      file,
      line: 1,
      path: 'area',
      what: `area ${other} in a book of area ${area}`,
      remedy: 'load the folder of one area',
    }))
}

/** Overlaps and gaps between each version and the one before it. */
function calendarFaults(group: readonly Placed[]): PolicyFault[] {
  return group.flatMap((entry, index) => {
    const before = group[index - 1]
    if (before === undefined) return []
    const until = before.policy.period.until
    const from = entry.policy.period.from
    if (until === from) return []
    const place = { file: entry.file, line: entry.line, path: entry.policy.version }
    if (until === null || from < until) {
      return [
        {
          ...place,
          what: `overlaps ${before.policy.version}, which holds until ${until ?? 'further notice'}`,
          remedy: `end the earlier version with until: ${from}`,
        },
      ]
    }
    return [
      {
        ...place,
        what: `gap from ${until} to ${from} after ${before.policy.version}`,
        remedy: `begin with from: ${until}, or extend the earlier version with a note`,
      },
    ]
  })
}
