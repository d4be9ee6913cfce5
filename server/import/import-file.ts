/**
 * Check, preview, commit: one way for all subjects. A preview plans over the stored state and
 * writes nothing; a commit plans again under the import lock and writes all accepted rows or none.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { planCatalogue } from '../../db/import/catalogue.ts'
import { planInstitutions } from '../../db/import/institutions.ts'
import { listedDrugs } from '../../db/import/listed-drugs.ts'
import { type ImportVault, planPersons } from '../../db/import/persons.ts'
import { planPrices } from '../../db/import/prices.ts'
import {
  commitImport,
  type ImportPlan,
  type ImportSql,
  previewImport,
  type RowOutcome,
  readImport,
  VERDICTS,
  type Verdict,
} from '../../db/import/transaction.ts'
import { type Instant, instantText } from '../kernel/calendar.ts'
import { newId } from '../kernel/ids.ts'
import { type CheckedFile, checkFile } from './check-file.ts'
import type { RowFault } from './faults.ts'
import type { Decisions, ListedClass, Subject } from './profile.ts'
import { drugNameKey } from './profiles/classes.ts'
import { LIST_CODE } from './profiles/public-drugs.ts'
import { type FileLimits, readTableFile } from './read-file.ts'

export type ImportRequest = {
  readonly subject: Subject
  readonly file: string
  /** An owner of the database. */
  readonly url: string
  readonly vault: ImportVault
  readonly decisions: Omit<Decisions, 'listed'>
  /** Takes over what differs from a stored record of the same key. */
  readonly correct: boolean
  readonly limits?: FileLimits
  /** Told after each row of the check. */
  readonly onRow?: (done: number, total: number) => void
}
/** Who commits, and when. */
export type Committer = {
  readonly operatorId: string
  readonly operatorCode: string
  readonly at: Instant
}

export type ImportReport = {
  readonly profile: string
  readonly rowsRead: number
  readonly counts: Readonly<Record<Verdict, number>>
  /** Refused rows by the first thing that is wrong with each. */
  readonly refusedBy: Readonly<Record<string, number>>
  /** Every fault of every refused row, in the order of the file. */
  readonly faults: readonly RowFault[]
  readonly outcomes: readonly RowOutcome[]
  readonly committed: boolean
}

/** Checks the file and says what a commit would do. */
export async function previewFile(request: ImportRequest): Promise<ImportReport> {
  const checked = await check(request)
  const outcomes = await previewImport(request.url, plannerOf(request, checked))
  return reportOf(checked, outcomes, false)
}

/**
 * Checks the file and brings its accepted rows in. With refused rows it commits only where
 * `skipRefused` says so: half a file should be somebody's decision.
 */
export async function commitFile(
  request: ImportRequest,
  committer: Committer,
  skipRefused: boolean,
): Promise<ImportReport> {
  const checked = await check(request)
  const planner = plannerOf(request, checked)
  if (!skipRefused) {
    const preview = reportOf(checked, await previewImport(request.url, planner), false)
    if (preview.counts.refused > 0) return preview
  }
  const fileSha = createHash('sha256').update(readFileSync(request.file)).digest('hex')
  const outcomes = await commitImport(request.url, planner, ({ outcomes: planned }) => ({
    at: instantText(committer.at),
    postingId: newId(),
    operatorId: committer.operatorId,
    operatorCode: committer.operatorCode,
    fileSha,
    detail: {
      file: basename(request.file).slice(0, 200),
      subject: request.subject,
      profile: checked.profile,
      fileSha,
      ...reportOf(checked, planned, true).counts,
    },
  }))
  return reportOf(checked, outcomes, true)
}

async function check(request: ImportRequest): Promise<CheckedFile<Subject>> {
  const table = await readTableFile(request.file, request.limits)
  const decisions = { ...request.decisions, listed: await listedClasses(request) }
  let done = 0
  return checkFile(request.subject, table, decisions, () => {
    done += 1
    request.onRow?.(done, table.rows.length)
  })
}

async function listedClasses(request: ImportRequest): Promise<Map<string, ListedClass[]>> {
  const listed = new Map<string, ListedClass[]>()
  if (request.subject !== 'catalogue') return listed
  for (const drug of await readImport(request.url, (sql) => listedDrugs(sql, LIST_CODE))) {
    for (const name of drug.genericName.split('；')) {
      const key = drugNameKey(name)
      listed.set(key, [...(listed.get(key) ?? []), drug])
    }
  }
  return listed
}

/** The rows are of the request's subject; `checkFile` read them so. */
function plannerOf(
  { subject, correct, vault, decisions: { today } }: ImportRequest,
  checked: CheckedFile<Subject>,
): (sql: ImportSql) => Promise<ImportPlan> {
  switch (subject) {
    case 'catalogue': {
      const { rows } = checked as CheckedFile<'catalogue'>
      const { partial } = checked
      return (sql) => planCatalogue(sql, rows, { correct, partial, today })
    }
    case 'institutions': {
      const { rows } = checked as CheckedFile<'institutions'>
      return (sql) => planInstitutions(sql, rows, { correct, today })
    }
    case 'prices': {
      const { rows } = checked as CheckedFile<'prices'>
      return (sql) => planPrices(sql, rows, { correct, partial: false, today })
    }
    case 'persons': {
      const { rows } = checked as CheckedFile<'persons'>
      return (sql) => planPersons(sql, rows, { correct, today }, vault)
    }
  }
}

/** What else helps to find a refused row's reason; a day of a person's settlement does not. */
function detailOf(
  { otherRowNo, usedOn }: Extract<RowOutcome, { verdict: 'refused' }>,
  personal: boolean,
): string | null {
  if (otherRowNo !== undefined) return `见第 ${otherRowNo} 行 see row ${otherRowNo}`
  return usedOn === undefined || personal ? null : `最近结算日 last settled on ${usedOn}`
}

function reportOf(
  checked: CheckedFile<Subject>,
  outcomes: readonly RowOutcome[],
  committed: boolean,
): ImportReport {
  const planFaults = outcomes.flatMap((outcome): RowFault[] =>
    outcome.verdict === 'refused'
      ? [
          {
            rowNo: outcome.rowNo,
            column: outcome.column,
            code: outcome.fault,
            value: detailOf(outcome, checked.personal),
          },
        ]
      : [],
  )
  const faults = [...checked.faults, ...planFaults].sort((a, b) => a.rowNo - b.rowNo)
  const firstOfRow = new Map<number, RowFault>()
  for (const fault of faults) {
    if (!firstOfRow.has(fault.rowNo)) firstOfRow.set(fault.rowNo, fault)
  }
  const refusedBy: Record<string, number> = {}
  for (const { code } of firstOfRow.values()) refusedBy[code] = (refusedBy[code] ?? 0) + 1
  const counts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<
    Verdict,
    number
  >
  for (const { verdict } of outcomes) counts[verdict] += 1
  counts.refused = firstOfRow.size
  const { profile, rowsRead } = checked
  return { profile, rowsRead, counts, refusedBy, faults, outcomes, committed }
}
