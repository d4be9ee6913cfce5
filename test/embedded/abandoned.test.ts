import {
  chmodSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sweepAbandoned } from '../../db/embedded/abandoned.ts'
import { startEmbedded } from '../../db/embedded.ts'
import { temporaryFolder } from './support.ts'

describe('a start removes data outside clones', () => {
  let folder: string
  let parent: string
  let owner: string
  let home: string
  let said: string[]

  beforeEach(() => {
    folder = temporaryFolder()
    parent = path.join(folder, 'lib')
    owner = path.join(folder, 'clone', '.data', 'postgres')
    home = path.join(parent, 'medical-settlement-0123456789ab')
    mkdirSync(path.join(home, 'data'), { recursive: true })
    mkdirSync(path.dirname(owner), { recursive: true })
    writeFileSync(path.join(home, 'data-of'), `${owner}\n`)
    said = []
  })

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  const isKept = async (): Promise<boolean> => {
    await sweepAbandoned({ parents: [parent], log: (line) => said.push(line) })
    expect(said).toHaveLength(existsSync(home) ? 0 : 1)
    return existsSync(home)
  }

  it('that their clone let go of, and says which in one line', async () => {
    expect(await isKept()).toBe(false)
    expect(said[0]).toContain(`${home}: the data of ${owner}`)
  })

  it.each<[string, () => void]>([
    ['the link to them is there', () => symlinkSync(path.join(home, 'data'), owner)],
    ['data of that name are there', () => mkdirSync(owner)],
    ['the link bears another name', () => symlinkSync(path.join(home, 'data'), `${owner}.old`)],
    ['their password is there', () => writeFileSync(`${owner}.json`, '{}')],
    ['a start is under way', () => writeFileSync(`${owner}.starting`, `${process.pid}\n`)],
    ['the clone was moved', () => renameSync(path.join(folder, 'clone'), path.join(folder, 'b'))],
    ['their disk is not mounted', () => rmSync(path.dirname(owner), { recursive: true })],
    ['nothing tells whose they are', () => rmSync(path.join(home, 'data-of'))],
    ['the note is cut short', () => writeFileSync(path.join(home, 'data-of'), 'clo')],
    ['others may write to them', () => chmodSync(home, 0o777)],
  ])('but not where %s', async (_, arrange) => {
    arrange()
    expect(await isKept()).toBe(true)
  })

  it('but not where the way to the clone cannot be looked along', async () => {
    // A file where a folder was: neither there nor certainly gone.
    rmSync(path.dirname(owner), { recursive: true })
    writeFileSync(path.dirname(owner), '')
    expect(await isKept()).toBe(true)
  })

  it('but not where a PostgreSQL still serves them', { timeout: 240_000 }, async () => {
    const data = path.join(home, 'data')
    rmSync(data, { recursive: true })
    const server = await startEmbedded({ dataDir: data })
    expect(await isKept()).toBe(true)
    await server.stop()
    expect(await isKept()).toBe(false)
  })

  it('and never what bears another name', async () => {
    renameSync(home, path.join(parent, 'medical-settlement-of-somebody'))
    await sweepAbandoned({ parents: [parent], log: (line) => said.push(line) })
    expect(said).toEqual([])
    expect(existsSync(path.join(parent, 'medical-settlement-of-somebody'))).toBe(true)
  })
})
