/**
 * Whether a table has a row for everybody everywhere, tried over all kinds of people and places.
 */
import { CATEGORIES, INSTITUTION_KINDS, type Scheme } from '../types.ts'
import { compilePerson } from './compile.ts'
import type { Row } from './policy-of-the-day.ts'
import type { RatioRowEntry } from './schema.ts'
import { findRow, type RowFacts } from './select.ts'

type Entry = Pick<RatioRowEntry, 'for' | 'at'>

const NO_REASON = { policy: '', version: '', entry: '', source: '' }
const SCHEME_CATEGORIES = {
  employee: CATEGORIES.filter((category) => category === 'active' || category === 'retired'),
  rural: CATEGORIES.filter((category) => category !== 'active' && category !== 'retired'),
} as const satisfies Record<Scheme, readonly RowFacts['coverage']['category'][]>

/** The first kind of person and place, in words, for which no row fits; null where all have one. */
export function firstUncovered(entries: readonly Entry[], scheme: Scheme): string | null {
  const rows = entries.map(rowOf)
  for (const person of people(entries, scheme)) {
    for (const institution of places(entries)) {
      if (findRow(rows, { ...person, institution }) === undefined) {
        return describe({ ...person, institution })
      }
    }
  }
  return null
}

const rowOf = (entry: Entry): Row => ({
  for: entry.for === undefined ? null : compilePerson(entry.for),
  at: entry.at ?? null,
  because: NO_REASON,
})

/** Every kind of person the rows can tell apart: ages only around the limits they name. */
function* people(
  entries: readonly Entry[],
  scheme: Scheme,
): Iterable<Omit<RowFacts, 'institution'>> {
  const limits = entries.flatMap(({ for: person }) => [person?.age_from, person?.age_below])
  const ages = new Set([0, ...limits.filter((age) => age !== undefined)])
  const tiers = scheme === 'rural' ? (['A', 'B', null] as const) : ([null] as const)
  for (const category of SCHEME_CATEGORIES[scheme]) {
    for (const tier of tiers) {
      for (const age of ages) {
        for (const flags of [0, 1, 2, 3]) {
          const householdAccount = (flags & 1) === 1
          const civilServant = (flags & 2) === 2
          yield { age, coverage: { category, tier, householdAccount, civilServant } }
        }
      }
    }
  }
}

const LEVELS = [null, 1, 2, 3] as const

/** Every kind of place the rows can tell apart: one where no row asks. */
function places(entries: readonly Entry[]): RowFacts['institution'][] {
  if (entries.every(({ at }) => at === undefined)) {
    return [{ kind: 'clinic', level: null, community: false, inArea: true }]
  }
  return INSTITUTION_KINDS.flatMap((kind) =>
    LEVELS.flatMap((level) =>
      [true, false].flatMap((community) =>
        [true, false].map((inArea) => ({ kind, level, community, inArea })),
      ),
    ),
  )
}

function describe({ coverage, age, institution }: RowFacts): string {
  const tier = coverage.tier === null ? '' : `, tier ${coverage.tier}`
  const account = coverage.householdAccount ? ', household account' : ''
  const level = institution.level === null ? '' : ` of level ${institution.level}`
  const inside = institution.inArea ? '' : ' outside the area'
  const community = institution.community ? ' (community)' : ''
  const place = `${institution.kind}${level}${community}${inside}`
  return `${coverage.category}${tier}, age ${age}${account}, at ${place}`
}
