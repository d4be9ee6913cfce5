/** Entry of `npm run backup`: hands the command the place of the backups and the data. */
import { join } from 'node:path'
import { backupCommand } from '../db/backup/cli.ts'
import { readConfig } from './config.ts'
import { dataFolder } from './contract/data-folder.ts'
import { backupPlace, EMBEDDED_DATABASE } from './database-access.ts'

function refuse(lines: readonly string[]): never {
  for (const line of lines) process.stderr.write(`${line}\n`)
  process.exit(2)
}

const read = readConfig(process.env)
if (!read.ok) refuse(read.faults)
const place = backupPlace(read.config)
const asksForHelp = process.argv.some((word) => word === '--help' || word === '-h')
if (read.config.DATABASE_URL !== undefined && !asksForHelp) {
  refuse([
    'DATABASE_URL 指定的数据库请用它自己的工具备份 · a PostgreSQL of your own has its own tools',
    '账目没有变动 · the books are untouched',
    '见 server/operations/README.md · see there, backup and restore',
    'backup-not-ours',
  ])
}
if (place === null && !asksForHelp) {
  refuse([
    '没有设置 BACKUP_DIR · BACKUP_DIR is not set: nothing is archived and nothing can be taken',
    '账目没有变动 · the books are untouched',
    '在 .env 中设置后重新启动 · set it in .env and start again',
    'backup-not-configured',
  ])
}
const projectRoot = process.env.PROJECT_ROOT ?? process.cwd()
await backupCommand({
  projectRoot,
  dataDir: join(dataFolder(projectRoot, read.config.DATA_DIR), 'postgres'),
  database: EMBEDDED_DATABASE,
  // Without a place only the help is told.
  place: place as NonNullable<typeof place>,
}).parseAsync()
