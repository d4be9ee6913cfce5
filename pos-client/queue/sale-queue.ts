/** Intentions of the till: stored first, sent after, told to the cashier last. */
import { instantText } from '../../server/kernel/calendar.ts'
import { newId } from '../../server/kernel/ids.ts'
import { invariant } from '../../server/kernel/invariant.ts'
import { add, formatMoney, type Money, parseMoney, ZERO } from '../../server/kernel/money.ts'
import { type Journal, type JournalOptions, openJournal } from './journal.ts'
import type { Entry, Operation } from './records.ts'
import { centreStateAfter, isDecided } from './states.ts'

export type Intention = {
  readonly operation: Operation
  readonly path: string
  /** The text that will be sent, byte for byte. */
  readonly body: string
  readonly amount: string | null
  /** Minted here unless the caller minted it earlier. */
  readonly key?: string
}

/** Undecided intentions: how many, how much in yuan, since when. */
export type QueueSummary = {
  readonly count: number
  readonly amount: string
  readonly oldestAt: string | null
}

export type Verdict = {
  readonly verdict: 'answer' | 'refuse' | 'withdraw'
  readonly status: number | null
  readonly text: string | null
}

export type SaleQueue = QueueMarks & {
  readonly damagedBytes: number
  /**
   * Flushed when it resolves, or, on a failing disk, of unknown outcome from the start. Where it
   * throws JournalWriteError the intention is gone for good. The same key again gives the entry
   * that exists.
   */
  store(intention: Intention): Promise<Entry>
  /** Nothing is sent before this resolves; see Journal. */
  makeSure(): Promise<void>
  /** Leaves no body of a decided intention on the disk; see Journal. */
  compact(): Promise<void>
  entry(key: string): Entry | null
  entries(): readonly Entry[]
  undecided(): readonly Entry[]
  summary(): QueueSummary
  /** Copies of a document that came out on paper. */
  copiesOf(documentId: string): number
  close(): Promise<void>
}

/** What is written down about an intention that exists. */
export type QueueMarks = {
  markSending(key: string): void
  /** Leaves what was being sent undecided where its result could not be written down. */
  markDoubt(key: string): void
  noteAttempt(key: string, result: 'miss' | 'doubt', cause: string): Promise<void>
  decide(key: string, verdict: Verdict): Promise<void>
  markShown(key: string): Promise<void>
  /** Counts one more paper copy of a document; gives its number, 1 for the first. */
  countCopy(documentId: string, key: string | null): Promise<number>
}

export async function openSaleQueue(options: JournalOptions): Promise<SaleQueue> {
  const { clock, terminalId } = options
  const journal = await openJournal(options)
  const { entries, copies } = journal.state
  const now = () => instantText(clock.now())
  const storing = new Map<string, Promise<Entry>>()
  const undecided = () => [...entries.values()].filter((entry) => !isDecided(entry.centre))

  const write = async (intention: Intention, key: string): Promise<Entry> => {
    const { operation, path, body, amount } = intention
    await journal.append(({ nextSequence: sequence }) => ({
      kind: 'intent',
      sequence,
      terminalId,
      key,
      operation,
      path,
      body,
      amount,
      createdAt: now(),
    }))
    return knownIn(entries, key)
  }

  return {
    ...marksOf(journal, now),
    damagedBytes: journal.damagedBytes,
    store(intention) {
      const key = intention.key ?? newId()
      const existing = entries.get(key)
      if (existing) return Promise.resolve(existing)
      const running = storing.get(key)
      if (running) return running
      const written = write(intention, key).finally(() => storing.delete(key))
      storing.set(key, written)
      return written
    },
    makeSure: () => journal.makeSure(),
    compact: () => journal.compact(),
    entry: (key) => entries.get(key) ?? null,
    entries: () => [...entries.values()],
    undecided,
    summary: () => summaryOf(undecided()),
    copiesOf: (documentId) => copies.get(documentId) ?? 0,
    close: () => journal.close(),
  }
}

function knownIn(entries: ReadonlyMap<string, Entry>, key: string): Entry {
  const entry = entries.get(key)
  invariant(entry !== undefined, 'an intention is stored before anything happens to it')
  return entry
}

function marksOf(journal: Journal, now: () => string): QueueMarks {
  const { entries, copies } = journal.state
  const step = (key: string, event: 'send' | 'doubt'): void => {
    const entry = knownIn(entries, key)
    entries.set(key, { ...entry, centre: centreStateAfter(entry.centre, event) })
  }
  return {
    markSending: (key) => step(key, 'send'),
    markDoubt: (key) => step(key, 'doubt'),
    noteAttempt: (key, result, cause) =>
      journal.append({ kind: 'attempt', key, result, cause, at: now() }),
    decide: (key, verdict) => journal.append({ kind: 'verdict', key, ...verdict, at: now() }),
    markShown: (key) => journal.append({ kind: 'shown', key, at: now() }),
    async countCopy(documentId, key) {
      let copy = 0
      await journal.append(() => {
        copy = (copies.get(documentId) ?? 0) + 1
        return { kind: 'printed', documentId, key, copy, at: now() }
      })
      return copy
    },
  }
}

function summaryOf(entries: readonly Entry[]): QueueSummary {
  const amounts = entries.map((entry): Money => (entry.amount ? parseMoney(entry.amount) : ZERO))
  const oldest = entries.reduce<string | null>(
    (first, { createdAt }) => (first === null || createdAt < first ? createdAt : first),
    null,
  )
  return { count: entries.length, amount: formatMoney(add(ZERO, ...amounts)), oldestAt: oldest }
}
