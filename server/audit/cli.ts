/** `npm run audit -- verify`: whether the audit events stand as they were sealed. */
import { Command } from 'commander'
import { type Config, readConfig } from '../config.ts'
import { dataFolder } from '../contract/data-folder.ts'
import { openDatabaseAccess } from '../database-access.ts'
import { systemClock } from '../kernel/clock.ts'
import { newestSeal } from '../store/audit-seals.ts'
import { openDatabase, type Sql } from '../store/database.ts'
import { loadOrCreateCheckpointKey, readCheckpoints } from './checkpoints.ts'
import { auditFiles } from './files.ts'
import { statusText, verifiedText } from './tell.ts'
import { verifyAudit } from './verify.ts'

type Desk = { readonly sql: Sql; readonly config: Config; readonly dataDir: string }

/** Runs one task on a connection of the application, which may read all of this and write none. */
async function run(task: (desk: Desk) => Promise<number>): Promise<void> {
  const read = readConfig(process.env)
  if (!read.ok) throw new Error(read.faults.join('\n'))
  const { config } = read
  const dataDir = dataFolder(process.env.PROJECT_ROOT ?? process.cwd(), config.DATA_DIR)
  const access = await openDatabaseAccess(config, dataDir)
  const sql = openDatabase({ ...(await access.openApplication()), connectionsMax: 1 })
  try {
    process.exitCode = await task({ sql, config, dataDir })
  } finally {
    await sql.end({ timeout: 5 })
    await access.stop()
  }
}

function checkpointsOf({ config, dataDir }: Desk, given?: string) {
  const files = auditFiles(config, dataDir)
  const key = loadOrCreateCheckpointKey(files.keyFile)
  const file = given ?? files.checkpointFile
  return { file, key, lines: readCheckpoints(file, key) }
}

async function verify(desk: Desk, given?: string): Promise<number> {
  const { file, key, lines } = checkpointsOf(desk, given)
  const progress = process.stderr.isTTY
    ? (seals: bigint) => void process.stderr.write(`\r封存 seals ${seals}`)
    : () => {}
  const verified = await verifyAudit({
    sql: desk.sql,
    checkpoints: lines,
    now: systemClock.now(),
    onProgress: progress,
  })
  if (process.stderr.isTTY) process.stderr.write('\n')
  process.stdout.write(verifiedText(verified, file, key.fingerprint))
  return verified.findings.length === 0 ? 0 : 1
}

async function status(desk: Desk): Promise<number> {
  const { file, key, lines } = checkpointsOf(desk)
  const newest = await newestSeal(desk.sql)
  process.stdout.write(await statusText(desk.sql, newest, lines, file, key.fingerprint))
  return 0
}

const program = new Command('audit').description(
  '审计封存:核对事件、账目与库外检查点 · the audit’s seals: checks events, books and checkpoints',
)
program
  .command('verify')
  .description('核对全部封存;有改动、删除、插入或截尾则以 1 退出 · exits 1 where anything differs')
  .option('--checkpoints <file>', '另存的检查点文件 · a copy of the checkpoints kept elsewhere')
  .action(({ checkpoints }: { checkpoints?: string }) => run((desk) => verify(desk, checkpoints)))
program
  .command('status')
  .description('封存到哪里、还有多少未封存 · how far events are sealed, and what waits')
  .action(() => run(status))

program.parseAsync().catch((error: unknown) => {
  process.exitCode = 2
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
})
