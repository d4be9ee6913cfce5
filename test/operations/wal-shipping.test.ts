/** The server takes WAL to the backups all the time, and a command does so beside it. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type BackupPlace, openPlace } from '../../db/backup/place.ts'
import { shipWal, walLedger } from '../../db/backup/wal.ts'
import { walOutOf } from '../../db/embedded/data-folder.ts'

const NAMES = Array.from({ length: 12 }, (_, index) => index.toString(16).padStart(24, '0'))

let folder: string
let real: string
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'settlement-wal-'))
  real = path.join(folder, 'postgres')
  mkdirSync(walOutOf(real))
  for (const name of NAMES) {
    writeFileSync(path.join(walOutOf(real), name), randomBytes(200_000))
  }
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const stored = (name: string): string =>
  createHash('sha256')
    .update(readFileSync(path.join(folder, 'backups', 'wal', `${name}.enc`)))
    .digest('hex')

/** The place of the backups as each process opens it for itself. */
const place = (key: Buffer): BackupPlace => openPlace(path.join(folder, 'backups'), key)

function expectAllTakenOnce(): void {
  const ledger = walLedger(place(Buffer.alloc(32)))
  expect([...ledger.keys()]).toEqual(NAMES)
  for (const [name, { sha256 }] of ledger) expect(stored(name)).toBe(sha256)
  expect(readdirSync(walOutOf(real))).toEqual([])
}

it('three who take WAL at the same moment take every file once, as the ledger says', async () => {
  const key = randomBytes(32)
  const taken = await Promise.all([1, 2, 3].map(() => shipWal(real, place(key))))
  expect(taken.reduce((sum, n) => sum + n, 0)).toBe(NAMES.length)
  expectAllTakenOnce()
})

it('whoever died while taking holds nobody up', async () => {
  const nobody = 4_194_303 // The largest number a process may have, and hardly ever has.
  writeFileSync(`${walOutOf(real)}.taking`, `${nobody}\n`)
  expect(await shipWal(real, place(randomBytes(32)))).toBe(NAMES.length)
  expectAllTakenOnce()
})
