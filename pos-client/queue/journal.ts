/**
 * The till's journal: append-only, checksummed, flushed. A record counts as written when `append`
 * resolves, and outlives a power cut from then on. One writer at a time; the next in line waits.
 */

import { instantText } from '../../server/kernel/calendar.ts'
import type { Clock } from '../../server/kernel/clock.ts'
import { invariant } from '../../server/kernel/invariant.ts'
import type { FileSystem } from './file-system.ts'
import { frameOf } from './frame.ts'
import { fold, type JournalRecord, type JournalState } from './records.ts'
import {
  doubt,
  markForeign,
  markRestarted,
  readLatest,
  recordsOf,
  removeOld,
  type Segment,
  setAside,
  startSegment,
} from './segments.ts'
import { isDecided } from './states.ts'

/**
 * The disk did not take a record. Where it was an intent, it has not been sent and never will be:
 * no file that counts holds it.
 */
export class JournalWriteError extends Error {
  override readonly name = 'JournalWriteError'
}

export type Journal = {
  readonly state: JournalState
  /** Bytes of the last run's file that belonged to no whole record. */
  readonly damagedBytes: number
  /**
   * Flushes the record, then folds it into the state; throws JournalWriteError. A record that
   * depends on the state is made when its turn has come. An intent that was not flushed but may
   * still come back counts as stored, its outcome unknown: see `makeSure`.
   */
  append(record: JournalRecord | ((state: JournalState) => JournalRecord)): Promise<void>
  /**
   * Resolves once the disk holds the state as it is here, and nothing that failed to be written can
   * come back; throws JournalWriteError. Nothing may be sent before.
   */
  makeSure(): Promise<void>
  /**
   * Goes on in a new file where this one holds bodies of decided intentions, which nobody needs any
   * more; keys, outcomes and copies stay. Throws JournalWriteError, and nothing is lost.
   */
  compact(): Promise<void>
  close(): Promise<void>
}

export type JournalOptions = {
  readonly fileSystem: FileSystem
  readonly folder: string
  readonly clock: Clock
  /** The terminal that this till is now. */
  readonly terminalId: string
  /** A new file is started beyond this size. */
  readonly segmentBytesMax?: number
}

const SEGMENT_BYTES_MAX = 4 * 1024 * 1024

const undecidedIn = ({ entries }: JournalState): string[] =>
  [...entries.values()].filter(({ centre }) => !isDecided(centre)).map(({ key }) => key)

function failed(cause: unknown): never {
  throw new JournalWriteError('the journal could not be flushed', { cause })
}

/** Opens the journal and recovers what the last run left; a damaged file is set aside. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { fileSystem, folder } = options
  await fileSystem.makeFolder(folder)
  const { state, number, damagedBytes } = await readLatest(fileSystem, folder)
  markRestarted(state)
  markForeign(state, options.terminalId)
  const writer = new JournalWriter(options, state)
  // Every start begins a new file: the tail of the old one may hold unflushed bytes.
  await writer.begin(number)
  if (damagedBytes > 0) await setAside(fileSystem, folder, number)
  await writer.tidy()
  let last: Promise<void> = Promise.resolve()
  const inTurn = (errand: () => Promise<void>): Promise<void> => {
    const done = last.then(errand)
    last = done.catch(() => undefined)
    return done
  }
  return {
    state,
    damagedBytes,
    append: (record) =>
      inTurn(() => writer.write(typeof record === 'function' ? record(state) : record)),
    makeSure: () => inTurn(() => writer.makeSure()),
    compact: () => inTurn(() => writer.compact()),
    async close() {
      await last
      await writer.close()
    },
  }
}

/** Writes one record after the other, and knows of each that failed whether it can come back. */
class JournalWriter {
  private readonly options: JournalOptions
  private readonly state: JournalState
  private segment: Segment | null = null
  /** Bytes of the file that are flushed. */
  private bytes = 0
  private bytesWanted = 0
  /** What the file holds is not what the state says: no record may follow in it. */
  private broken = false
  /** Intentions whose bodies are on the disk, in this file or in one that could not be removed. */
  private withBody = new Set<string>()

  constructor(options: JournalOptions, state: JournalState) {
    this.options = options
    this.state = state
  }

  /** Begins the file after this number with everything the state still needs. */
  async begin(after: number): Promise<void> {
    const { fileSystem, folder, clock, segmentBytesMax = SEGMENT_BYTES_MAX } = this.options
    // Should this fail half-way, the new file may count already: the old one gets no more records.
    this.broken = true
    const records = recordsOf(this.state, instantText(clock.now()))
    this.segment = await startSegment(fileSystem, folder, after + 1, records)
    this.broken = false
    this.withBody = new Set(undecidedIn(this.state))
    this.bytes = this.segment.bytes
    this.bytesWanted = this.bytes + segmentBytesMax
  }

  async tidy(): Promise<void> {
    const { fileSystem, folder } = this.options
    await removeOld(fileSystem, folder, this.current().number)
  }

  async makeSure(): Promise<void> {
    if (this.broken) await this.renew().catch(failed)
  }

  async compact(): Promise<void> {
    const open = new Set(undecidedIn(this.state))
    const isClean = [...this.withBody].every((key) => open.has(key))
    if (!isClean) await this.renew().catch(failed)
  }

  async write(record: JournalRecord): Promise<void> {
    const frame = frameOf(JSON.stringify(record))
    if (this.broken || this.bytes > this.bytesWanted) await this.renew().catch(failed)
    const { file } = this.current()
    if (record.kind === 'intent') this.withBody.add(record.key)
    try {
      await file.append(frame)
      await file.sync()
    } catch (cause) {
      // Nobody knows what the file holds now, and nobody is told anything before that is settled.
      this.broken = true
      if ((await this.takenBack()) || record.kind !== 'intent') failed(cause)
      fold(this.state, record)
      doubt(this.state, record.key)
      return
    }
    this.bytes += frame.byteLength
    fold(this.state, record)
  }

  async close(): Promise<void> {
    await this.current().file.close()
  }

  private current(): Segment {
    invariant(this.segment !== null, 'a journal begins with its first file')
    return this.segment
  }

  private async renew(): Promise<void> {
    const old = this.current()
    const { withBody } = this
    await this.begin(old.number)
    // The new file counts from now on; what cannot be tidied up today is removed another time.
    await old.file.close().catch(() => undefined)
    await this.tidy().catch(() => {
      this.withBody = withBody
    })
  }

  /** Whether the record that was not flushed is gone for good: by a new file, or by a cut. */
  private async takenBack(): Promise<boolean> {
    try {
      await this.renew()
      return true
    } catch {
      return this.cutOff().then(
        () => true,
        () => false,
      )
    }
  }

  private async cutOff(): Promise<void> {
    const { file } = this.current()
    await file.truncate(this.bytes)
    await file.sync()
  }
}
