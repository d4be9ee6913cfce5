/** Image and units name what is there, start it with few rights, and carry no secret. */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../db/embedded/ports.ts'
import { readConfig } from '../../server/config.ts'
import nodeFlags from '../../server/node-flags.json' with { type: 'json' }
import { VAULT_KEYS } from '../support/area.ts'
import { projectRoot } from '../support/centre.ts'
import { applicationUrl, type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'

const folder = path.join(projectRoot, 'server/operations')
const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8')
const UNITS = ['settlement', 'settlement-backup', 'settlement-rehearsal'].map((n) => `${n}.service`)

/** Every value of a key of a unit, in order. */
const valuesOf = (unit: string, key: string): string[] =>
  [...read(unit).matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value)

const dockerfile = read('Dockerfile').replaceAll('\\\n', ' ')
const instructions = [...dockerfile.matchAll(/^([A-Z]+) (.+)$/gm)].map(
  ([, word = '', rest = '']) => ({ word, rest: rest.trim() }),
)
const command = (word: string): string[] => {
  const rest = instructions.filter((one) => one.word === word).at(-1)?.rest ?? '[]'
  return JSON.parse(rest.slice(rest.indexOf('['))) as string[]
}

describe('the image', () => {
  it('copies what is there and leaves everything else out', () => {
    const ignored = readFileSync(path.join(projectRoot, '.dockerignore'), 'utf8').split('\n')
    expect(ignored[0]).toBe('*')
    for (const { word, rest } of instructions) {
      if (word !== 'COPY' || rest.startsWith('--from')) continue
      for (const source of rest.split(' ').slice(0, -1)) {
        expect(existsSync(path.join(projectRoot, source)), source).toBe(true)
        expect(ignored).toContain(`!${source}`)
      }
    }
    expect(ignored).toContain('**/.env')
  })

  it('runs as nobody special, stops by SIGTERM, and asks whether it lives', () => {
    const last = instructions.slice(instructions.map(({ word }) => word).lastIndexOf('FROM'))
    expect(last.find(({ word }) => word === 'USER')?.rest).toBe('node')
    expect(last.find(({ word }) => word === 'STOPSIGNAL')?.rest).toBe('SIGTERM')
    expect(command('HEALTHCHECK')).toEqual(['node', 'server/launch.mjs', 'healthy'])
  })

  it('needs nothing at run time that only development brings', () => {
    const { dependencies } = JSON.parse(
      readFileSync(path.join(projectRoot, 'package.json'), 'utf8'),
    ) as { dependencies: Record<string, string> }
    for (const name of ['esbuild', 'tsx', 'pino', 'postgres', 'prom-client', 'commander']) {
      expect(Object.keys(dependencies)).toContain(name)
    }
  })

  it('like the units holds no secret, and no setting that the server does not know', () => {
    const known = new Set(Object.keys(settingsOf({})).concat(OF_NODE))
    const assigned = [dockerfile, ...UNITS.map(read)].flatMap((text) =>
      [...text.matchAll(/(?:^ENV|^Environment=|[ =])([A-Z][A-Z_]+)=(?=\S)/gm)].map(
        ([, n = '']) => n,
      ),
    )
    expect(assigned.length).toBeGreaterThan(8)
    expect(assigned.filter((name) => !known.has(name))).toEqual([])
    expect(assigned.filter((name) => /KEY|SECRET|DATABASE_URL|PASSWORD/.test(name))).toEqual([])
  })
})

/** Names that are no settings of ours. */
const OF_NODE = ['NODE_ENV', 'PROJECT_ROOT', ...Object.keys(nodeFlags.environment)]

/** Names that the configuration reads. */
function settingsOf(env: Record<string, string>): Record<string, unknown> {
  const example = readFileSync(path.join(projectRoot, '.env.example'), 'utf8')
  const names = [...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name = '']) => name)
  return Object.fromEntries(names.map((name) => [name, env[name]]))
}

describe('a unit', () => {
  it.each(UNITS)('%s gives up what it does not need', (unit) => {
    const hardening = {
      NoNewPrivileges: 'yes',
      ProtectSystem: 'strict',
      PrivateTmp: 'yes',
      ProtectHome: 'yes',
      RestrictAddressFamilies: 'AF_INET AF_INET6 AF_UNIX',
      CapabilityBoundingSet: '',
      User: 'settlement',
    }
    for (const [key, value] of Object.entries(hardening)) {
      expect(valuesOf(unit, key), key).toEqual([value])
    }
  })

  it('of the server is started again, except where a person has to mend a setting', () => {
    const unit = 'settlement.service'
    expect(valuesOf(unit, 'Restart')).toEqual(['always'])
    expect(valuesOf(unit, 'RestartPreventExitStatus')).toEqual(['2'])
    expect(Number(valuesOf(unit, 'TimeoutStopSec')[0])).toBeGreaterThanOrEqual(90)
    expect(valuesOf(unit, 'MemoryMax')).toEqual(['900M'])
    expect(valuesOf(unit, 'ExecReload')).toEqual(['/bin/kill -HUP $MAINPID'])
  })

  it('starts files that are there, with words that they know', () => {
    for (const unit of UNITS.slice(1)) {
      const [line = ''] = valuesOf(unit, 'ExecStart')
      const [, , , file = '', word] = line.split(' ')
      expect(existsSync(path.join(projectRoot, file)), file).toBe(true)
      expect(readFileSync(path.join(projectRoot, 'db/backup/cli.ts'), 'utf8')).toContain(
        `.command('${word}')`,
      )
    }
  })
})

describe('the very line of the unit, in a clean environment', { timeout: 240_000 }, () => {
  let database: FreshDatabase
  let dataDir: string
  beforeAll(async () => {
    database = await freshDatabase()
    dataDir = mkdtempSync(path.join(os.tmpdir(), 'settlement-unit-'))
    execFileSync(process.execPath, ['server/launch.mjs', 'build'], { cwd: projectRoot })
  }, 240_000)
  afterAll(async () => {
    await database.drop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  it('is that of the image; it starts, is healthy, hides its metrics, and stops', async () => {
    const [line = ''] = valuesOf('settlement.service', 'ExecStart')
    const [program, ...words] = line.split(' ')
    expect([path.basename(program ?? ''), ...words]).toEqual(command('CMD'))
    expect(words).toEqual([...nodeFlags.server, '.build/server.mjs'])
    for (const [name, value] of Object.entries(nodeFlags.environment)) {
      expect(valuesOf('settlement.service', 'Environment')).toContain(`${name}=${value}`)
      expect(dockerfile).toContain(` ${name}=${value}`)
    }
    const port = await freePort()
    const env = {
      PATH: process.env.PATH ?? '',
      PROFILE: 'production',
      PROJECT_ROOT: projectRoot,
      DATA_DIR: dataDir,
      DATABASE_URL: database.url,
      APP_DATABASE_URL: applicationUrl(database.url),
      VAULT_DATA_KEY: VAULT_KEYS.data.toString('hex'),
      VAULT_INDEX_KEY: VAULT_KEYS.index.toString('hex'),
      BEHIND_TRUSTED_PROXY: 'yes',
      PORT: String(port),
    }
    expect(readConfig(env)).toMatchObject({ ok: true })
    const child = spawn(process.execPath, words, { cwd: projectRoot, env, stdio: 'pipe' })
    let said = ''
    let complained = ''
    child.stdout.on('data', (part: Buffer) => {
      said += part.toString('utf8')
    })
    child.stderr.on('data', (part: Buffer) => {
      complained += part.toString('utf8')
    })
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    const url = `http://127.0.0.1:${port}`
    const status = async (address: string) =>
      fetch(`${url}${address}`).then(
        (answer) => answer.status,
        () => 0,
      )
    const isReady = async () => {
      expect([child.exitCode, complained]).toEqual([null, ''])
      return (await status('/readyz')) === 200
    }
    await until('it is ready', isReady, 60_000)
    const asked = { cwd: projectRoot, env: { PORT: String(port) } }
    const healthy = () => execFileSync(process.execPath, command('HEALTHCHECK').slice(1), asked)
    healthy()
    for (const hidden of ['/metrics', '/docs', '/openapi.json']) {
      expect(await status(hidden)).toBe(404)
    }
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    for (const text of said.trim().split('\n')) expect(JSON.parse(text)).toHaveProperty('level')
    expect(healthy).toThrow()
  })
})
