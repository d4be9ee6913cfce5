/** Who the application is to the database, with the embedded PostgreSQL and with one's own. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { freePort } from '../../db/embedded/ports.ts'
import { createDatabase, removeEmbedded } from '../../db/embedded.ts'
import { readConfig } from '../../server/config.ts'
import { type Centre, projectRoot, startCentre } from '../support/centre.ts'
import { onServer } from '../support/postgres.ts'
import { withSql } from './support.ts'

let dataDir: string
let centre: Centre | undefined
beforeEach(() => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), 'settlement-login-'))
})
afterEach(async () => {
  await centre?.stop()
  centre = undefined
  await removeEmbedded(path.join(dataDir, 'postgres'))
  rmSync(dataDir, { recursive: true, force: true })
})

/** The logins under which a server's connections stand. */
const loginsOf = (url: string): Promise<string[]> =>
  withSql(url, async (sql) => {
    const rows = await sql<{ login: string }[]>`
      select distinct usename as login from pg_stat_activity
       where application_name = 'settlement-server' and datname = current_database()`
    return rows.map(({ login }) => login)
  })

async function command(entry: string, words: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', 'tsx', entry, ...words], {
    cwd: projectRoot,
    env: { ...process.env, DATA_DIR: dataDir, DEMO_PERSONS: '40', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { said, complained }
}

describe('the application’s login', { timeout: 240_000 }, () => {
  it('is made with the embedded PostgreSQL, and its password kept closed to others', async () => {
    centre = await startCentre({ dataDir, port: await freePort(), persons: 40 })
    const kept = readFileSync(path.join(dataDir, 'postgres.json'), 'utf8')
    const { password, port } = JSON.parse(kept) as { password: string; port: number }
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/settlement`
    const file = path.join(dataDir, 'app-login.json')
    const { name } = JSON.parse(readFileSync(file, 'utf8')) as { name: string }
    expect(await loginsOf(url)).toEqual([name])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const words = ['--operator', 'AGENCY-CLERK-1', 'card-lost', '0000000000']
    const { said, complained } = await command('server/agency/cli.ts', words, {})
    expect([said, complained]).toEqual([expect.stringContaining('E-CARD-101'), ''])
  })

  it('is made on one’s own PostgreSQL too, although its owner is a superuser', async () => {
    const admin = inject('postgresUrl')
    const name = `own_${process.pid}`
    const url = await createDatabase(admin, name)
    const start = async () =>
      startCentre({ dataDir, port: await freePort(), persons: 40, databaseUrl: url })
    try {
      centre = await start()
      const [login, ...others] = await loginsOf(url)
      expect([login, others]).toEqual([expect.stringMatching(/^settlement_login_/), []])
      await centre.stop()
      centre = await start()
      expect(await loginsOf(url)).toEqual([login])
      const words = ['prices', 'fixtures/institutions/terminals.csv', '--commit']
      const { complained } = await command('server/import/cli.ts', words, { DATABASE_URL: url })
      expect(complained).toContain('--operator')
    } finally {
      await centre?.kill()
      centre = undefined
      await onServer(admin, `drop database ${name} with (force)`)
    }
  })

  it('must be named in production', () => {
    const read = readConfig({ PROFILE: 'production', DATABASE_URL: 'postgres://o@db/settlement' })
    const faults = read.ok ? [] : read.faults
    expect(faults).toContainEqual(expect.stringMatching(/^APP_DATABASE_URL: production names/))
  })

  it('stops a start where it could change the books', async () => {
    const admin = inject('postgresUrl')
    const name = `careless_${process.pid}`
    const url = await createDatabase(admin, name)
    const port = await freePort()
    const env = { APP_DATABASE_URL: url }
    try {
      const start = startCentre({ dataDir, port, persons: 40, databaseUrl: url, env })
      await expect(start).rejects.toThrow(/cannot start: .*login postgres is a superuser/)
    } finally {
      await onServer(admin, `drop database ${name} with (force)`)
    }
  })

  it('is not asked for where no database answers, and that is said in a line', async () => {
    const databaseUrl = `postgres://nobody@127.0.0.1:${await freePort()}/none`
    const port = await freePort()
    const start = startCentre({ dataDir, port, persons: 40, databaseUrl })
    await expect(start).rejects.toThrow(/ended with 2:\ncannot start: the database of DATABASE_URL/)
  })
})
