/**
 * Which columns a layout reads and what may stand in them, found by letting it read a row that only
 * notes what it is asked for: a list of its own would go stale.
 */
import type { Cells } from './cells.ts'
import { chineseHeaders } from './headers.ts'
import type { Decisions, Profile, Subject } from './profile.ts'

/** Column by name: what may stand in it, in words; empty for any text. */
export type Columns = ReadonlyMap<string, string>

const DAY = 'YYYY-MM-DD'
const NOTHING_DECIDED = {
  today: '2026-01-01',
  areaCode: '000000',
  validFrom: '2026-01-01',
  catalogueClass: 'A',
  shareB: '0.1',
  provisionalCodes: true,
  listed: new Map(),
} as unknown as Decisions

/** @param text stands in every cell: columns are read only where others are filled, or empty */
function notingCells(text: string, found: Map<string, string>): Cells {
  const note = <T>(column: string, form: string, value: T): T => {
    if (!found.get(column)) found.set(column, form)
    return value
  }
  const formOf = ({ source }: RegExp): string =>
    source === '.' ? '' : source.replace(/^\^|\$$/g, '')
  return {
    faults: [],
    blame: () => {},
    has: (column) => note(column, '', true),
    raw: (column) => note(column, '', text),
    required: (column) => note(column, '', text),
    optional: (column) => note(column, '', text || null),
    formed: (column, pattern) => note(column, formOf(pattern), text),
    amount: (column) => note(column, '元 yuan, 0–6 decimals', '1'),
    money: (column) => note(column, '元 yuan, 0–2 decimals', '1.00'),
    ratio: (column) => note(column, '0–1', '0.1'),
    day: (column) => note(column, DAY, '2026-01-01'),
    optionalDay: (column) => note(column, DAY, '2026-01-01'),
    optionalEnd(period) {
      note(`${period}_until`, DAY, null)
      return note(`${period}_last_day`, DAY, null)
    },
    choice(column, choices) {
      const [first] = Object.values(choices)
      return note(column, Object.keys(choices).join(' | '), first ?? null)
    },
    yesNo: (column) => note(column, 'yes | no | 是 | 否', false),
  }
}

export function columnsOf<S extends Subject>(profile: Profile<S>): Columns {
  const found = new Map(profile.headers.map((header) => [header, '']))
  for (const text of ['x', '']) profile.read(notingCells(text, found), NOTHING_DECIDED)
  return found
}

/** Headers of a file that its layout does nothing with. */
export function unreadHeaders<S extends Subject>(
  profile: Profile<S>,
  headers: readonly string[],
): string[] {
  const read = columnsOf(profile)
  return headers.filter((header) => header !== '' && !read.has(header))
}

/** All columns of one layout, one a line; the star marks those by which it is known. */
export function columnLines<S extends Subject>(profile: Profile<S>): string[] {
  const chinese = chineseHeaders(profile.subject)
  return [...columnsOf(profile)].map(([column, form]) => {
    const star = profile.headers.includes(column) ? '*' : ' '
    const names = [column, ...(chinese.get(column) ?? [])].join(' ')
    return `  ${star} ${names}${form === '' ? '' : `: ${form}`}`
  })
}
