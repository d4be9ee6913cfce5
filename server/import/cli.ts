/** `npm run import -- <subject> <file>`: checks and previews; with --commit it writes. */
import { resolve } from 'node:path'
import { SingleBar } from 'cli-progress'
import { Argument, Command, InvalidArgumentError } from 'commander'
import { migrateDatabase } from '../../db/migrate.ts'
import type { Runtime } from '../actions/runtime.ts'
import { type Config, readConfig, serviceDaysBackMax } from '../config.ts'
import { dataFolder } from '../contract/data-folder.ts'
import { type DatabaseAccess, openDatabaseAccess, vaultKeys } from '../database-access.ts'
import { dayOf, parseDay, type ServiceDay } from '../kernel/calendar.ts'
import { systemClock } from '../kernel/clock.ts'
import { openRuntime } from '../open-runtime.ts'
import { openDatabase } from '../store/database.ts'
import { openInstitutions } from '../store/institutions.ts'
import { openVault, type Vault } from '../store/vault.ts'
import { layoutText } from './check-file.ts'
import { ImportFileError } from './faults.ts'
import { type Committer, commitFile, type ImportRequest, previewFile } from './import-file.ts'
import { SUBJECTS, type Subject } from './profile.ts'
import { tell } from './tell.ts'

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
  if (day === null) throw new InvalidArgumentError('日期须为 YYYY-MM-DD · a day')
  return day
}
const classArgument = (text: string): string => {
  if (!/^[ABC]$/.test(text)) throw new InvalidArgumentError('须为 A、B 或 C · A, B or C')
  return text
}
const ratioArgument = (text: string): string => {
  if (!/^0(\.\d{1,6})?$|^1$/.test(text))
    throw new InvalidArgumentError('须为 0 到 1 的比例 · a ratio from 0 to 1')
  return text
}

async function run(subject: Subject, file: string, given: Given): Promise<void> {
  const read = readConfig(process.env)
  if (!read.ok) throw new Error(read.faults.join('\n'))
  const { config } = read
  const root = process.env.PROJECT_ROOT ?? process.cwd()
  const dataDir = dataFolder(root, config.DATA_DIR)
  const access = await openDatabaseAccess(config, dataDir)
  const bar = new SingleBar({ format: '{bar} {value}/{total} 行 rows' })
  const progress = (done: number, total: number): void => {
    if (done === 1) bar.start(total, 0)
    bar.update(done)
  }
  let books: Runtime | null = null
  try {
    await migrateDatabase(access.ownerUrl, root)
    const vault = openVault(vaultKeys(config, dataDir))
    if (subject === 'balances' && given.commit === true) {
      books = await openBooks(config, access, dataDir)
    }
    const request: ImportRequest = {
      subject,
      file,
      url: access.ownerUrl,
      vault,
      correct: given.correct === true,
      decisions: decisionsOf(config, given),
      onRow: progress,
      onPosted: progress,
      ...(books === null ? {} : { books }),
    }
    const committer = given.commit === true ? await committerOf(access, vault, given) : null
    const report =
      committer === null
        ? await previewFile(request)
        : await commitFile(request, committer, given.skipRefused === true)
    bar.stop()
    const faultsFile = resolve(given.errors ?? `${file}.faults.csv`)
    tell(report, { commit: given.commit === true, faultsFile })
  } finally {
    bar.stop()
    await books?.store.close()
    await access.stop()
  }
}

function decisionsOf(config: Config, given: Given): ImportRequest['decisions'] {
  const today = dayOf(systemClock.now())
  return {
    today,
    areaCode: config.AREA_CODE,
    validFrom: given.validFrom ?? today,
    catalogueClass: given.class ?? null,
    shareB: given.shareB ?? null,
    provisionalCodes: given.provisionalCodes === true,
  }
}

/** The door and its reads, for what is posted rather than written. */
async function openBooks(
  config: Config,
  access: DatabaseAccess,
  dataDir: string,
): Promise<Runtime> {
  return openRuntime({
    database: { ...(await access.openApplication()), connectionsMax: 2 },
    keys: vaultKeys(config, dataDir),
    areaCode: config.AREA_CODE,
    serviceDaysBackMax: serviceDaysBackMax(config),
  })
}

async function committerOf(access: DatabaseAccess, vault: Vault, given: Given): Promise<Committer> {
  const sql = openDatabase({ ...(await access.openApplication()), connectionsMax: 1 })
  try {
    const found = (await openInstitutions(sql, vault)).operator(given.operator ?? '')
    if (!found?.active || found.institutionCode !== null || found.role === 'finance') {
      throw new ImportFileError(
        '入库须用 --operator 给出经办机构在职操作员的工号',
        '--commit needs --operator with the code of an agency operator',
      )
    }
    const { operatorId, operatorCode } = found
    return { operatorId, operatorCode, at: systemClock.now() }
  } finally {
    await sql.end({ timeout: 1 })
  }
}

const program = new Command('import')
  .description(
    '导入目录、机构、机构价格、参保人、期初余额、诊断、乡镇街道(CSV 或 XLSX):检查、预览、入库',
  )
  .addArgument(new Argument('<subject>', '文件类别 what the file holds').choices(SUBJECTS))
  .argument('<file>', 'CSV or XLSX')
  .option('--commit', '入库;不给则只检查和预览 · write; without it: check and preview')
  .option('--operator <code>', '经办人工号 · agency operator who commits')
  .option('--skip-refused', '有拒绝的行也导入其余行 · commit although rows are refused')
  .option(
    '--correct',
    '更正尚无结算引用的记录,前后内容留痕 · correct what nothing was settled under',
  )
  .option(
    '--errors <file>',
    '问题清单的位置;不给则在文件旁 · where the faults go; absent: beside the file',
  )
  .option(
    '--valid-from <day>',
    '无起始日的行从哪天起;不给则今天 · first day for rows without one',
    dayArgument,
  )
  .option(
    '--class <class>',
    '无类别的行按何类别 · catalogue class for rows without one',
    classArgument,
  )
  .option(
    '--share-b <ratio>',
    '乙类未给比例时的先行自付比例 · share of class B without one',
    ratioArgument,
  )
  .option(
    '--provisional-codes',
    '为无编码的机构生成临时编码 · make codes for institutions without one',
  )
  .addHelpText(
    'after',
    () => `\n列名与取值 · columns and values (* = 必有 must be there)\n${layoutText()}`,
  )
  .action(run)

program.parseAsync().catch((error: unknown) => {
  process.exitCode = 1
  const zh = error instanceof ImportFileError ? `${error.zh}\n` : ''
  process.stderr.write(`${zh}${error instanceof Error ? error.message : String(error)}\n`)
})
