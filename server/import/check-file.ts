/** The check: every row of a file read by the profile of its header, good ones and faults apart. */
import { openCells } from './cells.ts'
import { columnLines, unreadHeaders } from './columns.ts'
import { ImportFileError, type RowFault } from './faults.ts'
import { knownHeader } from './headers.ts'
import { type Decisions, type DraftOf, type Profile, SUBJECTS, type Subject } from './profile.ts'
import { BALANCES } from './profiles/balances.ts'
import { DIAGNOSES } from './profiles/diagnoses.ts'
import { INSTITUTIONS } from './profiles/institutions.ts'
import { OWN_CATALOGUE } from './profiles/own-catalogue.ts'
import { PERSONS } from './profiles/persons.ts'
import { PRICES } from './profiles/prices.ts'
import { PUBLIC_DRUGS } from './profiles/public-drugs.ts'
import { PUBLIC_SERVICES } from './profiles/public-services.ts'
import { TOWNS } from './profiles/towns.ts'
import type { FileTable } from './read-file.ts'

const PROFILES: { readonly [S in Subject]: readonly Profile<S>[] } = {
  catalogue: [...OWN_CATALOGUE, ...PUBLIC_DRUGS, ...PUBLIC_SERVICES],
  institutions: INSTITUTIONS,
  prices: PRICES,
  persons: PERSONS,
  balances: BALANCES,
  diagnoses: DIAGNOSES,
  towns: TOWNS,
}

export type CheckedFile<S extends Subject> = {
  readonly subject: Subject
  readonly profile: string
  /** Headers as the file writes them, by the names that layouts know them by. */
  readonly headers: ReadonlyMap<string, string>
  /** Headers as the file writes them that the layout does nothing with. */
  readonly unread: readonly string[]
  readonly partial: boolean
  readonly rows: readonly { readonly rowNo: number; readonly draft: DraftOf[S] }[]
  readonly faults: readonly RowFault[]
  readonly rowsRead: number
  /** Whether its cells are personal data, which no report shows. */
  readonly personal: boolean
}

/** Every layout of every subject with all its columns, for `--help`. */
export const layoutText = (): string =>
  SUBJECTS.flatMap((subject) =>
    PROFILES[subject].flatMap((profile) => [
      `\n${subject} · ${profile.name}`,
      ...columnLines(profile as Profile<Subject>),
    ]),
  ).join('\n')

const headersOf = (subject: Subject, table: FileTable): string[] =>
  table.headers.map((header) => knownHeader(header, subject))

function fittingProfiles<S extends Subject>(subject: S, table: FileTable): Profile<S>[] {
  const headers = headersOf(subject, table)
  return PROFILES[subject].filter((one) => one.headers.every((name) => headers.includes(name)))
}

/** The layout with the most columns of those whose columns are all there. */
function profileOf<S extends Subject>(subject: S, table: FileTable): Profile<S> {
  const [profile] = fittingProfiles(subject, table).sort(
    (a, b) => b.headers.length - a.headers.length,
  )
  if (profile !== undefined) return profile
  const others = SUBJECTS.filter((other) => fittingProfiles(other, table).length > 0).join(', ')
  if (others !== '') {
    throw new ImportFileError(
      `表头不符合 ${subject} 的任何格式;此文件像是 ${others},请改用该类别导入`,
      `the header fits no layout of ${subject}, but one of ${others}`,
    )
  }
  const known = PROFILES[subject].map(({ name, headers }) => `${name}: ${headers.join(', ')}`)
  throw new ImportFileError(
    '表头不符合任何已知格式,请对照下列格式核对',
    `the header fits no known layout; known are:\n  ${known.join('\n  ')}`,
  )
}

/** @throws ImportFileError where no layout fits the header */
export function checkFile<S extends Subject>(
  subject: S,
  table: FileTable,
  decisions: Decisions,
  onRow: () => void = () => {},
): CheckedFile<S> {
  const headers = headersOf(subject, table)
  const profile = profileOf(subject, table)
  const personal = subject === 'persons' || subject === 'balances'
  const rows: { rowNo: number; draft: DraftOf[S] }[] = []
  const faults: RowFault[] = []
  for (const row of table.rows) {
    const cells = openCells(headers, row, personal)
    const draft = profile.read(cells, decisions)
    if (cells.faults.length === 0 && draft !== null) rows.push({ rowNo: row.rowNo, draft })
    faults.push(...cells.faults)
    onRow()
  }
  const written = new Map(headers.map((known, at) => [known, table.headers[at] ?? known]))
  return {
    subject,
    profile: profile.name,
    headers: written,
    unread: unreadHeaders(profile, headers).map((header) => written.get(header) ?? header),
    partial: profile.partial === true,
    rows,
    faults,
    rowsRead: table.rows.length,
    personal,
  }
}
