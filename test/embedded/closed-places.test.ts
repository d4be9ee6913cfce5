import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  unlinkSync,
} from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { locateNativeFolder, prepareBinaries } from '../../db/embedded/binaries.ts'
import { serviceHomeFor } from '../../db/embedded/service-home.ts'
import { runProgram, serviceUserForNewData } from '../../db/embedded/service-user.ts'
import { removeEmbedded, startEmbedded } from '../../db/embedded.ts'
import { asRoot, keepRow, keptRows, temporaryFolder } from './support.ts'

let folder: string

beforeEach(() => {
  folder = temporaryFolder()
})

afterEach(() => {
  chmodSync(folder, 0o755)
  rmSync(folder, { recursive: true, force: true })
})

/** What `npm ci --ignore-scripts` leaves: the package's files without the library links. */
function packageWithoutLinks(parent: string): { folder: string; version: string } {
  const native = locateNativeFolder()
  const copy = path.join(parent, 'native')
  cpSync(native.folder, copy, { recursive: true, verbatimSymlinks: true })
  for (const name of readdirSync(path.join(copy, 'lib'))) {
    const file = path.join(copy, 'lib', name)
    if (lstatSync(file).isSymbolicLink()) unlinkSync(file)
  }
  return { folder: copy, version: native.version }
}

describe('the programs that npm installed', { timeout: 240_000 }, () => {
  it('run although install scripts were blocked', async () => {
    const native = packageWithoutLinks(folder)
    const user = serviceUserForNewData()
    const before = await runProgram(path.join(native.folder, 'bin/initdb'), ['--version'], user)
    expect(before.ok, 'without its links it cannot run, or this test shows nothing').toBe(false)

    const binaries = await prepareBinaries(user, native)
    expect(binaries.postgres).toBe(path.join(native.folder, 'bin/postgres'))
    expect(await runProgram(binaries.initdb, ['--version'], user)).toMatchObject({ ok: true })
  })

  it('run although their execute bits were lost', async () => {
    const native = packageWithoutLinks(folder)
    chmodSync(path.join(native.folder, 'bin/postgres'), 0o644)
    const binaries = await prepareBinaries(serviceUserForNewData(), native)
    expect(binaries.postgres).toBe(path.join(native.folder, 'bin/postgres'))
  })

  it('run from a copy where they may not be changed or entered', async () => {
    const native = packageWithoutLinks(folder)
    const user = serviceUserForNewData()
    if (asRoot) chmodSync(folder, 0o700)
    else for (const part of ['lib', 'bin']) chmodSync(path.join(native.folder, part), 0o555)
    try {
      const binaries = await prepareBinaries(user, native)
      expect(binaries.postgres.startsWith(folder)).toBe(false)
      expect(await runProgram(binaries.postgres, ['--version'], user)).toMatchObject({ ok: true })
      expect(await prepareBinaries(user, native), 'the copy serves again').toEqual(binaries)
    } finally {
      for (const part of ['lib', 'bin']) chmodSync(path.join(native.folder, part), 0o755)
      rmSync(await serviceHomeFor(native.folder, user), { recursive: true, force: true })
    }
  })
})

// Only root runs PostgreSQL as somebody else, for whom a folder can be closed.
describe.runIf(asRoot)('data in a folder closed to the service user', { timeout: 240_000 }, () => {
  let dataDir: string

  beforeEach(() => {
    chmodSync(folder, 0o700)
    dataDir = path.join(folder, '.data', 'postgres')
  })

  afterEach(async () => {
    await removeEmbedded(dataDir)
  })

  it('lie behind a link under .data, survive a restart and go with removeEmbedded', async () => {
    const server = await startEmbedded({ dataDir })
    await keepRow(server.url, 'behind the link')
    await server.stop()
    expect(lstatSync(dataDir).isSymbolicLink()).toBe(true)
    expect(existsSync(path.join(dataDir, 'PG_VERSION'))).toBe(true)

    const again = await startEmbedded({ dataDir })
    expect(await keptRows(again.url)).toEqual(['behind the link'])
    const home = path.dirname(realpathSync(dataDir))
    await removeEmbedded(dataDir)
    expect([existsSync(home), existsSync(dataDir)]).toEqual([false, false])
  })

  it('begin empty again after somebody removed .data while it ran', async () => {
    const server = await startEmbedded({ dataDir })
    await keepRow(server.url, 'of the first life')
    rmSync(path.dirname(dataDir), { recursive: true })
    const again = await startEmbedded({ dataDir })
    await keepRow(again.url, 'of the second life')
    expect(await keptRows(again.url)).toEqual(['of the second life'])
  })

  it('move out of the way when the folder is closed later', async () => {
    chmodSync(folder, 0o755)
    const server = await startEmbedded({ dataDir })
    await keepRow(server.url, 'from the open days')
    await server.stop()
    expect(lstatSync(dataDir).isSymbolicLink()).toBe(false)

    chmodSync(folder, 0o700)
    const again = await startEmbedded({ dataDir })
    expect(await keptRows(again.url)).toEqual(['from the open days'])
  })

  it('are found after a move of the clone and refused to a copy of it', async () => {
    const [clone, moved, copied] = ['clone', 'moved', 'copied'].map((n) => path.join(folder, n))
    const dataIn = (place = ''): string => path.join(place, '.data', 'postgres')
    mkdirSync(clone ?? '')
    const server = await startEmbedded({ dataDir: dataIn(clone) })
    await keepRow(server.url, 'moved along')
    await server.stop()

    cpSync(clone ?? '', copied ?? '', { recursive: true, verbatimSymlinks: true })
    await expect(startEmbedded({ dataDir: dataIn(copied) })).rejects.toThrow(/is a copy/)
    renameSync(clone ?? '', moved ?? '')
    const again = await startEmbedded({ dataDir: dataIn(moved) })
    expect(await keptRows(again.url)).toEqual(['moved along'])
    await removeEmbedded(dataIn(moved))
  })
})
