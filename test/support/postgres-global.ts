/**
 * One PostgreSQL for the whole run, with a migrated and seeded template: a test that needs a
 * database copies the template, which takes a tenth of a second.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { openAppLogin } from '../../db/app-login.ts'
import { createDatabase, removeEmbedded, startEmbedded } from '../../db/embedded.ts'
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

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
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
