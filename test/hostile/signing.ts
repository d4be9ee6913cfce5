/** Requests as an honest terminal of the small area signs them; the campaigns then spoil them. */
import {
  contentDigestOf,
  type SignedParts,
  signedHeaders,
} from '../../server/contract/signature.ts'
import { newId } from '../../server/kernel/ids.ts'
import { instantOf, SHOP, terminalOf } from '../support/area.ts'

/** The day of the small area; the clock of its centre stands here. */
export const AREA_NOW = instantOf('2026-06-15T02:00:00Z')

export type Outgoing = {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | null
}
export type Terminal = {
  readonly terminalId: string
  readonly keyId: string
  readonly secret: Uint8Array
}
export type SignWish = {
  readonly method?: 'GET' | 'POST'
  readonly path: string
  readonly query?: string
  /** An object is sent as JSON. */
  readonly body?: unknown
  /** Null leaves the key out, as a read does. */
  readonly key?: string | null
  readonly terminal?: Terminal
  readonly createdS?: number
  readonly nonce?: string
}

export const TILL: Terminal = terminalOf(SHOP, 1)
const NOW_S = Math.floor(AREA_NOW / 1000)
export const createdAt = (shiftS: number): number => NOW_S + shiftS

const bytesOf = (body: unknown): Buffer => {
  if (Buffer.isBuffer(body)) return body
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

export function sign(wish: SignWish): Outgoing {
  const method = wish.method ?? 'POST'
  const body = method === 'GET' ? null : bytesOf(wish.body ?? {})
  const { path, query = '?', terminal = TILL } = wish
  const parts: SignedParts = {
    method,
    path,
    query,
    contentDigest: body === null ? null : contentDigestOf(body),
    idempotencyKey: wish.key === undefined ? (method === 'GET' ? null : newId()) : wish.key,
  }
  const { keyId, secret } = terminal
  const params = { created: wish.createdS ?? NOW_S, keyId, nonce: wish.nonce ?? newId() }
  const headers = signedHeaders(parts, params, secret)
  if (body !== null) headers['content-type'] = 'application/json'
  return { method, path, query, headers, body }
}

/** The same request with other headers; undefined takes one away. */
export function withHeaders(
  request: Outgoing,
  changes: Readonly<Record<string, string | undefined>>,
): Outgoing {
  const headers: Record<string, string> = { ...request.headers }
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete headers[name]
    else headers[name] = value
  }
  return { ...request, headers }
}
