/** Requests to one side or the other of a centre that is more than one process. */
import { contentDigestOf, signedHeaders } from '../../server/contract/signature.ts'
import { newId } from '../../server/kernel/ids.ts'
import { SHOP, terminalOf } from '../support/area.ts'

export type Heard = { readonly status: number; readonly text: string; readonly replayed: boolean }
export type Wish = {
  readonly path: string
  /** Absent: it is asked, not told. */
  readonly body?: unknown
  /** Null: a question by POST, which has no key. */
  readonly key?: string | null
  readonly nonce?: string
  readonly terminal?: { readonly keyId: string; readonly secret: Uint8Array }
}

/** One request over a connection of its own, so that a common port may give it to anybody. */
export async function send(url: string, wish: Wish): Promise<Heard> {
  const { path, key = newId(), nonce = newId(), terminal = terminalOf(SHOP) } = wish
  const body = wish.body === undefined ? null : JSON.stringify(wish.body)
  const method = body === null ? 'GET' : 'POST'
  const [pathname = '', query = ''] = path.split('?')
  const parts = {
    method,
    path: pathname,
    query: `?${query}`,
    contentDigest: body === null ? null : contentDigestOf(body),
    idempotencyKey: body === null ? null : key,
  }
  const created = Math.floor(Date.now() / 1000)
  const { keyId, secret } = terminal
  const headers = {
    ...signedHeaders(parts, { created, keyId, nonce }, secret),
    connection: 'close',
    ...(body === null ? {} : { 'content-type': 'application/json' }),
  }
  const sent = { method, headers, ...(body === null ? {} : { body }) }
  const response = await fetch(`${url}${path}`, sent)
  return {
    status: response.status,
    text: await response.text(),
    replayed: response.headers.get('idempotency-replayed') === 'true',
  }
}

const ATTEMPTS = 200

/** The same key again, newly signed, until it is not told to come back: as a till does. */
export async function patiently(url: string, wish: Wish): Promise<Heard> {
  const key = wish.key ?? newId()
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const heard = await send(url, { ...wish, key })
    const isLater = heard.status === 409 || heard.status === 503
    if (!isLater || !/"retryable":true/.test(heard.text)) return heard
  }
  throw new Error(`told ${ATTEMPTS} times to come back`)
}

/** The code of a refusal, or `done`. */
export const codeOf = ({ text }: Heard): string =>
  /"code":"([a-z-]+)","number"/.exec(text)?.[1] ?? 'done'

export const counted = (heard: readonly Heard[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const one of heard) counts[codeOf(one)] = (counts[codeOf(one)] ?? 0) + 1
  return counts
}
