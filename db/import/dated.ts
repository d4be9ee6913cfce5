/** Where a dated row finds its place among the versions of its code. Pure; periods half-open. */

export type Dated = { readonly from: string; until: string | null }

/**
 * - `same`: a version begins on this day and ends as the row says, or was ended by a later one;
 * - `other-end`: a version begins on this day and ends otherwise;
 * - `free`: no version stands in the way; `ends`: the open version that ends where the row begins;
 * - `overlap`: the row cannot stand beside what is there.
 */
export type Place<Version extends Dated> =
  | { readonly kind: 'same' | 'other-end'; readonly version: Version }
  | { readonly kind: 'free'; readonly ends: Version | null }
  | { readonly kind: 'overlap'; readonly version: Version }

const meet = (a: Dated, b: Dated): boolean =>
  (b.until === null || a.from < b.until) && (a.until === null || b.from < a.until)

export function placeAmong<Version extends Dated>(
  versions: readonly Version[],
  row: Dated,
): Place<Version> {
  const twin = versions.find((version) => version.from === row.from)
  if (twin !== undefined) {
    const followed = row.until === null && versions.some((other) => other.from === twin.until)
    return { kind: row.until === twin.until || followed ? 'same' : 'other-end', version: twin }
  }
  const [first, ...others] = versions.filter((version) => meet(version, row))
  if (first === undefined) return { kind: 'free', ends: null }
  if (others.length === 0 && first.until === null && first.from < row.from) {
    return { kind: 'free', ends: first }
  }
  return { kind: 'overlap', version: first }
}

/** Whether the row, put in its place with the end it states, would meet another version. */
export function overlapsOthers<Version extends Dated>(
  versions: readonly Version[],
  place: Place<Version>,
  row: Dated,
): boolean {
  if (place.kind === 'overlap') return true
  if (place.kind !== 'other-end') return false
  return versions.some((version) => version !== place.version && meet(version, row))
}
