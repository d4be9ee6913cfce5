import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findPostmaster } from '../../db/embedded/postmaster.ts'
import { childrenOf, isAlive, someCommandNames } from '../../db/embedded/processes.ts'
import { serviceUserForNewData } from '../../db/embedded/service-user.ts'
import { removeEmbedded, startEmbedded } from '../../db/embedded.ts'
import { keepRow, keptRows, startElsewhere, temporaryFolder, until } from './support.ts'

describe('after a crash', { timeout: 240_000 }, () => {
  let folder: string
  let dataDir: string

  beforeEach(() => {
    folder = temporaryFolder()
    dataDir = path.join(folder, '.data', 'postgres')
  })

  afterEach(async () => {
    await removeEmbedded(dataDir)
    rmSync(folder, { recursive: true, force: true })
  })

  it('all committed rows are there after all processes were killed, and none lives', async () => {
    const server = await startEmbedded({ dataDir })
    await keepRow(server.url, 'committed')
    const processes = [server.pid, ...childrenOf(server.pid)]
    expect(processes.length).toBeGreaterThan(3)
    await server.kill()
    await server.ended
    expect(processes.filter(isAlive)).toEqual([])

    const again = await startEmbedded({ dataDir })
    expect(await keptRows(again.url)).toEqual(['committed'])
    expect(readFileSync(again.logFile, 'utf8')).toContain('automatic recovery in progress')
  })

  it('starts although only the main process was killed and its helpers still end', async () => {
    const server = await startEmbedded({ dataDir })
    await keepRow(server.url, 'committed')
    process.kill(server.pid, 'SIGKILL')
    const again = await startEmbedded({ dataDir })
    expect(again.attached).toBe(false)
    expect(await keptRows(again.url)).toEqual(['committed'])
  })

  it('starts although its old process number now belongs to another program', async () => {
    const server = await startEmbedded({ dataDir })
    await keepRow(server.url, 'committed')
    await server.kill()
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore', ...serviceUserForNewData() })
    await once(stranger, 'spawn')
    try {
      const pidFile = path.join(dataDir, 'postmaster.pid')
      const text = readFileSync(pidFile, 'utf8')
      writeFileSync(pidFile, text.replace(/^\d+/, String(stranger.pid)))
      const again = await startEmbedded({ dataDir })
      expect(await keptRows(again.url)).toEqual(['committed'])
    } finally {
      stranger.kill()
    }
  })

  it('begins anew when the very first start was killed half-way', async () => {
    const child = startElsewhere(dataDir)
    const parent = path.dirname(dataDir)
    await until(
      'initdb writes',
      () =>
        existsSync(parent) &&
        readdirSync(parent).some((name) => existsSync(path.join(parent, name, 'global'))),
    )
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(existsSync(dataDir)).toBe(false)

    const server = await startEmbedded({ dataDir })
    await keepRow(server.url, 'whole')
    expect(someCommandNames(`${dataDir}.initialising-`)).toBe(false)
    expect(readdirSync(parent).toSorted()).toEqual(['postgres', 'postgres.json', 'postgres.log'])
  })

  it('attaches to the database that outlived our killed server, and stops it at last', async () => {
    const child = startElsewhere(dataDir)
    const [said] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
    const pid = Number.parseInt(/started (\d+)/.exec(said.toString())?.[1] ?? '', 10)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isAlive(pid)).toBe(true)

    const server = await startEmbedded({ dataDir })
    expect(server).toMatchObject({ pid, attached: true })
    await keepRow(server.url, 'attached')
    await server.stop()
    await server.ended
    expect(isAlive(pid)).toBe(false)
  })

  it('leaves no database running behind a server that ended by an error', async () => {
    const child = startElsewhere(dataDir, 'fail')
    const [said] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
    expect(said.toString()).toMatch(/started/)
    await until('it is gone', () => findPostmaster(dataDir) === undefined)
  })

  it('two starts at the same moment share one database', async () => {
    const both = await Promise.all([startEmbedded({ dataDir }), startEmbedded({ dataDir })])
    expect(both.map((server) => server.attached).toSorted()).toEqual([false, true])
    expect(both[0]?.pid).toBe(both[1]?.pid)
  })
})
