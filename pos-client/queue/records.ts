/** What the journal holds, and how its records fold into the state of every intention. */
import { z } from 'zod'
import {
  type CashierState,
  type CentreState,
  cashierStateAfter,
  centreStateAfter,
  isDecided,
} from './states.ts'

/** In the centre's words; each is a write under a key. */
export const OPERATIONS = [
  'settle',
  'return',
  'reverse',
  'compensate',
  'record-trace-codes',
] as const
export type Operation = (typeof OPERATIONS)[number]

const Intent = z.strictObject({
  kind: z.literal('intent'),
  /** Contiguous from 1 in this journal. */
  sequence: z.number().int().min(1),
  /** Whose key it is; null where an older till wrote it down. */
  terminalId: z.string().nullable().default(null),
  /** UUIDv7: the idempotency key, minted here. */
  key: z.string(),
  operation: z.enum(OPERATIONS),
  path: z.string(),
  /** The exact text that is sent, every time; null once decided and carried over. */
  body: z.string().nullable(),
  /** Total expense in yuan, for the badge; null where the intention names none. */
  amount: z.string().nullable(),
  createdAt: z.string(),
})
/** A sending that led to no answer: missed (nothing happened) or in doubt. */
const Attempt = z.strictObject({
  kind: z.literal('attempt'),
  key: z.string(),
  result: z.enum(['miss', 'doubt']),
  cause: z.string(),
  at: z.string(),
})
const Verdict = z.strictObject({
  kind: z.literal('verdict'),
  key: z.string(),
  verdict: z.enum(['answer', 'refuse', 'withdraw']),
  status: z.number().int().nullable(),
  /** The centre's answer exactly as it came. */
  text: z.string().nullable(),
  at: z.string(),
})
const Shown = z.strictObject({ kind: z.literal('shown'), key: z.string(), at: z.string() })
/** Paper that came out: of an intention of ours or of any document of the institution. */
const Printed = z.strictObject({
  kind: z.literal('printed'),
  documentId: z.string(),
  key: z.string().nullable(),
  copy: z.number().int().min(1),
  at: z.string(),
})
/** First record of a file that goes on from an earlier one. */
const Carried = z.strictObject({
  kind: z.literal('carried'),
  nextSequence: z.number().int().min(1),
  at: z.string(),
})

export const JournalRecord = z.discriminatedUnion('kind', [
  Intent,
  Attempt,
  Verdict,
  Shown,
  Printed,
  Carried,
])
export type JournalRecord = z.infer<typeof JournalRecord>
export type IntentRecord = z.infer<typeof Intent>

/** An intention as the journal and this process know it. */
export type Entry = {
  readonly sequence: number
  readonly terminalId: string | null
  /** Made at another terminal: never sent from here, its outcome is asked for. */
  readonly isForeign: boolean
  readonly key: string
  readonly operation: Operation
  readonly path: string
  readonly body: string | null
  readonly amount: string | null
  readonly createdAt: string
  readonly centre: CentreState
  readonly cashier: CashierState
  /** Sendings that led to no answer. */
  readonly attempts: number
  /** Short cause of the latest of them, e.g. `timeout`. */
  readonly cause: string | null
  readonly status: number | null
  readonly text: string | null
}

export type JournalState = {
  readonly entries: Map<string, Entry>
  /** How many copies of a document came out on paper. */
  readonly copies: Map<string, number>
  nextSequence: number
}

export const emptyState = (): JournalState => ({
  entries: new Map(),
  copies: new Map(),
  nextSequence: 1,
})

const EVENT_OF = { answer: 'answer', refuse: 'refuse', withdraw: 'withdraw' } as const

/** An attempt and a verdict are written after a sending, which itself is not written down. */
const whileSending = (state: CentreState): CentreState =>
  state === 'stored' || state === 'unknown' ? centreStateAfter(state, 'send') : state

/** Folds one record in; live and at recovery alike. A record of an unknown key changes nothing. */
export function fold(state: JournalState, record: JournalRecord): void {
  if (record.kind === 'carried') {
    state.nextSequence = Math.max(state.nextSequence, record.nextSequence)
    return
  }
  if (record.kind === 'intent') {
    const { kind: _, ...intent } = record
    state.entries.set(record.key, {
      ...intent,
      isForeign: false,
      centre: 'stored',
      cashier: 'pending',
      attempts: 0,
      cause: null,
      status: null,
      text: null,
    })
    state.nextSequence = Math.max(state.nextSequence, record.sequence + 1)
    return
  }
  if (record.kind === 'printed') state.copies.set(record.documentId, record.copy)
  const entry = record.key === null ? undefined : state.entries.get(record.key)
  if (entry !== undefined) state.entries.set(entry.key, entryAfter(entry, record))
}

type EntryRecord = Exclude<JournalRecord, { kind: 'carried' | 'intent' }>

function entryAfter(entry: Entry, record: EntryRecord): Entry {
  switch (record.kind) {
    case 'attempt':
      return {
        ...entry,
        centre: centreStateAfter(whileSending(entry.centre), record.result),
        attempts: entry.attempts + 1,
        cause: record.cause,
      }
    case 'verdict': {
      const before = record.verdict === 'withdraw' ? entry.centre : whileSending(entry.centre)
      const centre = isDecided(before) ? before : centreStateAfter(before, EVENT_OF[record.verdict])
      return { ...entry, centre, status: record.status, text: record.text }
    }
    case 'shown':
      return { ...entry, cashier: cashierStateAfter(entry.cashier, 'show') }
    case 'printed':
      return { ...entry, cashier: cashierStateAfter(entry.cashier, 'print') }
  }
}
