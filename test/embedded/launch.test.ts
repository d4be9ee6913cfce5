import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findPostmaster } from '../../db/embedded/postmaster.ts'
import { isAlive } from '../../db/embedded/processes.ts'
import { removeEmbedded } from '../../db/embedded.ts'
import { temporaryFolder, until } from './support.ts'

const project = fileURLToPath(new URL('../..', import.meta.url))

/** Two small parts that keep the contract of the real ones: the launcher is what is under test. */
const serverPart = `
import { startEmbedded } from '${project}db/embedded.ts'
const data = process.env.DATA_DIR ?? process.env.PROJECT_ROOT + '/.data'
const server = await startEmbedded({ dataDir: data + '/postgres' })
process.on('SIGTERM', async () => {
  await server.stop()
  console.log('server stopped')
  process.exit(0)
})
setInterval(() => {}, 60_000)
console.log('server pid=' + process.pid)
process.send?.({ ready: true })
`
const tillPart = `
process.on('SIGTERM', () => { console.log('till stopped'); process.exit(0) })
setInterval(() => {}, 60_000)
console.log('till pid=' + process.pid)
process.send?.({ ready: true })
`

describe('npm start', { timeout: 240_000 }, () => {
  let clone: string
  let elsewhere: string
  let said: string
  let launchers: ChildProcess[]

  beforeEach(() => {
    clone = temporaryFolder()
    elsewhere = temporaryFolder()
    said = ''
    launchers = []
    for (const folder of ['server', 'pos-client']) mkdirSync(path.join(clone, folder))
    for (const file of [
      'server/launch.mjs',
      'server/env-file.mjs',
      'server/node-flags.json',
      'package.json',
    ]) {
      cpSync(path.join(project, file), path.join(clone, file))
    }
    symlinkSync(path.join(project, 'node_modules'), path.join(clone, 'node_modules'))
    writeFileSync(path.join(clone, 'server/main.ts'), serverPart)
    writeFileSync(path.join(clone, 'pos-client/main.ts'), tillPart)
  })

  afterEach(async () => {
    for (const launcher of launchers) {
      if (launcher.exitCode === null && launcher.signalCode === null) {
        launcher.kill('SIGTERM')
        await once(launcher, 'exit')
      }
    }
    await removeEmbedded(path.join(clone, '.data/postgres'))
    await removeEmbedded(path.join(elsewhere, 'postgres'))
    for (const folder of [clone, elsewhere]) rmSync(folder, { recursive: true, force: true })
  })

  function launch(...words: string[]): ChildProcess {
    return launchWith({}, ...words)
  }
  function launchWith(settings: Record<string, string>, ...words: string[]): ChildProcess {
    const program = [path.join(clone, 'server/launch.mjs'), ...words]
    return watch(spawn(process.execPath, program, { ...piped, env: envOf(settings), cwd: '/' }))
  }
  const piped: SpawnOptions = { stdio: ['ignore', 'pipe', 'pipe'] }
  /** Without what npm tells the programs it starts: the suite itself runs below it. */
  const envOf = (settings: Record<string, string>) => ({
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/.test(name))),
    ...settings,
  })
  function watch(child: ChildProcess): ChildProcess {
    for (const channel of [child.stdout, child.stderr]) {
      channel?.on('data', (chunk: Buffer) => {
        said += chunk.toString()
      })
    }
    launchers.push(child)
    return child
  }

  const pidOf = (part: string): number =>
    Number.parseInt(new RegExp(`${part} pid=(\\d+)`).exec(said)?.[1] ?? '0', 10)
  const databaseRuns = (): boolean =>
    findPostmaster(path.join(clone, '.data/postgres')) !== undefined

  async function endOf(child: ChildProcess): Promise<number | null> {
    if (child.exitCode === null) await once(child, 'exit')
    return child.exitCode
  }

  it('starts the server, then the till, and Ctrl-C stops the till, then the server', async () => {
    const launcher = launch()
    await until('both are ready', () => /^Ready after/m.test(said))
    expect(said.indexOf('server pid')).toBeLessThan(said.indexOf('till pid'))

    launcher.kill('SIGINT')
    launcher.kill('SIGINT') // npm hands on what the terminal has sent already.
    expect(await endOf(launcher)).toBe(0)
    expect(said).toMatch(/till stopped[\s\S]*server stopped/)
    expect(databaseRuns()).toBe(false)
    expect(existsSync(path.join(clone, '.data/server.lock'))).toBe(false)
  })

  it('refuses a second one beside the first, in words', async () => {
    launch()
    await until('both are ready', () => /^Ready after/m.test(said))
    expect(await endOf(launch())).toBe(1)
    expect(said).toMatch(/runs already \(process \d+\)/)
  })

  it('is not kept from starting by the lock of one that was killed', async () => {
    mkdirSync(path.join(clone, '.data'))
    writeFileSync(path.join(clone, '.data/till.lock'), `${process.pid}\n`)
    launch('till')
    await until('the till is ready', () => /^Ready after/m.test(said))
    expect(said).not.toContain('server pid')
  })

  it('stops the server, and ends with the same code, when the till fails', async () => {
    writeFileSync(
      path.join(clone, 'pos-client/main.ts'),
      `process.send?.({ ready: true }); setTimeout(() => process.exit(7), 300)`,
    )
    const launcher = launch()
    expect(await endOf(launcher)).toBe(7)
    expect(said).toMatch(/till ended by itself[\s\S]*server stopped/)
    expect(databaseRuns()).toBe(false)
  })

  it('leaves neither till nor database behind when the server was killed', async () => {
    const launcher = launch()
    await until('both are ready', () => /^Ready after/m.test(said))
    process.kill(pidOf('server'), 'SIGKILL')
    expect(await endOf(launcher)).toBe(128 + 9)
    expect(isAlive(pidOf('till'))).toBe(false)
    await until('the database is gone', () => !databaseRuns())
  })

  it('finds the database of a killed server in its data folder, wherever that is', async () => {
    const launcher = launchWith({ DATA_DIR: elsewhere })
    await until('both are ready', () => /^Ready after/m.test(said))
    const runs = () => findPostmaster(path.join(elsewhere, 'postgres')) !== undefined
    expect(runs()).toBe(true)
    process.kill(pidOf('server'), 'SIGKILL')
    await endOf(launcher)
    await until('the database is gone', () => !runs())
  })

  it('leaves nothing behind when it was killed itself', async () => {
    const launcher = launch()
    await until('both are ready', () => /^Ready after/m.test(said))
    launcher.kill('SIGKILL')
    await until('both parts are gone', () => ![pidOf('server'), pidOf('till')].some(isAlive))
    expect(databaseRuns()).toBe(false)
  })

  it.each(['SIGTERM', 'SIGKILL'] as const)('ends with npm itself, ended by %s', async (signal) => {
    const npm = watch(spawn('npm', ['start'], { ...piped, env: envOf({}), cwd: clone }))
    await until('both are ready', () => /^Ready after/m.test(said))
    const launcher = Number.parseInt(readFileSync(path.join(clone, '.data/till.lock'), 'utf8'), 10)
    npm.kill(signal)
    await until('launcher and parts are gone', () => {
      return ![launcher, pidOf('server'), pidOf('till')].some(isAlive)
    })
    expect(said).toMatch(/till stopped[\s\S]*server stopped/)
    expect(databaseRuns()).toBe(false)
  })

  it('takes settings from .env, and those of the environment before them', async () => {
    writeFileSync(path.join(clone, '.env'), 'WORD_A=of-the-file\nWORD_B=of-the-file\n')
    writeFileSync(
      path.join(clone, 'pos-client/main.ts'),
      `console.log('told', process.env.WORD_A, process.env.WORD_B); process.exit(0)`,
    )
    await endOf(launchWith({ WORD_B: 'of-the-environment' }, 'till'))
    expect(said).toContain('told of-the-file of-the-environment')
  })

  it('fails with the reason when a part cannot be built', async () => {
    writeFileSync(path.join(clone, 'server/main.ts'), `import './is-not-there.ts'`)
    expect(await endOf(launch())).toBe(1)
    expect(said).toContain('is-not-there')
  })
})
