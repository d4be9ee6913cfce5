/**
 * The archive of WAL files. PostgreSQL itself only copies a filled file into a folder beside its
 * data, which its own user may write; from there it is taken to the place of the backups, which may
 * be another disk that PostgreSQL's user does not see, encrypted, and noted in a ledger.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { walOutOf } from '../embedded/data-folder.ts'
import type { Settings } from '../embedded/settings.ts'
import { whileAlone } from '../embedded/start-lock.ts'
import type { BackupPlace } from './place.ts'

/** A file that is not full yet is archived after so many seconds; so much a lost disk may cost. */
export const ARCHIVE_TIMEOUT_S = 60

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`).replaceAll('%', '%%')}'`

/** Whole or not at all: written aside, flushed, renamed. */
export function archiveSettings(real: string): Settings {
  const target = walOutOf(real)
  const [part, whole] = [`${target}/%f.part`, `${target}/%f`].map((name) =>
    quoted(name).replaceAll('%%f', '%f'),
  )
  return {
    archive_mode: 'on',
    archive_timeout: `${ARCHIVE_TIMEOUT_S}s`,
    archive_command: `dd if="%p" of=${part} bs=1M conv=fsync 2>/dev/null && mv ${part} ${whole}`,
  }
}

export type LedgerEntry = {
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}
const LEDGER = 'wal/ledger.jsonl'

/**
 * Takes what PostgreSQL has put out to the place of the backups; answers how many files. The server
 * does so all the time, and so does a command beside it: one after the other, or the file that
 * stands there last would not be the one that the ledger knows.
 */
export async function shipWal(real: string, place: BackupPlace): Promise<number> {
  const folder = walOutOf(real)
  if (filesPutOut(folder).length === 0) return 0
  const doing = `taking ${folder} to the backups`
  return whileAlone(`${folder}.taking`, doing, () => takeAll(folder, place))
}

/** Whole files, oldest first. */
const filesPutOut = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => !name.endsWith('.part'))
        .sort()
    : []

async function takeAll(folder: string, place: BackupPlace): Promise<number> {
  const names = filesPutOut(folder)
  for (const name of names) {
    const stored = await place.put(`wal/${name}`, path.join(folder, name))
    place.append(LEDGER, JSON.stringify({ name, ...stored } satisfies LedgerEntry))
    rmSync(path.join(folder, name), { force: true })
  }
  return names.length
}

/** The ledger, the last entry of a name counting. */
export function walLedger(place: BackupPlace): Map<string, LedgerEntry> {
  const entries = place.lines(LEDGER).map((line) => JSON.parse(line) as LedgerEntry)
  return new Map(entries.map((entry) => [entry.name, entry]))
}

/** A WAL file's place in the order of all; null for histories and notes of backups. */
export function segmentNumber(name: string): number | null {
  if (!/^[0-9A-F]{24}$/.test(name)) return null
  return Number.parseInt(name.slice(8, 16), 16) * 256 + Number.parseInt(name.slice(16), 16)
}

/**
 * What is wrong with the archive from a WAL file on: files that are missing, by the ledger or
 * between two others, and files that are not what was archived.
 */
export async function walFaults(place: BackupPlace, first: string): Promise<string[]> {
  const from = segmentNumber(first) ?? 0
  const ledger = walLedger(place)
  const faults: string[] = []
  const numbers = new Set<number>()
  for (const { name, sha256 } of ledger.values()) {
    const number = segmentNumber(name)
    if (number !== null && number < from) continue
    const stored = await place.checksum(`wal/${name}`)
    if (stored === null) faults.push(`WAL file ${name} is missing`)
    else if (stored.sha256 !== sha256) faults.push(`WAL file ${name} is not what was archived`)
    else if (number !== null) numbers.add(number)
  }
  const last = Math.max(from, ...numbers)
  for (let number = from; number <= last; number += 1) {
    if (numbers.has(number)) continue
    const hex = (value: number): string => value.toString(16).toUpperCase().padStart(8, '0')
    faults.push(`the archive has a gap at …${hex(Math.floor(number / 256))}${hex(number % 256)}`)
  }
  return faults
}
