/**
 * The till's journal: append-only, checksummed, flushed. A record counts as written when `append`
 * resolves, and outlives a power cut from then on. One writer at a time; the next in line waits.
 */

import { instantText } from '../../server/kernel/calendar.ts'
import type { Clock } from '../../server/kernel/clock.ts'
import type { FileSystem } from './file-system.ts'
import { frameOf } from './frame.ts'
import { fold, type JournalRecord, type JournalState } from './records.ts'
import {
  markRestarted,
  readLatest,
  recordsOf,
  removeOld,
  type Segment,
  setAside,
  startSegment,
} from './segments.ts'

/** The disk did not take a record; what it was about has not been sent. */
export class JournalWriteError extends Error {
  override readonly name = 'JournalWriteError'
}

export type Journal = {
  readonly state: JournalState
  /** Bytes of the last run's file that belonged to no whole record. */
  readonly damagedBytes: number
  /**
   * Flushes the record, then folds it into the state; throws JournalWriteError. A record that
   * depends on the state is made when its turn has come.
   */
  append(record: JournalRecord | ((state: JournalState) => JournalRecord)): Promise<void>
  close(): Promise<void>
}

export type JournalOptions = {
  readonly fileSystem: FileSystem
  readonly folder: string
  readonly clock: Clock
  /** A new file is started beyond this size. */
  readonly segmentBytesMax?: number
}

const SEGMENT_BYTES_MAX = 4 * 1024 * 1024

/** Opens the journal and recovers what the last run left; a damaged file is set aside. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { fileSystem, folder, clock, segmentBytesMax = SEGMENT_BYTES_MAX } = options
  await fileSystem.makeFolder(folder)
  const { state, number, damagedBytes } = await readLatest(fileSystem, folder)
  markRestarted(state)
  const next = (after: number): Promise<Segment> =>
    startSegment(fileSystem, folder, after + 1, recordsOf(state, instantText(clock.now())))
  // Every start begins a new file: the tail of the old one may hold unflushed bytes.
  let segment = await next(number)
  if (damagedBytes > 0) await setAside(fileSystem, folder, number)
  await removeOld(fileSystem, folder, segment.number)
  let bytes = segment.bytes
  let bytesWanted = segment.bytes + segmentBytesMax
  let broken = false

  const renew = async (): Promise<void> => {
    const old = segment
    segment = await next(old.number)
    broken = false
    bytes = segment.bytes
    bytesWanted = bytes + segmentBytesMax
    await old.file.close()
    await removeOld(fileSystem, folder, segment.number)
  }
  const write = async (record: JournalRecord): Promise<void> => {
    // After a failed flush nobody knows what the old file holds: go on in a new one.
    const frame = frameOf(JSON.stringify(record))
    try {
      if (broken || bytes > bytesWanted) await renew()
      await segment.file.append(frame)
      await segment.file.sync()
    } catch (cause) {
      broken = true
      throw new JournalWriteError('the journal could not be flushed', { cause })
    }
    bytes += frame.byteLength
    fold(state, record)
  }

  let last: Promise<void> = Promise.resolve()
  return {
    state,
    damagedBytes,
    append(record) {
      const make = typeof record === 'function' ? record : () => record
      const written = last.then(() => write(make(state)))
      last = written.catch(() => undefined)
      return written
    },
    async close() {
      await last
      await segment.file.close()
    },
  }
}
