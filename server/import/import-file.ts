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
import { planDiagnoses, planTowns } from '../../db/import/reference.ts'
import {
  commitImport,
  type ImportPlan,
  type ImportSql,
  previewImport,
  readImport,
} from '../../db/import/transaction.ts'
import type { Runtime } from '../actions/runtime.ts'
import { type Instant, instantText } from '../kernel/calendar.ts'
import { newId } from '../kernel/ids.ts'
import { invariant } from '../kernel/invariant.ts'
import { type CheckedFile, checkFile } from './check-file.ts'
import { planBalances } from './plan-balances.ts'
import { postCredits } from './post-balances.ts'
import type { Decisions, ListedClass, Subject } from './profile.ts'
import { drugNameKey } from './profiles/classes.ts'
import { LIST_CODE } from './profiles/public-drugs.ts'
import { type FileLimits, readTableFile } from './read-file.ts'
import { type ImportReport, reportOf } from './report.ts'

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
  /** The books; balances need them to be committed. */
  readonly books?: Runtime
  /** Told after each posting of balances. */
  readonly onPosted?: (done: number, total: number) => void
}
/** Who commits, and when. */
export type Committer = {
  readonly operatorId: string
  readonly operatorCode: string
  readonly at: Instant
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
  if (request.subject === 'balances') {
    return commitBalances(request, committer, checked as CheckedFile<'balances'>, fileSha)
  }
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

/** Money enters through the door only, row by row, each under a key of its own. */
async function commitBalances(
  request: ImportRequest,
  { operatorCode }: Committer,
  checked: CheckedFile<'balances'>,
  fileSha: string,
): Promise<ImportReport> {
  const { url, vault, books, decisions, file } = request
  invariant(books !== undefined, 'whoever commits balances hands in the books')
  const [plan] = await readImport(url, async (sql) => [
    await planBalances(sql, checked.rows, decisions.today, vault),
  ])
  invariant(plan !== undefined, 'a read plan comes back')
  const source = { operatorCode, file: basename(file).slice(0, 200), fileSha }
  const posted = await postCredits(books, plan.credits, source, request.onPosted)
  const newly = new Map(posted.map((outcome) => [outcome.rowNo, outcome]))
  const outcomes = plan.outcomes.map((outcome) => newly.get(outcome.rowNo) ?? outcome)
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
    case 'diagnoses': {
      const { rows } = checked as CheckedFile<'diagnoses'>
      return (sql) => planDiagnoses(sql, rows, { correct, partial: false, today })
    }
    case 'towns': {
      const { rows } = checked as CheckedFile<'towns'>
      return (sql) => planTowns(sql, rows, { correct, partial: false, today })
    }
    case 'balances': {
      const { rows } = checked as CheckedFile<'balances'>
      return async (sql) => {
        const { outcomes } = await planBalances(sql, rows, today, vault)
        const write = () => Promise.reject(new Error('balances go through the posting door'))
        return { outcomes, changes: [], write }
      }
    }
    case 'persons': {
      const { rows } = checked as CheckedFile<'persons'>
      return (sql) => planPersons(sql, rows, { correct, today }, vault)
    }
  }
}
