/** A copy of a living database, and the way back to an instant; the short form of C28. */
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { baseFaults, type Manifest, takeBase } from '../../db/backup/base.ts'
import { openPlace } from '../../db/backup/place.ts'
import { rehearse } from '../../db/backup/rehearse.ts'
import { restore } from '../../db/backup/restore.ts'
import { segmentNumber } from '../../db/backup/wal.ts'
import { removeEmbedded } from '../../db/embedded.ts'
import { cardOf, refusedWith, settled, smallArea, storedAnswer } from '../support/area.ts'
import { givePin, sellWithPin } from '../support/card-pins.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type Archived, DATABASE, startArchived } from './archived.ts'

const key = randomBytes(32)
const invariantsFile = fileURLToPath(new URL('../../db/invariants.sql', import.meta.url))

let one: Archived
let manifest: Manifest
let noon: { at: string; books: string }
let evening: string
beforeAll(async () => {
  one = await startArchived(key)
  await one.sell(3)
  manifest = await takeBase(one.server(), one.dataDir, one.place)
  await lockCard()
  const at = await one.sell(4)
  noon = { at, books: await one.books(one.url) }
  await one.sell(5)
  evening = await one.books(one.url)
  await one.shipAll()
}, 240_000)
afterAll(() => one.remove())

const PIN = '739184'
const HOLDER = 'active-under-45'
/** Three wrong tries lock the PIN of a card. */
async function lockCard(): Promise<void> {
  storedAnswer(await givePin(one.area, cardOf(HOLDER), PIN), 200)
  settled(await sellWithPin(one.area, HOLDER, PIN))
  for (const wrong of ['000001', '000002', '000003']) await sellWithPin(one.area, HOLDER, wrong)
}

const inDatabase = (url: string): string => Object.assign(new URL(url), { pathname: DATABASE }).href

describe('a backup', { timeout: 240_000 }, () => {
  it('brings back the books of an instant, and the invariants hold', async () => {
    const into = path.join(one.folder, 'restored')
    const server = await restore({ place: one.place, into, to: noon.at })
    try {
      const url = inDatabase(server.url)
      expect(await one.books(url)).toBe(noon.books)
      expect(noon.books).not.toBe(evening)
      expect(await checkInvariants(url)).toEqual([])
    } finally {
      await server.stop('immediate')
      await removeEmbedded(into)
    }
  })

  it('brings back no try of a locked card’s PIN', async () => {
    const into = path.join(one.folder, 'restored-pin')
    const server = await restore({ place: one.place, into, to: noon.at })
    const area = await smallArea(inDatabase(server.url))
    try {
      expect(refusedWith(await sellWithPin(area, HOLDER, PIN))).toBe('card-pin-locked')
    } finally {
      await area.close()
      await server.stop('immediate')
      await removeEmbedded(into)
    }
  })

  it('is rehearsed beside the living database: nothing is missing', async () => {
    const told = await rehearse({
      place: one.place,
      into: path.join(one.folder, 'rehearsed'),
      database: DATABASE,
      livingUrl: one.url,
      invariantsFile,
    })
    // Twelve sales; and of the card: its PIN, one sale and three refusals.
    expect(told).toMatchObject({ rpoSeconds: 0, answers: 17, faults: [] })
    expect(told.rtoSeconds).toBeGreaterThan(0)
    expect(await one.books(one.url)).toBe(evening)
  })

  it('is not restored to an instant before the first copy', async () => {
    const into = path.join(one.folder, 'never')
    const before = restore({ place: one.place, into, to: '2020-01-01T00:00:00Z' })
    await expect(before).rejects.toThrow('no backup was complete by')
  })

  it('reads as nothing, and opens with no other key', async () => {
    const data = path.join(one.backups, 'base', manifest.id, 'data-0001.pack.enc')
    expect(readFileSync(data).includes('PG_VERSION')).toBe(false)
    const into = path.join(one.folder, 'wrong')
    const wrong = openPlace(one.backups, randomBytes(32))
    await expect(restore({ place: wrong, into, to: null })).rejects.toThrow()
  })
})

describe('what is wrong with a backup is found before it is needed', { timeout: 240_000 }, () => {
  const wal = () =>
    readdirSync(path.join(one.backups, 'wal'))
      .filter((name) => segmentNumber(name.replace('.enc', '')) !== null)
      .filter((name) => name.replace('.enc', '') >= manifest.firstWal)
      .map((name) => path.join(one.backups, 'wal', name))

  it('nothing is, as it lies there', async () => {
    expect(await baseFaults(one.place, manifest)).toEqual([])
    expect(wal().length).toBeGreaterThanOrEqual(2)
  })

  it.each(['first', 'last'] as const)('the %s WAL file deleted', async (which) => {
    const file = (which === 'first' ? wal().at(0) : wal().at(-1)) ?? ''
    renameSync(file, `${file}.aside`)
    try {
      const name = path.basename(file, '.enc')
      expect(await baseFaults(one.place, manifest)).toContain(`WAL file ${name} is missing`)
      const into = path.join(one.folder, 'planted')
      await expect(restore({ place: one.place, into, to: null })).rejects.toThrow('is missing')
    } finally {
      renameSync(`${file}.aside`, file)
    }
  })

  it('a byte changed in a WAL file, and in a file of the copy', async () => {
    const files = [
      wal().at(-1) ?? '',
      path.join(one.backups, 'base', manifest.id, 'data-0001.pack.enc'),
    ]
    for (const file of files) {
      const bytes = readFileSync(file)
      const changed = Buffer.from(bytes)
      changed[changed.length - 20] = (changed[changed.length - 20] ?? 0) ^ 1
      writeFileSync(file, changed)
      const faults = await baseFaults(one.place, manifest)
      writeFileSync(file, bytes)
      expect(faults).toEqual([expect.stringMatching(/is not what was archived|has changed/)])
    }
  })

  it('a file under another’s name does not open', async () => {
    const into = path.join(one.folder, 'swapped')
    const from = path.join(one.backups, 'base', manifest.id, 'data-0001.pack.enc')
    writeFileSync(path.join(one.backups, 'other.enc'), readFileSync(from))
    await expect(one.place.get('other', into)).rejects.toThrow()
    rmSync(path.join(one.backups, 'other.enc'))
  })
})
