/** `npm run import -- <subject> <file>`: checks and previews; with --commit it writes. */
import { existsSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { SingleBar } from 'cli-progress'
import { Argument, Command, InvalidArgumentError } from 'commander'
import { migrateDatabase } from '../../db/migrate.ts'
import { readConfig } from '../config.ts'
import { type DatabaseAccess, openDatabaseAccess, vaultKeys } from '../database-access.ts'
import { dayOf, parseDay, type ServiceDay } from '../kernel/calendar.ts'
import { systemClock } from '../kernel/clock.ts'
import { openDatabase } from '../store/database.ts'
import { openInstitutions } from '../store/institutions.ts'
import { openVault, type Vault } from '../store/vault.ts'
import { FAULTS, ImportFileError, writeFaults } from './faults.ts'
import {
  type Committer,
  commitFile,
  type ImportReport,
  type ImportRequest,
  previewFile,
} from './import-file.ts'
import { SUBJECTS, type Subject } from './profile.ts'

type Given = {
  readonly commit?: true
  readonly skipRefused?: true
  readonly correct?: true
  readonly operator?: string
  readonly errors?: string
  readonly validFrom?: ServiceDay
  readonly class?: 'A' | 'B' | 'C'
  readonly shareB?: string
  readonly provisionalCodes?: true
}

const dayArgument = (text: string): ServiceDay => {
  const day = parseDay(text)
  if (day === null) throw new InvalidArgumentError('a day, YYYY-MM-DD')
  return day
}
const classArgument = (text: string): string => {
  if (!/^[ABC]$/.test(text)) throw new InvalidArgumentError('A, B or C')
  return text
}
const ratioArgument = (text: string): string => {
  if (!/^0(\.\d{1,6})?$|^1$/.test(text)) throw new InvalidArgumentError('a ratio from 0 to 1')
  return text
}

const ROWS_TOLD_MAX = 12

const out = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

async function run(subject: Subject, file: string, given: Given): Promise<void> {
  const read = readConfig(process.env)
  if (!read.ok) throw new Error(read.faults.join('\n'))
  const { config } = read
  const root = process.env.PROJECT_ROOT ?? process.cwd()
  const dataDir = isAbsolute(config.DATA_DIR) ? config.DATA_DIR : join(root, config.DATA_DIR)
  const access = await openDatabaseAccess(config, dataDir)
  const bar = new SingleBar({ format: '{bar} {value}/{total} 行 rows' })
  try {
    await migrateDatabase(access.ownerUrl, root)
    const vault = openVault(vaultKeys(config, dataDir))
    const today = dayOf(systemClock.now())
    const request: ImportRequest = {
      subject,
      file,
      url: access.ownerUrl,
      vault,
      correct: given.correct === true,
      decisions: {
        today,
        areaCode: config.AREA_CODE,
        validFrom: given.validFrom ?? today,
        catalogueClass: given.class ?? null,
        shareB: given.shareB ?? null,
        provisionalCodes: given.provisionalCodes === true,
      },
      onRow: (done, total) => {
        if (done === 1) bar.start(total, 0)
        bar.update(done)
      },
    }
    const committer = given.commit === true ? await committerOf(access, vault, given) : null
    const report =
      committer === null
        ? await previewFile(request)
        : await commitFile(request, committer, given.skipRefused === true)
    bar.stop()
    tell(report, given, resolve(given.errors ?? `${file}.faults.csv`))
  } finally {
    bar.stop()
    await access.stop()
  }
}

async function committerOf(access: DatabaseAccess, vault: Vault, given: Given): Promise<Committer> {
  const sql = openDatabase({ ...access.application, connectionsMax: 1 })
  try {
    const found = (await openInstitutions(sql, vault)).operator(given.operator ?? '')
    if (!found?.active || found.institutionCode !== null || found.role === 'finance') {
      throw new Error('--commit needs --operator with the code of an agency operator')
    }
    const { operatorId, operatorCode } = found
    return { operatorId, operatorCode, at: systemClock.now() }
  } finally {
    await sql.end({ timeout: 1 })
  }
}

function tell(report: ImportReport, given: Given, faultsFile: string): void {
  const { counts, refusedBy, faults } = report
  out(`格式 layout: ${report.profile}; ${report.rowsRead} 行 rows`)
  out(
    `新增 new ${counts.new} · 续版 extended ${counts.extended} · 更正 corrected ` +
      `${counts.corrected} · 不变 unchanged ${counts.unchanged} · 拒绝 refused ${counts.refused}`,
  )
  for (const verdict of ['extended', 'corrected'] as const) tellRows(report, verdict)
  for (const [code, count] of Object.entries(refusedBy)) {
    const { zh, en } = FAULTS[code as keyof typeof FAULTS]
    out(`  ${count} × ${code}: ${zh} · ${en}`)
  }
  if (faults.length > 0 || existsSync(faultsFile)) writeFaults(faultsFile, faults)
  if (faults.length > 0) out(`逐行问题 faults row by row: ${faultsFile}`)
  if (counts.refused > 0) process.exitCode = 1
  const changed = counts.new + counts.extended + counts.corrected > 0
  if (report.committed) out(changed ? '已入库 committed' : '没有变化 nothing to change')
  else if (given.commit === true) {
    out('有拒绝的行,未入库;确认只导入其余行用 --skip-refused · nothing committed')
  } else out('仅预览,未入库;入库用 --commit --operator <工号> · preview only, nothing committed')
}

/** The rows that change something already stored: the ones to look at before a commit. */
function tellRows({ outcomes, counts }: ImportReport, verdict: 'extended' | 'corrected'): void {
  if (counts[verdict] === 0) return
  const rows = outcomes.filter((one) => one.verdict === verdict).map(({ rowNo }) => rowNo)
  const more = rows.length > ROWS_TOLD_MAX ? ' …' : ''
  out(`  ${verdict}: 行 rows ${rows.slice(0, ROWS_TOLD_MAX).join(', ')}${more}`)
}

const program = new Command('import')
  .description('导入目录、机构、机构价格、参保人(CSV 或 XLSX):检查、预览、入库')
  .addArgument(new Argument('<subject>', 'what the file holds').choices(SUBJECTS))
  .argument('<file>', 'CSV or XLSX')
  .option('--commit', 'write the accepted rows; without it: check and preview')
  .option('--operator <code>', 'agency operator who commits')
  .option('--skip-refused', 'commit although rows are refused')
  .option(
    '--correct',
    'take over what differs where nothing was settled under it; the audit event keeps both',
  )
  .option('--errors <file>', 'where the faults go; absent: beside the file')
  .option('--valid-from <day>', 'first day for rows without one; absent: today', dayArgument)
  .option('--class <class>', 'catalogue class for rows without one', classArgument)
  .option('--share-b <ratio>', 'preliminary share of class B without one', ratioArgument)
  .option('--provisional-codes', 'make codes for institutions without one')
  .action(run)

program.parseAsync().catch((error: unknown) => {
  process.exitCode = 1
  const zh = error instanceof ImportFileError ? `${error.zh}\n` : ''
  process.stderr.write(`${zh}${error instanceof Error ? error.message : String(error)}\n`)
})
