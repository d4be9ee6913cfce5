/**
 * One PostgreSQL for the whole run, with a migrated and seeded template: a test that needs a
 * database copies the template, which takes a tenth of a second.
 */
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { openAppLogin } from '../../db/app-login.ts'
import { isMissing } from '../../db/embedded/abandoned.ts'
import { createDatabase, removeEmbedded, startEmbedded, sweepAbandoned } from '../../db/embedded.ts'
import { migrateDatabase } from '../../db/migrate.ts'
import { seedArea } from './area-seed.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Superuser URL of the PostgreSQL that this run started. */
    postgresUrl: string
  }
}

export const TEMPLATE = 'template_area'
/** The application's login on every PostgreSQL of the tests. */
export const APP_LOGIN = { name: 'settlement_login_000000000000', password: '0'.repeat(48) }
const projectRoot = fileURLToPath(new URL('../..', import.meta.url))

/** What an earlier run left in a temporary folder of its own, which is gone by its random name. */
const OF_TESTS =
  /^(counter|embedded|replay|sale-journey|settlement-[a-z]+|till-commands)-[0-9A-Za-z]{6}$/

function isGoneTest(owner: string): boolean {
  const temporary = os.tmpdir()
  const [folder = ''] = path.relative(temporary, owner).split(path.sep)
  return OF_TESTS.test(folder) && existsSync(temporary) && isMissing(path.join(temporary, folder))
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweepAbandoned({
    isGone: isGoneTest,
    log: (line) => void process.stdout.write(`${line}\n`),
  })
  const folder = mkdtempSync(path.join(os.tmpdir(), 'settlement-tests-'))
  chmodSync(folder, 0o755)
  const dataDir = path.join(folder, 'postgres')
  const server = await startEmbedded({ dataDir })
  const url = await createDatabase(server.url, TEMPLATE)
  await migrateDatabase(url, projectRoot)
  await openAppLogin(url, APP_LOGIN)
  await seedArea(url)
  project.provide('postgresUrl', server.url)
  return async () => {
    await server.stop('immediate')
    await removeEmbedded(dataDir)
    rmSync(folder, { recursive: true, force: true })
  }
}
