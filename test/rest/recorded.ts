/** Requests of a till of the frozen contract, sent to the centre as it stands, in their order. */
import { readFileSync } from 'node:fs'
import { createApp } from '../../server/app.ts'
import { contentDigestOf, signedHeaders } from '../../server/contract/signature.ts'
import { newId } from '../../server/kernel/ids.ts'
import { type Area, cardOf, cashierOf, SHOP, terminalOf } from '../support/area.ts'

export type Recorded = {
  readonly name: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly key?: string
  readonly body: Readonly<Record<string, unknown>> | null
  /** The name under which the settlement's id is kept for later requests. */
  readonly keep?: string
}
export type RecordedAnswer = {
  readonly name: string
  readonly status: number
  readonly answer: unknown
}
export type Change = {
  readonly body?: (body: Readonly<Record<string, unknown>>) => unknown
  readonly headers?: Readonly<Record<string, string>>
}

const frozen = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`contract-1.0/${file}.json`, import.meta.url), 'utf8'))
export const recordedRequests = () => frozen('requests') as readonly Recorded[]
export const recordedAnswers = () => frozen('answers') as readonly RecordedAnswer[]
export const frozenSchemas = () => frozen('schemas')

/** Sends all of them; `change` makes of the old till a later one. */
export async function sendRecorded(area: Area, change: Change = {}): Promise<RecordedAnswer[]> {
  const { app } = createApp(area.runtime, {
    docs: false,
    logLevel: 'silent',
    rate: null,
    newestMigration: null,
  })
  const kept = new Map<string, string>()
  const answers: RecordedAnswer[] = []
  for (const one of recordedRequests()) {
    const request = signedRequest(area, filledIn(one, kept), change)
    const response = await app.request(request.url, request)
    const answer = (await response.json()) as { settlementId?: string }
    if (one.keep !== undefined) kept.set(one.keep, answer.settlementId ?? '')
    answers.push({ name: one.name, status: response.status, answer })
  }
  return answers
}

/** The request with cards, cashier and ids of this run in the place of their names. */
function filledIn(one: Recorded, kept: ReadonlyMap<string, string>): Recorded {
  const text = JSON.stringify(one).replaceAll(/\{([a-z][a-z -]*)\}/g, (_, name: string) => {
    if (name === 'cashier') return cashierOf(SHOP)
    if (name.startsWith('card ')) return cardOf(name.slice(5))
    return kept.get(name) ?? 'unknown'
  })
  return JSON.parse(text) as Recorded
}

function signedRequest(area: Area, { method, path, key, body }: Recorded, change: Change) {
  const [pathname = '', query = ''] = path.split('?')
  const sent = body === null ? null : JSON.stringify(change.body?.(body) ?? body)
  const parts = {
    method,
    path: pathname,
    query: `?${query}`,
    contentDigest: sent === null ? null : contentDigestOf(sent),
    idempotencyKey: key ?? null,
  }
  const { keyId, secret } = terminalOf(SHOP)
  const created = Math.floor(area.runtime.clock.now() / 1000)
  const headers = {
    ...signedHeaders(parts, { created, keyId, nonce: newId() }, secret),
    ...(sent === null ? {} : { 'content-type': 'application/json' }),
    ...change.headers,
  }
  return { url: path, method, headers, ...(sent === null ? {} : { body: sent }) }
}
