/** Entry of `npm run seed`: hands the seeding its keys, its paths and the day. */
import { mkdirSync } from 'node:fs'
import { seedCommand } from '../db/seed-cli.ts'
import { readConfig } from './config.ts'
import { dataFolder } from './contract/data-folder.ts'
import { vaultKeys } from './database-access.ts'
import { dayOf } from './kernel/calendar.ts'
import { systemClock } from './kernel/clock.ts'
import { openVault } from './store/vault.ts'

const read = readConfig(process.env)
if (!read.ok) throw new Error(read.faults.join('\n'))
const projectRoot = process.env.PROJECT_ROOT ?? process.cwd()
const { DATA_DIR } = read.config
const dataDir = dataFolder(projectRoot, DATA_DIR)
mkdirSync(dataDir, { recursive: true, mode: 0o700 })
const vault = openVault(vaultKeys(read.config, dataDir))
await seedCommand({ projectRoot, dataDir, today: dayOf(systemClock.now()), vault }).parseAsync()
