/** Limits of the fixtures in the words of the rules; what no rule reads yet stands as a note. */
import type { FixtureDrug, FixtureService } from '../../fixtures/catalogue/load.ts'

/** As server/rules reads it; written here as plain data, since db imports no rules. */
type Limit = Readonly<Record<string, string | number | readonly string[]>>

type Limited = Pick<FixtureDrug | FixtureService, 'limitKind' | 'limitValue'> & {
  readonly hospitalOnly?: boolean
  readonly daysSupplyMax?: number
}

export function limitsOf(item: Limited): { limits: Limit[]; note: string | null } {
  const supply = item.daysSupplyMax
  const limits: Limit[] = supply === undefined ? [] : [{ kind: 'days-supply-max', days: supply }]
  const value = item.limitValue ?? ''
  const own = ownLimit(item.limitKind, value)
  if (own !== null) limits.unshift(own)
  const unread = item.limitKind !== null && own === null
  const notes = [
    unread ? `limit ${item.limitKind}=${value}` : null,
    item.hospitalOnly ? 'not sold at pharmacies' : null,
  ].filter((note) => note !== null)
  return { limits, note: notes.join('; ') || null }
}

function ownLimit(kind: string | null, value: string): Limit | null {
  const years = Number.parseInt(value, 10)
  switch (kind) {
    case 'sex':
      return { kind: 'sex', sex: value }
    case 'age_min':
      return { kind: 'age-min', years }
    case 'age_max':
      return { kind: 'age-max', years }
    case 'level_min':
      return { kind: 'level-min', level: years }
    case 'diagnosis':
      return { kind: 'diagnosis', prefixes: value.split(/[;|]/) }
    case 'visit':
      return { kind: 'inpatient-only' }
    default:
      return null
  }
}
