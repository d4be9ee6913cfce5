/** The check: every row of a file read by the profile of its header, good ones and faults apart. */
import { openCells } from './cells.ts'
import { ImportFileError, type RowFault } from './faults.ts'
import { knownHeader } from './headers.ts'
import type { Decisions, DraftOf, Profile, Subject } from './profile.ts'
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
  readonly partial: boolean
  readonly rows: readonly { readonly rowNo: number; readonly draft: DraftOf[S] }[]
  readonly faults: readonly RowFault[]
  readonly rowsRead: number
  /** Whether its cells are personal data, which no report shows. */
  readonly personal: boolean
}

/** The layout with the most columns of those whose columns are all there. */
function profileOf<S extends Subject>(subject: S, headers: readonly string[]): Profile<S> {
  const fitting = PROFILES[subject]
    .filter((profile) => profile.headers.every((header) => headers.includes(header)))
    .sort((a, b) => b.headers.length - a.headers.length)
  const [profile] = fitting
  if (profile !== undefined) return profile
  const known = PROFILES[subject].map(
    ({ name, headers: wanted }) => `${name}: ${wanted.join(', ')}`,
  )
  throw new ImportFileError(
    `表头不符合任何已知格式;已知格式:\n  ${known.join('\n  ')}`,
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
  const headers = table.headers.map((header) => knownHeader(header, subject))
  const profile = profileOf(subject, headers)
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
  const partial = profile.partial === true
  return {
    subject,
    profile: profile.name,
    partial,
    rows,
    faults,
    rowsRead: table.rows.length,
    personal,
  }
}
