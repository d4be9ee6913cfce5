/**
 * Sends intentions and sees every one of them through: the same key and the same body again, each
 * time newly signed, with growing pauses and jitter, until the centre has spoken. Only an intention
 * of which provably nothing arrived is given up, and the cashier is told so.
 */
import type { z } from 'zod'
import { invariant } from '../../server/kernel/invariant.ts'
import { ANSWERS, classOf } from '../server-gateway/classes.ts'
import type { Gateway, GatewayAnswer } from '../server-gateway/gateway.ts'
import { jsonOf, problemIn } from '../server-gateway/notice.ts'
import type { CardPins } from './card-pins.ts'
import { askForForeign } from './foreign.ts'
import { JournalWriteError } from './journal.ts'
import type { Entry } from './records.ts'
import type { SaleQueue, Verdict } from './sale-queue.ts'
import { isDecided } from './states.ts'

/** What one sending came to. */
export type Reading =
  | { readonly kind: 'verdict'; readonly verdict: Verdict }
  | {
      readonly kind: 'miss' | 'doubt'
      readonly cause: string
      readonly retryAfterMs: number | null
      readonly status: number | null
      readonly text: string | null
    }

/**
 * Reads an answer; `inDoubtBefore` is whether an earlier sending of this key may have arrived, and
 * `expected` what the contract answers. Only the centre's own words are final: a page to log in to
 * the network, or half an answer, comes with status 200 too.
 */
export function readAnswer(
  answer: GatewayAnswer,
  inDoubtBefore: boolean,
  expected: z.ZodType,
): Reading {
  if (answer.kind !== 'answer') {
    const kind = answer.kind === 'unreached' ? 'miss' : 'doubt'
    return { kind, cause: answer.cause, retryAfterMs: null, status: null, text: null }
  }
  const { status, text, retryAfterMs } = answer
  const isSuccess = status >= 200 && status < 300
  if (isSuccess && expected.safeParse(jsonOf(text)).success) {
    return { kind: 'verdict', verdict: { verdict: 'answer', status, text } }
  }
  const problem = isSuccess ? null : problemIn(text)
  // Neither an answer nor a problem of ours: somebody between us and the centre has spoken.
  if (problem === null) {
    return { kind: 'doubt', cause: `status ${status}`, retryAfterMs, status, text: null }
  }
  const found = classOf(problem)
  const final = found === 'decided' || (found === 'door' && !inDoubtBefore)
  if (final) return { kind: 'verdict', verdict: { verdict: 'refuse', status, text } }
  const kind = found === 'in-doubt' ? 'doubt' : 'miss'
  return { kind, cause: problem.code, retryAfterMs, status, text }
}

export type Pause = (ms: number, signal: AbortSignal) => Promise<void>

export type SenderOptions = {
  readonly queue: SaleQueue
  readonly gateway: Gateway
  readonly cardPins?: CardPins
  readonly pause: Pause
  /** Between 0 and 1. */
  readonly random: () => number
  /** For how long an intention that reached nobody is tried before it is given up. */
  readonly patienceMs?: number
  readonly backoffMsMax?: number
}

export const PATIENCE_MS = 6_000
const BACKOFF_MS_MIN = 250
const BACKOFF_MS_MAX = 30_000
/** An answer that takes longer than this is asked for at the next start. */
const STOP_MS_MAX = 3_000

/**
 * How long is waited before an intention is sent again, in ms: at least what the centre asked for,
 * and longer each time; `chance` (0 to 1) spreads those who were turned away together.
 */
export function waitAfter(
  attempt: number,
  retryAfterMs: number | null,
  chance: number,
  mostMs = BACKOFF_MS_MAX,
): number {
  const grown = Math.min(BACKOFF_MS_MIN * 2 ** Math.min(attempt, 12), mostMs)
  return Math.max(retryAfterMs ?? 0, grown * (0.5 + chance / 2))
}

export type Sender = {
  /** Sees an intention through in the background; again for the same key does nothing more. */
  start(key: string): void
  /** The entry once it is decided or unknown, or as it stands when the time is over. */
  settled(key: string, withinMs: number): Promise<Entry>
  /** Stops asking; what is undecided is taken up at the next start. */
  stop(): Promise<void>
}

/** The journal did not take what had to be written down. */
const UNWRITTEN = {
  kind: 'doubt',
  cause: 'journal',
  retryAfterMs: null,
  status: null,
  text: null,
} as const satisfies Reading

/** Nothing is known yet of an intention of another terminal. */
const UNHEARD = { ...UNWRITTEN, cause: 'foreign' } as const satisfies Reading

/** Asks once what became of an intention of another terminal. */
async function askOnce({ queue, gateway }: SenderOptions, entry: Entry): Promise<Reading> {
  const verdict = await askForForeign(gateway, entry)
  if (verdict === null) return UNHEARD
  const written = await writtenDown(() => queue.decide(entry.key, verdict))
  return written ? { kind: 'verdict', verdict } : UNWRITTEN
}

/** Sends once and writes down what came of it. */
async function sendOnce(
  { queue, gateway, cardPins }: SenderOptions,
  entry: Entry,
): Promise<Reading> {
  const { operation, path, body, key, centre } = entry
  invariant(body !== null, 'an undecided intention still has its body')
  // A verdict that was not flushed could come back after a power cut and deny what is sent now.
  if (!(await writtenDown(() => queue.makeSure()))) return UNWRITTEN
  queue.markSending(key)
  const answer = await gateway.call({
    method: 'POST',
    path,
    body,
    key,
    cardPin: cardPins?.of(key),
  })
  const reading = readAnswer(answer, centre === 'unknown', ANSWERS[operation])
  const written = await writtenDown(() =>
    reading.kind === 'verdict'
      ? queue.decide(key, reading.verdict)
      : queue.noteAttempt(key, reading.kind, reading.cause),
  )
  if (written) return reading
  // What is not on disk is not known: the key is asked for again, and the centre repeats itself.
  queue.markDoubt(key)
  return UNWRITTEN
}

export function openSender(options: SenderOptions): Sender {
  const { queue, pause, random } = options
  const { patienceMs = PATIENCE_MS, backoffMsMax } = options
  const stopping = new AbortController()
  const running = new Map<string, Promise<void>>()
  const known = (key: string): Entry => {
    const entry = queue.entry(key)
    invariant(entry !== null, 'an intention is stored before it is sent')
    return entry
  }

  const seeThrough = async (key: string): Promise<void> => {
    let waitedMs = 0
    for (let attempt = 0; !stopping.signal.aborted; attempt += 1) {
      const entry = known(key)
      const reading = await (entry.isForeign ? askOnce : sendOnce)(options, entry)
      if (reading.kind === 'verdict') return
      const waitMs = waitAfter(attempt, reading.retryAfterMs, random(), backoffMsMax)
      waitedMs += waitMs
      if (known(key).centre === 'stored' && waitedMs > patienceMs) {
        const { status, text } = reading
        const withdrawn = { verdict: 'withdraw', status, text } as const
        if (await writtenDown(() => queue.decide(key, withdrawn))) return
      }
      await pause(waitMs, stopping.signal)
    }
  }

  return {
    start(key) {
      if (running.has(key) || isDecided(known(key).centre) || stopping.signal.aborted) return
      const seen = seeThrough(key).finally(() => {
        running.delete(key)
        options.cardPins?.drop(key)
      })
      running.set(key, seen)
    },
    async settled(key, withinMs) {
      const waiting = new AbortController()
      const timer = setTimeout(() => waiting.abort(), withinMs)
      const mayGoOn = () => !waiting.signal.aborted && !isDecided(known(key).centre)
      while (mayGoOn() && known(key).centre !== 'unknown' && known(key).centre !== 'resolving') {
        await pause(20, waiting.signal)
      }
      clearTimeout(timer)
      return known(key)
    },
    async stop() {
      stopping.abort()
      const ended = new AbortController()
      void Promise.allSettled(running.values()).then(() => ended.abort())
      await pause(STOP_MS_MAX, ended.signal)
    },
  }
}

/** Whether the journal took it; any other mistake goes on. */
async function writtenDown(write: () => Promise<void>): Promise<boolean> {
  try {
    await write()
    return true
  } catch (error) {
    if (error instanceof JournalWriteError) return false
    throw error
  }
}

/** Waits; ends early, without an error, when the signal is raised. */
export const pauseFor: Pause = (ms, signal) =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
