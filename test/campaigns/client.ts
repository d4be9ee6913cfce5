/**
 * A client as the campaigns know it: it writes an intention down before it sends, sends again under
 * the same key until the outcome is known, and keeps count of how every attempt ended.
 */
import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { contentDigestOf, signedHeaders } from '../../server/contract/signature.ts'
import { newId } from '../../server/kernel/ids.ts'
import { isFinal } from '../faults/till.ts'
import { SHOP, terminalOf } from '../support/area.ts'
import type { Intention, IntentJournal, Outcome } from '../support/journal.ts'

export type Attempt = {
  readonly key: string
  readonly nonce: string
  readonly tookMs: number
  /** The answer; null where the line broke or the client's limit passed. */
  readonly answer: { readonly status: number; readonly text: string } | null
  /** What the answer said in `Retry-After`; null where it said nothing. */
  readonly retryAfter: string | null
  /** The client waited in vain until its limit. */
  readonly timedOut: boolean
  /** Nobody listened: the request was not sent. */
  readonly notConnected: boolean
}

export type ClientOptions = {
  readonly url: () => string
  readonly journal: IntentJournal
  /** Till of the shop, 1 or 2. */
  readonly till: number
  /** An attempt without an answer is given up after this time. */
  readonly limitMs?: number
  readonly keepAlive?: boolean
  /** What the client's own clock says, in milliseconds since 1970. */
  readonly now?: () => number
  readonly onSend?: () => void
  readonly onAttempt?: (attempt: Attempt) => void
}

export type Client = {
  readonly clientId: string
  /** The outcome, or null where the client was told to give up before it was known. */
  send(path: string, body: unknown, key?: string): Promise<Outcome | null>
  /** One attempt and no more, nothing written down. */
  attempt(intention: Intention): Promise<Attempt>
  /** From this moment (of `performance.now`) on nothing is sent again. */
  giveUpAt(moment: number): void
  close(): void
}

export const LIMIT_MS = 15_000
const RETRY_MS = 25
/** Where nobody listens, asking often would only take the processor from whoever starts. */
const RETRY_NOBODY_MS = 150

export function openClient(options: ClientOptions): Client {
  const { journal, onAttempt = () => {}, onSend = () => {} } = options
  const terminal = terminalOf(SHOP, options.till)
  const agent = new Agent({ keepAlive: options.keepAlive ?? false, maxSockets: Infinity })
  const now = options.now ?? (() => Date.now())
  let lastMoment = Infinity

  const attempt = async (intention: Intention): Promise<Attempt> => {
    const nonce = newId()
    const headers = headersOf(intention, { ...terminal, nonce, createdMs: now() })
    onSend()
    const began = performance.now()
    const limitMs = options.limitMs ?? LIMIT_MS
    const heard = await ask(`${options.url()}${intention.path}`, intention.body, {
      headers,
      agent,
      limitMs,
    })
    const tookMs = performance.now() - began
    const made = { key: intention.key, nonce, tookMs, ...heard }
    onAttempt(made)
    return made
  }

  return {
    clientId: terminal.terminalId,
    attempt,
    async send(path, input, key = newId()) {
      const clientId = terminal.terminalId
      const intention = { key, clientId, path, body: JSON.stringify(input) }
      journal.intend(intention)
      for (let sends = 1; performance.now() < lastMoment; sends += 1) {
        const { answer, notConnected } = await attempt(intention)
        if (answer !== null && isFinal(answer)) {
          const outcome = { key, sends, ...answer }
          journal.resolve(outcome)
          return outcome
        }
        await sleep(notConnected ? RETRY_NOBODY_MS : RETRY_MS)
      }
      return null
    },
    giveUpAt: (moment) => {
      lastMoment = moment
    },
    close: () => agent.destroy(),
  }
}

function headersOf(
  { path, body, key }: Intention,
  by: { keyId: string; secret: Buffer; nonce: string; createdMs: number },
): Record<string, string> {
  const contentDigest = contentDigestOf(body)
  const parts = { method: 'POST', path, query: '?', contentDigest, idempotencyKey: key }
  const params = { created: Math.floor(by.createdMs / 1000), keyId: by.keyId, nonce: by.nonce }
  return {
    ...signedHeaders(parts, params, by.secret),
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
  }
}

type Heard = Pick<Attempt, 'answer' | 'retryAfter' | 'timedOut' | 'notConnected'>
type Line = { headers: Record<string, string>; agent: Agent; limitMs: number }

/** One exchange; whatever goes wrong with the line is an answer that was not heard. */
function ask(url: string, body: string, line: Line): Promise<Heard> {
  const { headers, agent, limitMs } = line
  return new Promise((resolve) => {
    const asked: ClientRequest = request(url, { method: 'POST', headers, agent })
    let retryAfter: string | null = null
    const end = (answer: Attempt['answer'], timedOut = false, notConnected = false): void => {
      clearTimeout(limit)
      resolve({ answer, retryAfter, timedOut, notConnected })
      if (answer === null) asked.destroy()
    }
    const limit = setTimeout(() => end(null, true), limitMs)
    asked.on('error', (error: NodeJS.ErrnoException) => {
      end(null, false, error.code === 'ECONNREFUSED')
    })
    asked.on('response', (response: IncomingMessage) => {
      const parts: Buffer[] = []
      retryAfter = response.headers['retry-after'] ?? null
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', () => end(null))
      response.on('end', () => {
        if (!response.complete) return end(null)
        end({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') })
      })
      response.on('close', () => end(null))
    })
    asked.end(body)
  })
}
