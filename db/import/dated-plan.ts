/**
 * Plans dated rows over the stored versions of their keys, the same way for every table that keeps
 * versions. Pure: what to end, to add and to correct comes out, and an outcome for every row.
 */
import { type Dated, overlapsOthers, placeAmong } from './dated.ts'
import type { Numbered, PlanFault, RowOutcome } from './transaction.ts'
import type { RowChange, Usage } from './usage.ts'

export type DatedDraft = { readonly from: string; readonly until: string | null }
export type Facts = Readonly<Record<string, unknown>>

export type StoredVersion = DatedDraft & { readonly key: string; readonly facts: Facts }
export type Version<Draft> = Dated & {
  readonly key: string
  readonly facts: Facts
  /** The row that brings it in; null for a stored one. */
  readonly draft: Draft | null
}
export type Correction<Draft> = {
  readonly rowNo: number
  readonly version: Version<Draft>
  /** What stood in the version before. */
  readonly until: string | null
  readonly draft: Draft
}

/** How a table tells its versions apart. */
export type DatedTable<Draft> = {
  readonly keyOf: (draft: Draft) => string
  readonly factsOf: (draft: Draft) => Facts
  /** The name under which the usage of a version is asked for; null: settlements use none. */
  readonly usedAs: (key: string, facts: Facts) => string | null
}
export type DatedRules = {
  /** Whether a stored version that differs takes on what the file says. */
  readonly correct: boolean
  /** Whether the file says little of each item, and so ends no stored version. */
  readonly partial: boolean
  readonly usage: Usage
}
/** What the outside decides of {@link DatedRules}, and the day that still may be settled. */
export type ImportRules = Omit<DatedRules, 'usage'> & { readonly today: string }

export type DatedPlan<Draft> = {
  readonly outcomes: readonly RowOutcome[]
  readonly added: readonly (Version<Draft> & { readonly draft: Draft })[]
  /** Stored versions with the end they get. */
  readonly ended: ReadonlySet<Version<Draft>>
  readonly corrected: readonly Correction<Draft>[]
}

type Changes<Draft> = {
  readonly added: (Version<Draft> & { readonly draft: Draft })[]
  readonly ended: Set<Version<Draft>>
  readonly corrected: Correction<Draft>[]
}

export function planDated<Draft extends DatedDraft>(
  table: DatedTable<Draft>,
  rows: readonly Numbered<Draft>[],
  stored: readonly StoredVersion[],
  rules: DatedRules,
): DatedPlan<Draft> {
  const versions = new Map<string, Version<Draft>[]>()
  for (const { key, from, until, facts } of stored) {
    known(versions, key).push({ key, from, until, facts, draft: null })
  }
  const changes: Changes<Draft> = { added: [], ended: new Set(), corrected: [] }
  const repeated = repeatedRows(table, rows)
  const outcomes = [...rows].sort(byFirstDay).map((row): RowOutcome => {
    const repeat = repeated.get(row.rowNo)
    if (repeat !== undefined) return repeat
    const key = table.keyOf(row.draft)
    return placeRow(table, known(versions, key), key, row, { changes, rules })
  })
  outcomes.sort((a, b) => a.rowNo - b.rowNo)
  const keys = new Map(rows.map(({ rowNo, draft }) => [rowNo, table.keyOf(draft)]))
  return { outcomes: outcomes.map((one) => withKey(one, keys.get(one.rowNo))), ...changes }
}

const withKey = (outcome: RowOutcome, key: string | undefined): RowOutcome =>
  outcome.verdict === 'refused' && key !== undefined ? { ...outcome, key } : outcome

const byFirstDay = <Draft extends DatedDraft>(a: Numbered<Draft>, b: Numbered<Draft>): number =>
  a.draft.from === b.draft.from ? a.rowNo - b.rowNo : a.draft.from < b.draft.from ? -1 : 1

function known<Draft>(versions: Map<string, Version<Draft>[]>, key: string): Version<Draft>[] {
  const found = versions.get(key) ?? []
  versions.set(key, found)
  return found
}

/**
 * Rows that name a key and day which another row of the file names too. What only repeats is
 * refused once; where two rows disagree nobody can tell which is meant, and both are.
 */
function repeatedRows<Draft extends DatedDraft>(
  table: DatedTable<Draft>,
  rows: readonly Numbered<Draft>[],
): Map<number, RowOutcome> {
  const first = new Map<string, Numbered<Draft>>()
  const repeated = new Map<number, RowOutcome>()
  for (const row of rows) {
    const name = `${table.keyOf(row.draft)} ${row.draft.from}`
    const earlier = first.get(name)
    if (earlier === undefined) {
      first.set(name, row)
      continue
    }
    const same =
      earlier.draft.until === row.draft.until &&
      factsText(table.factsOf(earlier.draft)) === factsText(table.factsOf(row.draft))
    const fault = same ? 'duplicate-in-file' : 'duplicate-differs'
    repeated.set(row.rowNo, refused(row.rowNo, fault, earlier.rowNo))
    if (!same) repeated.set(earlier.rowNo, refused(earlier.rowNo, fault, row.rowNo))
  }
  return repeated
}

const refused = (rowNo: number, fault: PlanFault, otherRowNo?: number): RowOutcome => ({
  rowNo,
  verdict: 'refused',
  column: '',
  fault,
  ...(otherRowNo === undefined ? {} : { otherRowNo }),
})
export const refusedAsUsed = (rowNo: number, column: string, usedOn: string): RowOutcome => ({
  rowNo,
  verdict: 'refused',
  column,
  fault: 'version-used',
  usedOn,
})

function placeRow<Draft extends DatedDraft>(
  table: DatedTable<Draft>,
  versions: Version<Draft>[],
  key: string,
  { rowNo, draft }: Numbered<Draft>,
  { changes, rules }: { readonly changes: Changes<Draft>; readonly rules: DatedRules },
): RowOutcome {
  const place = placeAmong(versions, draft)
  if (place.kind === 'overlap') return refused(rowNo, 'version-overlaps')
  const facts = table.factsOf(draft)
  if (place.kind === 'free') {
    if (place.ends !== null && rules.partial) return refused(rowNo, 'version-known-fully')
    const usedOn = place.ends === null ? null : lastUse(table, place.ends, draft.from, rules)
    if (usedOn !== null) return refusedAsUsed(rowNo, '', usedOn)
    if (place.ends !== null) endAt(place.ends, draft.from, changes)
    const verdict = versions.length === 0 ? 'new' : 'extended'
    const version = { key, from: draft.from, until: draft.until, facts, draft }
    versions.push(version)
    changes.added.push(version)
    return { rowNo, verdict }
  }
  const sameFacts = factsText(place.version.facts) === factsText(facts)
  if (place.kind === 'same' && sameFacts) return { rowNo, verdict: 'unchanged' }
  if (!rules.correct) return refused(rowNo, 'version-differs')
  if (overlapsOthers(versions, place, draft)) return refused(rowNo, 'version-overlaps')
  const { version } = place
  const from = sameFacts ? earlier(version.until, draft.until) : version.from
  const usedOn = lastUse(table, version, from, rules)
  if (usedOn !== null) return refusedAsUsed(rowNo, '', usedOn)
  changes.corrected.push({ rowNo, version, until: version.until, draft })
  if (place.kind === 'other-end') endAt(version, draft.until, changes)
  return { rowNo, verdict: 'corrected' }
}

/** The first day on which two ends differ; open ends are the latest. */
export const earlier = (a: string | null, b: string | null): string =>
  [a, b].filter((end) => end !== null).sort()[0] ?? '9999-12-31'

/** The last day from `from` on that something was settled under a stored version. */
function lastUse<Draft>(
  table: DatedTable<Draft>,
  version: Version<Draft>,
  from: string,
  { usage }: DatedRules,
): string | null {
  const name = version.draft === null ? table.usedAs(version.key, version.facts) : null
  return name === null ? null : usage.lastUse(name, from, version.until)
}

function endAt<Draft>(
  version: Version<Draft>,
  until: string | null,
  changes: Changes<Draft>,
): void {
  version.until = until
  if (version.draft === null) changes.ended.add(version)
}

/** Facts as one text, so that two can be compared: figures without trailing zeros, keys sorted. */
export const factsText = (facts: Facts): string =>
  JSON.stringify(facts, (_, value: unknown) =>
    typeof value === 'string' && /^\d+\.\d*0+$/.test(value)
      ? value.replace(/\.?0+$/, '')
      : value instanceof Object && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort())
        : value,
  )

/** What corrections change, fact by fact, for the audit event. */
export const changesOf = <Draft extends DatedDraft>(
  table: DatedTable<Draft>,
  { corrected }: DatedPlan<Draft>,
): RowChange[] =>
  corrected.map(({ rowNo, version, until, draft }) => {
    const before: Facts = { ...version.facts, until }
    const after: Facts = { ...table.factsOf(draft), until: version.until }
    return { rowNo, key: `${version.key} ${version.from}`, ...differing(before, after) }
  })

/** The facts in which two records differ. */
export function differing(before: Facts, after: Facts): { before: Facts; after: Facts } {
  const text = (facts: Facts, name: string): string => factsText({ is: facts[name] ?? null })
  const names = Object.keys(after).filter((name) => text(before, name) !== text(after, name))
  const only = (facts: Facts): Facts =>
    Object.fromEntries(names.map((name) => [name, facts[name] ?? null]))
  return { before: only(before), after: only(after) }
}
