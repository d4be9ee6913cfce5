/** A till without a page: signs, sends, and sends again under the same key until it is answered. */
import { setTimeout as sleep } from 'node:timers/promises'
import { contentDigestOf, signedHeaders } from '../../server/contract/signature.ts'
import { newId } from '../../server/kernel/ids.ts'
import { SHOP, terminalOf } from '../support/area.ts'
import type { Intention, IntentJournal, Outcome } from '../support/journal.ts'

export type Till = {
  readonly clientId: string
  /** Resolves once the outcome is known, whatever the line does meanwhile. */
  send(path: string, body: unknown, key?: string): Promise<Outcome>
}

/** Answers that leave the outcome open: overload, our own errors, a key that still runs. */
const OPEN = new Set([401, 408, 409, 429, 500, 502, 503, 504])
const RETRY_MS = 25
/** An attempt without an answer is given up after this time, which only a hung line needs. */
const LIMIT_MS = 30_000
const GIVE_UP_MS = 120_000

export function openTill(url: () => string, journal: IntentJournal, till = 1): Till {
  const { terminalId: clientId, keyId, secret } = terminalOf(SHOP, till)
  const attempt = async ({ key, path, body }: Intention): Promise<Response> => {
    const parts = {
      method: 'POST',
      path,
      query: '?',
      contentDigest: contentDigestOf(body),
      idempotencyKey: key,
    }
    const created = Math.floor(Date.now() / 1000)
    const headers = signedHeaders(parts, { created, keyId, nonce: newId() }, secret)
    const signal = AbortSignal.timeout(LIMIT_MS)
    return fetch(`${url()}${path}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', connection: 'close' },
      body,
      signal,
    })
  }
  return {
    clientId,
    async send(path, input, key = newId()) {
      const intention = { key, clientId, path, body: JSON.stringify(input) }
      journal.intend(intention)
      const deadline = performance.now() + GIVE_UP_MS
      for (let sends = 1; performance.now() < deadline; sends += 1) {
        const heard = await attempt(intention).then(
          async (response) => ({ status: response.status, text: await response.text() }),
          () => null,
        )
        if (heard !== null && isFinal(heard)) {
          const outcome = { key, sends, ...heard }
          journal.resolve(outcome)
          return outcome
        }
        await sleep(RETRY_MS)
      }
      throw new Error(`no outcome of ${key} within two minutes`)
    },
  }
}

/** A stored refusal is final whatever its status; the problem says whether to come again. */
export function isFinal({ status, text }: { status: number; text: string }): boolean {
  if (!OPEN.has(status)) return true
  return status === 409 && (JSON.parse(text) as { retryable?: boolean }).retryable === false
}
