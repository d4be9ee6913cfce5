/**
 * A till that keeps its connection, as real ones do. It tells apart what a replacement may cost (a
 * request that met the end of a kept connection and is sent again under its key) and what it may
 * not (any other failure).
 */
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { contentDigestOf, signedHeaders } from '../../server/contract/signature.ts'
import { newId } from '../../server/kernel/ids.ts'
import { SHOP, terminalOf } from '../support/area.ts'
import type { IntentJournal } from '../support/journal.ts'

export type Heard = { readonly status: number; readonly text: string; readonly ms: number }
export type KeepingTill = {
  readonly clientId: string
  /** Connections that ended under a request, and were to be expected. */
  resets(): number
  /** Failures by what they were: statuses over 499, broken and refused connections. */
  failures(): readonly string[]
  send(path: string, body: unknown): Promise<Heard>
  close(): void
}

/** A till asks again under the same key after this time; what waits so long has failed. */
const WAIT_MS = 15_000

export function openKeepingTill(
  url: () => string,
  journal: IntentJournal,
  till: number,
  reuse = true,
): KeepingTill {
  const { terminalId: clientId, keyId, secret } = terminalOf(SHOP, till)
  const agent = new Agent({ keepAlive: reuse, maxSockets: 1 })
  const failures: string[] = []
  let resets = 0

  const sendOnce = (path: string, body: string, key: string): Promise<Heard | null> => {
    const contentDigest = contentDigestOf(body)
    const parts = { method: 'POST', path, query: '?', contentDigest, idempotencyKey: key }
    const created = Math.floor(Date.now() / 1000)
    const headers = {
      ...signedHeaders(parts, { created, keyId, nonce: newId() }, secret),
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
    }
    return exchange(`${url()}${path}`, { agent, headers, body }, (kept, reason) => {
      if (kept) resets += 1
      else failures.push(reason)
    })
  }

  return {
    clientId,
    resets: () => resets,
    failures: () => failures,
    async send(path, input) {
      const key = newId()
      const body = JSON.stringify(input)
      journal.intend({ key, clientId, path, body })
      for (let sends = 1; sends <= 200; sends += 1) {
        const heard = await sendOnce(path, body, key)
        if (heard !== null) {
          const again = heard.status === 409 && isRetryable(heard.text)
          if (heard.status < 500 && !again) {
            journal.resolve({ key, sends, status: heard.status, text: heard.text })
            return heard
          }
          if (!again) failures.push(String(heard.status))
        }
        await sleep(25)
      }
      throw new Error(`no outcome of ${key}`)
    },
    close: () => agent.destroy(),
  }
}

type Sending = {
  readonly agent: Agent
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** One request; null where it came to nothing, told by whether a kept connection had ended. */
function exchange(
  url: string,
  { agent, headers, body }: Sending,
  onFailure: (kept: boolean, reason: string) => void,
): Promise<Heard | null> {
  return new Promise((resolve) => {
    const began = performance.now()
    const sent = request(url, { agent, method: 'POST', headers, timeout: WAIT_MS })
    sent.on('timeout', () => sent.destroy(new Error('no answer in time')))
    sent.on('response', (answer) => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8')
        resolve({ status: answer.statusCode ?? 0, text, ms: performance.now() - began })
      })
      answer.on('error', () => {
        onFailure(false, 'the answer broke off')
        resolve(null)
      })
    })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const ended = error.code === 'ECONNRESET' || error.code === 'EPIPE'
      onFailure(sent.reusedSocket && ended, error.code ?? error.message)
      resolve(null)
    })
    sent.end(body)
  })
}

/** Somebody else moved the same position, or the key still runs: the till is told to ask again. */
const isRetryable = (text: string): boolean =>
  (JSON.parse(text) as { retryable?: boolean }).retryable === true
