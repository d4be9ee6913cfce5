/** `npm run backup`: takes, verifies, restores and rehearses backups of the embedded database. */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { startEmbedded } from '../embedded.ts'
import { baseFaults, manifests, takeBase } from './base.ts'
import type { BackupPlace } from './place.ts'
import { rehearse } from './rehearse.ts'
import { BackupFaultError, restore } from './restore.ts'
import { shipWal } from './wal.ts'

export type BackupCliContext = {
  readonly projectRoot: string
  readonly dataDir: string
  readonly database: string
  readonly place: BackupPlace
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const instantText = (text: string): string => {
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/.test(text)) return text
  throw new InvalidArgumentError('时刻用世界时 · an instant in UTC, as 2026-11-25T08:30:00Z')
}

export function backupCommand(context: BackupCliContext): Command {
  const command = new Command('backup').description(
    '备份与恢复嵌入式数据库 · backups of the embedded database, and the way back',
  )
  command
    .command('take')
    .description('完整备份,不停服务 · a full copy while the server runs')
    .action(() => told(() => take(context)))
  command
    .command('verify')
    .description('检查备份是否完整 · reads all of it: checksums, and that no WAL file is missing')
    .action(() => told(() => verify(context)))
  command
    .command('restore')
    .description('恢复到某一时刻 · the state of an instant, in a fresh folder')
    .requiredOption('--into <folder>', '空目录 · a data folder that does not exist yet')
    .option('--to <instant>', '时刻 · an instant; absent: the newest state', instantText)
    .action((given: { into: string; to?: string }) => told(() => bringBack(context, given)))
  command
    .command('rehearse')
    .description('演练恢复 · restores beside the living database, compares, tells RPO and RTO')
    .action(() => told(() => rehearsal(context)))
  return command
}

/** Four parts for whoever reads it: what happened, the money, what to do, a code. */
async function told(work: () => Promise<boolean>): Promise<void> {
  try {
    if (await work()) return
  } catch (error) {
    say(`失败 · failed: ${error instanceof Error ? error.message : String(error)}`)
    if (error instanceof BackupFaultError) {
      say('备份有缺损,未恢复任何内容 · the backup has faults, nothing was restored')
    }
  }
  say('正在使用的账目没有变动 · the living books are untouched')
  say('请处理上述问题后再执行 · mend what stands above, then run it again')
  say('backup-failed')
  process.exitCode = 1
}

async function whileRunning<T>(
  { dataDir }: BackupCliContext,
  work: (server: Awaited<ReturnType<typeof startEmbedded>>) => Promise<T>,
): Promise<T> {
  const server = await startEmbedded({ dataDir, archive: true })
  try {
    return await work(server)
  } finally {
    if (!server.attached) await server.stop()
  }
}

const take = (context: BackupCliContext): Promise<boolean> =>
  whileRunning(context, async (server) => {
    const { id, files } = await takeBase(server, context.dataDir, context.place)
    const megabytes = files.reduce((sum, { bytes }) => sum + bytes, 0) / 2 ** 20
    const sealed = context.place.encrypted ? '已加密 encrypted' : '未加密 NOT encrypted'
    say(`已备份 taken: ${id}, ${Math.ceil(megabytes)} MB, ${sealed}`)
    return true
  })

async function verify({ place }: BackupCliContext): Promise<boolean> {
  const all = await manifests(place)
  if (all.length === 0) say('没有完整的备份 · there is no complete backup')
  let faulty = 0
  for (const manifest of all) {
    const faults = await baseFaults(place, manifest)
    say(`${manifest.id}: ${faults.length === 0 ? '完好 whole' : '有缺损 FAULTY'}`)
    for (const fault of faults) say(`  ${fault}`)
    faulty += faults.length
  }
  return all.length > 0 && faulty === 0
}

async function bringBack(
  { place }: BackupCliContext,
  { into, to = null }: { into: string; to?: string | null },
): Promise<boolean> {
  const began = performance.now()
  const server = await restore({ place, into: path.resolve(into), to, log: say })
  await server.stop()
  const seconds = Math.round((performance.now() - began) / 100) / 10
  say(`已恢复 restored: ${into} (${to ?? '最新 newest'}), ${seconds} s`)
  return true
}

const rehearsal = (context: BackupCliContext): Promise<boolean> =>
  whileRunning(context, async (server) => {
    await shipWal(server.real, context.place)
    const folder = mkdtempSync(path.join(os.tmpdir(), 'settlement-rehearsal-'))
    const livingUrl = Object.assign(new URL(server.url), { pathname: context.database }).href
    try {
      const { rpoSeconds, rtoSeconds, answers, faults } = await rehearse({
        place: context.place,
        into: path.join(folder, 'postgres'),
        database: context.database,
        livingUrl,
        invariantsFile: path.join(context.projectRoot, 'db/invariants.sql'),
        log: say,
      })
      for (const fault of faults) say(`  ${fault}`)
      say(`RPO ${tenths(rpoSeconds)} s · RTO ${tenths(rtoSeconds)} s · ${answers} answers`)
      return faults.length === 0
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

const tenths = (seconds: number): number => Math.round(seconds * 10) / 10
