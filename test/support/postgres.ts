/** Databases for tests: copies of the template, or a PostgreSQL of one's own that may be killed. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { inject } from 'vitest'
import { openAppLogin, urlOfLogin } from '../../db/app-login.ts'
import {
  createDatabase,
  type EmbeddedServer,
  removeEmbedded,
  startEmbedded,
} from '../../db/embedded.ts'
import { migrateDatabase } from '../../db/migrate.ts'
import { seedArea } from './area-seed.ts'
import { APP_LOGIN, TEMPLATE } from './postgres-global.ts'

export const projectRoot = fileURLToPath(new URL('../..', import.meta.url))

export type FreshDatabase = {
  /** Superuser URL of the database; `applicationUrl` makes the application's of it. */
  readonly url: string
  readonly sql: postgres.Sql
  drop(): Promise<void>
}

/** Integers of eight bytes come as bigint, so that amounts are compared exactly. */
export const connect = (url: string, max = 2): postgres.Sql =>
  postgres(url, { max, onnotice: () => {}, types: { bigint: postgres.BigInt } }) as postgres.Sql

/** The same database as the application connects to it: with a login of its own. */
export const applicationUrl = (url: string): string => urlOfLogin(url, APP_LOGIN)

let copies = 0

/** A database of its own, migrated and seeded with the small area. */
export const freshDatabase = (): Promise<FreshDatabase> => databaseLike(TEMPLATE)

/** A database of its own with nothing in it. */
export const emptyDatabase = (): Promise<FreshDatabase> => databaseLike('template0')

async function databaseLike(template: string): Promise<FreshDatabase> {
  const admin = inject('postgresUrl')
  copies += 1
  const name = `copy_${process.pid}_${copies}`
  await onServer(admin, `create database ${name} template ${template} strategy file_copy`)
  const target = new URL(admin)
  target.pathname = `/${name}`
  const sql = connect(target.href)
  return {
    url: target.href,
    sql,
    async drop() {
      await sql.end({ timeout: 1 })
      await onServer(admin, `drop database ${name} with (force)`)
    },
  }
}

/** One statement on a connection of its own. */
export async function onServer(url: string, statement: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await sql.unsafe(statement)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

export type OwnPostgres = {
  /** Superuser URL of the database `area`. */
  readonly url: string
  readonly dataDir: string
  server(): EmbeddedServer
  /** SIGKILL for every process of it, then a start on what was left, at the same port. */
  killAndStart(meanwhile?: () => void): Promise<void>
  remove(): Promise<void>
}

/** A PostgreSQL that this test alone uses, so that it may kill it; its data lie under `parent`. */
export async function ownPostgres(parent = os.tmpdir()): Promise<OwnPostgres> {
  const folder = mkdtempSync(path.join(parent, 'settlement-own-'))
  chmodSync(folder, 0o755)
  const dataDir = path.join(folder, 'postgres')
  let server = await startEmbedded({ dataDir })
  const url = await createDatabase(server.url, 'area')
  await migrateDatabase(url, projectRoot)
  await openAppLogin(url, APP_LOGIN)
  await seedArea(url)
  return {
    url,
    dataDir,
    server: () => server,
    async killAndStart(meanwhile = () => {}) {
      const { port } = server
      // To wait for its end keeps no process alive; a campaign has nothing else that would.
      const alive = setInterval(() => {}, 1_000)
      await server.kill()
      await server.ended
      clearInterval(alive)
      meanwhile()
      server = await startEmbedded({ dataDir, port })
    },
    async remove() {
      await removeEmbedded(dataDir)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
