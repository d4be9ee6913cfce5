/**
 * Whether a request comes from the terminal it names (decisions.md 20). An unknown key and a wrong
 * signature get the same answer after the same work, so that nobody can list keys.
 */
import { createHash } from 'node:crypto'
import {
  CLOCK_AHEAD_MAX_S,
  CLOCK_BEHIND_MAX_S,
  contentDigestOf,
  parseSignatureInput,
  type SignatureParams,
  type SignedParts,
  signatureHolds,
  signatureInputOf,
} from '../contract/signature.ts'
import { type Instant, instantText } from '../kernel/calendar.ts'
import type { Clock } from '../kernel/clock.ts'
import { type Refusal, refusal } from '../kernel/refusal.ts'

export type TerminalKeyFound = {
  readonly terminalId: string
  readonly institutionCode: string
  readonly secret: Uint8Array
}
export type KeyFinder = {
  findKey(keyId: string, at: Instant): Promise<TerminalKeyFound | null>
}

/** A request as far as its signature covers it; `body` is null where the method has none. */
export type SignedRequest = {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly body: Uint8Array | null
  readonly contentDigest: string | null
  readonly idempotencyKey: string | null
  readonly cardPin: string | null
  readonly signatureInput: string | null
  readonly signature: string | null
}

/** Why a request was not believed; counted, never told to the sender. */
export type SignatureFault =
  | 'missing'
  | 'malformed'
  | 'digest'
  | 'components'
  | 'unknown-key'
  | 'wrong-mac'
  | 'stale'
export type Authentication =
  | { readonly ok: true; readonly key: TerminalKeyFound; readonly params: SignatureParams }
  | { readonly ok: false; readonly refusal: Refusal; readonly fault: SignatureFault }

const NO_SECRET = new Uint8Array(32)

const disbelieved = (fault: SignatureFault): Authentication => ({
  ok: false,
  refusal: refusal(fault === 'missing' ? 'signature-missing' : 'signature-invalid'),
  fault,
})

/** Checks digest, covered components, key, signature and age, in this order. */
export async function authenticate(
  keys: KeyFinder,
  clock: Clock,
  request: SignedRequest,
): Promise<Authentication> {
  if (request.signatureInput === null || request.signature === null) return disbelieved('missing')
  const params = parseSignatureInput(request.signatureInput)
  if (params === null) return disbelieved('malformed')
  if (request.contentDigest !== digestDue(request.body)) return disbelieved('digest')
  const parts: SignedParts = request
  if (params.input !== signatureInputOf(parts, params)) return disbelieved('components')
  const now = clock.now()
  const key = await keys.findKey(params.keyId, now)
  const holds = signatureHolds(parts, params.input, request.signature, key?.secret ?? NO_SECRET)
  if (key === null) return disbelieved('unknown-key')
  if (!holds) return disbelieved('wrong-mac')
  if (!isFresh(params.created, now)) {
    const stale = refusal('signature-stale', { serverTime: instantText(now) })
    return { ok: false, refusal: stale, fault: 'stale' }
  }
  return { ok: true, key, params }
}

const digestDue = (body: Uint8Array | null): string | null =>
  body === null ? null : contentDigestOf(body)

const isFresh = (createdS: number, now: Instant): boolean => {
  const nowS = Math.floor(now / 1000)
  return createdS >= nowS - CLOCK_BEHIND_MAX_S && createdS <= nowS + CLOCK_AHEAD_MAX_S
}

/** What the key of a write is bound to: the address and the very bytes, as hex. */
export const bodyShaOf = (method: string, path: string, body: Uint8Array): string =>
  createHash('sha256').update(`${method}\n${path}\n`).update(body).digest('hex')
