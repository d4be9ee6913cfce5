/**
 * The journal's files: `journal-000001.log` and on. The highest number counts; each begins with
 * everything still needed of the one before, is written under another name, flushed and only then
 * renamed, so a power cut leaves the old file or the new one, never half of either.
 */
import { join } from 'node:path'
import type { FileSystem, JournalFile } from './file-system.ts'
import { frameOf, readFrames } from './frame.ts'
import { type Entry, emptyState, fold, JournalRecord, type JournalState } from './records.ts'
import { centreStateAfter, isDecided } from './states.ts'

const SEGMENT_PATTERN = /^journal-(\d{6})\.log$/
/** Decided intentions that a new file still carries, for the list of last sales. */
const DECIDED_CARRIED_MAX = 200
const COPIES_CARRIED_MAX = 5000

export const segmentName = (number: number): string =>
  `journal-${number.toString().padStart(6, '0')}.log`

export type Segment = {
  readonly number: number
  readonly file: JournalFile
  readonly bytes: number
}

export type Recovered = {
  readonly state: JournalState
  /** Number of the file that was read; 0 where there was none. */
  readonly number: number
  readonly bytes: number
  readonly damagedBytes: number
}

/** Reads what the last run left. Fails only for a disk that fails, never for what a file holds. */
export async function readLatest(fileSystem: FileSystem, folder: string): Promise<Recovered> {
  const numbers = (await fileSystem.names(folder))
    .map((name) => SEGMENT_PATTERN.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map((digits) => Number.parseInt(digits, 10))
  const number = Math.max(0, ...numbers)
  const state = emptyState()
  if (number === 0) return { state, number, bytes: 0, damagedBytes: 0 }
  const content = await fileSystem.read(join(folder, segmentName(number)))
  const { payloads, damagedBytes } = readFrames(content)
  for (const payload of payloads) fold(state, JournalRecord.parse(JSON.parse(payload)))
  return { state, number, bytes: content.byteLength, damagedBytes }
}

/**
 * Removes every file that the one of this number has taken over from. It is flushed by then, and
 * what it leaves behind, bodies of decided intentions with card and ID numbers, is to stay nowhere.
 */
export async function removeOld(fileSystem: FileSystem, folder: string, number: number) {
  for (const name of await fileSystem.names(folder)) {
    const digits = SEGMENT_PATTERN.exec(name)?.[1]
    if (digits === undefined || Number.parseInt(digits, 10) >= number) continue
    await fileSystem.remove(join(folder, name))
  }
}

/** After a restart nobody knows whether an undecided intention had been sent. */
export function markRestarted(state: JournalState): void {
  for (const { key, centre } of state.entries.values()) if (!isDecided(centre)) doubt(state, key)
}

/**
 * Tells the intentions of this terminal from those of another one, whose queue this was before the
 * machine was enrolled anew. What an older till wrote down without a name is this one's.
 */
export function markForeign(state: JournalState, terminalId: string): void {
  for (const entry of state.entries.values()) {
    const maker = entry.terminalId ?? terminalId
    const isForeign = maker !== terminalId
    state.entries.set(entry.key, { ...entry, terminalId: maker, isForeign })
  }
}

/** Leaves open what became of an undecided intention, or what will. */
export function doubt(state: JournalState, key: string): void {
  const entry = state.entries.get(key)
  if (entry === undefined) return
  state.entries.set(key, { ...entry, centre: centreStateAfter(entry.centre, 'restart') })
}

/** Starts the next file with what the state still needs. */
export async function startSegment(
  fileSystem: FileSystem,
  folder: string,
  number: number,
  records: readonly JournalRecord[],
): Promise<Segment> {
  const name = join(folder, segmentName(number))
  const bytes = Buffer.concat(records.map((record) => frameOf(JSON.stringify(record))))
  const draft = await fileSystem.create(`${name}.new`)
  await draft.append(bytes)
  await draft.sync()
  await draft.close()
  await fileSystem.rename(`${name}.new`, name)
  await fileSystem.syncFolder(folder)
  return { number, file: await fileSystem.openToAppend(name), bytes: bytes.byteLength }
}

/** A damaged file is kept whole under a name of its own, for a person to look at. */
export async function setAside(fileSystem: FileSystem, folder: string, number: number) {
  const name = segmentName(number)
  await fileSystem.rename(join(folder, name), join(folder, `${name}.damaged-${number}`))
  await fileSystem.syncFolder(folder)
}

/** The records that make this state again, in order; decided bodies are left behind. */
export function recordsOf(state: JournalState, at: string): JournalRecord[] {
  const entries = [...state.entries.values()].sort((a, b) => a.sequence - b.sequence)
  const decided = entries.filter((entry) => isDecided(entry.centre))
  const left = new Set(decided.slice(0, -DECIDED_CARRIED_MAX))
  const copies = [...state.copies].slice(-COPIES_CARRIED_MAX)
  return [
    { kind: 'carried', nextSequence: state.nextSequence, at },
    ...entries.filter((entry) => !left.has(entry)).flatMap((entry) => recordsOfEntry(entry, at)),
    ...copies.map(
      ([documentId, copy]) => ({ kind: 'printed', documentId, key: null, copy, at }) as const,
    ),
  ]
}

const VERDICT_OF = { answered: 'answer', refused: 'refuse', withdrawn: 'withdraw' } as const

function recordsOfEntry(entry: Entry, at: string): JournalRecord[] {
  const { key, status, text, centre } = entry
  const decided = isDecided(centre)
  const records: JournalRecord[] = [
    {
      kind: 'intent',
      sequence: entry.sequence,
      terminalId: entry.terminalId,
      key,
      operation: entry.operation,
      path: entry.path,
      body: decided ? null : entry.body,
      amount: entry.amount,
      createdAt: entry.createdAt,
    },
  ]
  if (entry.cause !== null && !decided) {
    const result = centre === 'unknown' || centre === 'resolving' ? 'doubt' : 'miss'
    records.push({ kind: 'attempt', key, result, cause: entry.cause, at })
  }
  if (centre === 'answered' || centre === 'refused' || centre === 'withdrawn') {
    records.push({ kind: 'verdict', key, verdict: VERDICT_OF[centre], status, text, at })
  }
  if (entry.cashier === 'shown') records.push({ kind: 'shown', key, at })
  if (entry.cashier === 'printed') {
    records.push({ kind: 'printed', documentId: key, key, copy: 1, at })
  }
  return records
}
