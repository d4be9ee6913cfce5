import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadOrCreateAppLogin } from '../../db/app-login.ts'
import { loadOrCreateKeys } from '../../db/keys.ts'
import { loadOrCreateCheckpointKey } from '../../server/audit/checkpoints.ts'
import { readConfig } from '../../server/config.ts'
import { freshDatabase, projectRoot } from '../support/postgres.ts'

describe('an error that nobody foresaw', () => {
  it.each([
    ['in a timer', 'timer', 'RangeError'],
    ['in a promise that nobody awaits', 'promise', 'RangeError'],
    ['that is no error at all', 'text', 'string'],
  ])('%s ends the process with code 1, and its message stays inside', async (_, how, name) => {
    const program = path.join(import.meta.dirname, 'unforeseen-process.ts')
    const child = spawn(process.execPath, ['--import', 'tsx', program, how], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const said: Buffer[] = []
    child.stdout.on('data', (part: Buffer) => said.push(part))
    child.stderr.on('data', (part: Buffer) => said.push(part))
    const [code] = await once(child, 'close')
    const text = Buffer.concat(said).toString()
    expect(code).toBe(1)
    expect(text).toContain(`fatal: unforeseen ${name}`)
    expect(text).not.toMatch(/select|张三/)
  })
})

describe('files with a secret', () => {
  it('are made for their owner’s eyes only', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'settlement-secrets-'))
    try {
      const makers: Record<string, (file: string) => unknown> = {
        'keys.json': loadOrCreateKeys,
        'app-login.json': loadOrCreateAppLogin,
        'audit-key.json': loadOrCreateCheckpointKey,
      }
      for (const [name, make] of Object.entries(makers)) {
        const file = path.join(folder, name)
        const first = make(file)
        expect([name, statSync(file).mode & 0o077]).toEqual([name, 0])
        expect(JSON.stringify(make(file))).toBe(JSON.stringify(first))
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('the production profile', () => {
  const KEY = 'a'.repeat(64)
  const WHOLE = {
    PROFILE: 'production',
    DATABASE_URL: 'postgres://owner@localhost/settlement',
    APP_DATABASE_URL: 'postgres://app@localhost/settlement',
    VAULT_DATA_KEY: KEY,
    VAULT_INDEX_KEY: KEY,
    TLS_CERT_FILE: 'cert.pem',
    TLS_KEY_FILE: 'key.pem',
  }

  it('starts with keys, logins and TLS of its own', () => {
    expect(readConfig(WHOLE)).toMatchObject({ ok: true })
  })

  it.each(Object.keys(WHOLE).filter((name) => name !== 'PROFILE'))(
    'without %s is refused: nothing is made up in its place',
    (name) => {
      const { [name]: _, ...rest } = WHOLE as Record<string, string>
      expect(readConfig(rest)).toMatchObject({ ok: false })
    },
  )
})

describe('the database', () => {
  it('is of a release that is supported, newer than what the server refuses', async () => {
    const database = await freshDatabase()
    const [row] = await database.sql<{ version: number }[]>`
      select current_setting('server_version_num')::int as version`
    await database.drop()
    expect(row?.version).toBeGreaterThanOrEqual(180_004)
  })
})
