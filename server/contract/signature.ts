/**
 * Signing of requests by RFC 9421 with RFC 9530 digests (decisions.md 20): shared by the till,
 * which signs, and the centre, which checks. Covered: @method @path @query content-digest
 * idempotency-key card-pin with created, keyid, nonce and alg; requests without a body, a key or a
 * PIN leave those out.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export type SignedParts = {
  readonly method: string
  readonly path: string
  /** With its question mark, or `?` alone where there is none (RFC 9421, 2.2.7). */
  readonly query: string
  readonly contentDigest: string | null
  readonly idempotencyKey: string | null
  /** The PIN block of a settlement that carries one (card-pin.ts). */
  readonly cardPin?: string | null
}
export type SignatureParams = {
  /** Seconds since 1970. */
  readonly created: number
  readonly keyId: string
  readonly nonce: string
}

/** How far a terminal's clock may lie behind or ahead, in seconds (decisions.md 20). */
export const CLOCK_BEHIND_MAX_S = 300
export const CLOCK_AHEAD_MAX_S = 60

export const contentDigestOf = (body: string | Uint8Array): string =>
  `sha-256=:${createHash('sha256').update(body).digest('base64')}:`

const hasCardPin = ({ cardPin }: SignedParts): boolean => cardPin !== null && cardPin !== undefined

const componentsOf = (parts: SignedParts): string[] => {
  const names = ['@method', '@path', '@query']
  if (parts.contentDigest !== null) names.push('content-digest')
  if (parts.idempotencyKey !== null) names.push('idempotency-key')
  if (hasCardPin(parts)) names.push('card-pin')
  return names
}

/** The inner list with its parameters, as it stands in Signature-Input after `sig=`. */
export const signatureInputOf = (parts: SignedParts, params: SignatureParams): string =>
  `(${componentsOf(parts)
    .map((name) => `"${name}"`)
    .join(' ')});created=${params.created};keyid="${params.keyId}";nonce="${params.nonce}"` +
  ';alg="hmac-sha256"'

/** The signature base of RFC 9421, section 2.5. */
export function signatureBaseOf(parts: SignedParts, signatureInput: string): string {
  const values: Record<string, string> = {
    '@method': parts.method,
    '@path': parts.path,
    '@query': parts.query,
    'content-digest': parts.contentDigest ?? '',
    'idempotency-key': parts.idempotencyKey ?? '',
    'card-pin': parts.cardPin ?? '',
  }
  const lines = componentsOf(parts).map((name) => `"${name}": ${values[name] ?? ''}`)
  return [...lines, `"@signature-params": ${signatureInput}`].join('\n')
}

/** The headers a signed request carries. */
export function signedHeaders(
  parts: SignedParts,
  params: SignatureParams,
  secret: Uint8Array,
): Record<string, string> {
  const input = signatureInputOf(parts, params)
  const mac = createHmac('sha256', secret).update(signatureBaseOf(parts, input)).digest('base64')
  return {
    'signature-input': `sig=${input}`,
    signature: `sig=:${mac}:`,
    ...(parts.contentDigest === null ? {} : { 'content-digest': parts.contentDigest }),
    ...(parts.idempotencyKey === null ? {} : { 'idempotency-key': parts.idempotencyKey }),
    ...(hasCardPin(parts) ? { 'card-pin': parts.cardPin ?? '' } : {}),
  }
}

const INPUT_PATTERN = new RegExp(
  [
    '^sig=(\\((?:"[@a-z-]{1,32}" ?){1,8}\\)',
    'created=(\\d{1,13})',
    'keyid="([0-9A-Za-z-]{1,64})"',
    'nonce="([0-9A-Za-z_-]{16,64})"',
    'alg="hmac-sha256")$',
  ].join(';'),
)

/** Reads a Signature-Input header; null when it is not of the one form we accept. */
export function parseSignatureInput(
  header: string,
): (SignatureParams & { readonly input: string }) | null {
  if (header.length > 400) return null
  const match = INPUT_PATTERN.exec(header)
  const [, input, created, keyId, nonce] = match ?? []
  if (!input || !created || !keyId || !nonce) return null
  return { input, created: Number.parseInt(created, 10), keyId, nonce }
}

/** Whether the signature header is the HMAC of exactly these parts under this input. */
export function signatureHolds(
  parts: SignedParts,
  signatureInput: string,
  signatureHeader: string,
  secret: Uint8Array,
): boolean {
  const match = /^sig=:([A-Za-z0-9+/]{43}=):$/.exec(signatureHeader)
  if (!match?.[1]) return false
  const base = signatureBaseOf(parts, signatureInput)
  const expected = createHmac('sha256', secret).update(base).digest('base64')
  // As text: of several texts that stand for the same bytes, one is the signature.
  return timingSafeEqual(Buffer.from(expected, 'latin1'), Buffer.from(match[1], 'latin1'))
}
