/**
 * The wire to the centre: signed requests over connections that are kept alive. A call ends in an
 * answer, in `unreached` (provably nothing left this machine) or in `in-doubt`; a timeout is never
 * taken for a failure.
 */
import { randomBytes } from 'node:crypto'
import { sealCardPin } from '../../server/contract/card-pin.ts'
import { contentDigestOf, signedHeaders } from '../../server/contract/signature.ts'
import { CONTRACT_HEADER, CONTRACT_VERSION } from '../../server/contract/version.ts'
import { type Instant, parseInstant } from '../../server/kernel/calendar.ts'
import type { Clock } from '../../server/kernel/clock.ts'
import { problemIn } from './notice.ts'

export type HeldCardPin = { readonly pin: string; readonly identity: string }

export type GatewayCall = {
  readonly method: 'GET' | 'POST'
  /** Path with its query, as it goes over the wire. */
  readonly path: string
  readonly body?: string
  readonly key?: string
  readonly timeoutMs?: number
  /** The PIN of the card, and who presents it: sealed anew for this sending and its key alone. */
  readonly cardPin?: HeldCardPin | undefined
}

export type GatewayAnswer =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly text: string
      readonly retryAfterMs: number | null
    }
  | { readonly kind: 'unreached'; readonly cause: string }
  | { readonly kind: 'in-doubt'; readonly cause: string }

export type LinkState = {
  readonly up: boolean
  /** Our clock minus the centre's, in seconds; null before the first answer. */
  readonly skewS: number | null
  readonly changedAt: Instant | null
}

export type Gateway = {
  call(request: GatewayCall): Promise<GatewayAnswer>
  /** Asks unsigned whether anybody is there, for the badge. */
  ping(): Promise<void>
  link(): LinkState
}

export type TerminalKey = { readonly keyId: string; readonly secret: Uint8Array }

/** Keys of this terminal besides the one in use: changed by another process, or half changed. */
export type OtherKeys = {
  /** Worth trying once the centre does not know `keyId`, the likeliest first. */
  besides(keyId: string): Promise<readonly TerminalKey[]>
  /** Told of a key that the centre has taken. */
  works(keyId: string): Promise<void>
}

export type GatewayOptions = {
  readonly serverUrl: string
  readonly keyId: string
  readonly secret: Uint8Array
  readonly clock: Clock
  readonly otherKeys?: OtherKeys
  readonly answerTimeoutMs?: number
}

const ANSWER_TIMEOUT_MS = 15_000
const PING_TIMEOUT_MS = 2_000
const RETRY_AFTER_MS_MAX = 120_000

/** Causes that arise before the first byte of a request is written. */
const UNREACHED_CAUSES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  if (error.name === 'TimeoutError') return 'timeout'
  const { cause } = error
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return error.name
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** Instant of a Date header in the one form of RFC 9110, 5.6.7; null for any other text. */
function instantOfHeader(header: string): Instant | null {
  const parts = /^\w{3}, (\d{2}) (\w{3}) (\d{4}) (\d{2}:\d{2}:\d{2}) GMT$/.exec(header)
  const [, date, month = '', year, time] = parts ?? []
  const number = `${MONTHS.indexOf(month) + 1}`.padStart(2, '0')
  return parseInstant(`${year}-${number}-${date}T${time}Z`)
}

function retryAfterMs(header: string | null): number | null {
  if (header === null || !/^\d{1,6}$/.test(header)) return null
  return Math.min(Number.parseInt(header, 10) * 1000, RETRY_AFTER_MS_MAX)
}

const sealedPin = (
  { key, cardPin }: GatewayCall,
  keyId: string,
  secret: Uint8Array,
): string | null => {
  if (key === undefined || cardPin === undefined) return null
  const { pin, identity } = cardPin
  return sealCardPin(pin, { identity, idempotencyKey: key, keyId }, secret)
}

/** Headers of one sending: each has a signature and a nonce of its own. */
function headersOf(
  { keyId, secret }: TerminalKey,
  clock: Clock,
  request: GatewayCall,
): Record<string, string> {
  const { method, path, body, key } = request
  const [pathname = '/', query = ''] = path.split('?')
  const parts = {
    method,
    path: pathname,
    query: `?${query}`,
    contentDigest: body === undefined ? null : contentDigestOf(body),
    idempotencyKey: key ?? null,
    cardPin: sealedPin(request, keyId, secret),
  }
  const created = Math.floor(clock.now() / 1000)
  const nonce = randomBytes(16).toString('base64url')
  return {
    accept: 'application/json',
    [CONTRACT_HEADER]: CONTRACT_VERSION,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...signedHeaders(parts, { created, keyId, nonce }, secret),
  }
}

type NoteLink = (up: boolean, dateHeader: string | null) => void

async function sendSigned(
  { serverUrl, clock, answerTimeoutMs = ANSWER_TIMEOUT_MS }: GatewayOptions,
  request: GatewayCall,
  key: TerminalKey,
  noteLink: NoteLink,
): Promise<GatewayAnswer> {
  const { method, path, body, timeoutMs = answerTimeoutMs } = request
  try {
    const response = await fetch(new URL(path, serverUrl), {
      method,
      headers: headersOf(key, clock, request),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body }),
    })
    const text = await response.text()
    noteLink(true, response.headers.get('date'))
    const after = retryAfterMs(response.headers.get('retry-after'))
    return { kind: 'answer', status: response.status, text, retryAfterMs: after }
  } catch (error) {
    const cause = causeOf(error)
    noteLink(false, null)
    return { kind: UNREACHED_CAUSES.has(cause) ? 'unreached' : 'in-doubt', cause }
  }
}

const isKeyUnknown = (answer: GatewayAnswer): boolean =>
  answer.kind === 'answer' &&
  answer.status === 401 &&
  problemIn(answer.text)?.code === 'signature-invalid'

export function openGateway(options: GatewayOptions): Gateway {
  const { serverUrl, clock } = options
  let link: LinkState = { up: false, skewS: null, changedAt: null }

  const noteLink: NoteLink = (up, dateHeader) => {
    const serverNow = dateHeader === null ? null : instantOfHeader(dateHeader)
    const skewS = serverNow === null ? link.skewS : Math.round((clock.now() - serverNow) / 1000)
    link = { up, skewS, changedAt: link.up === up ? link.changedAt : clock.now() }
  }

  let key: TerminalKey = { keyId: options.keyId, secret: options.secret }

  const send = (request: GatewayCall, signedBy: TerminalKey) =>
    sendSigned(options, request, signedBy, noteLink)

  return {
    async call(request) {
      const tried = key
      const first = await send(request, tried)
      if (!isKeyUnknown(first)) return first
      // Refused at the door: nothing has happened, so the same may be sent under another key.
      for (const other of (await options.otherKeys?.besides(tried.keyId)) ?? []) {
        const answer = await send(request, other)
        if (isKeyUnknown(answer)) continue
        if (answer.kind === 'answer' && answer.status < 300) {
          key = other
          await options.otherKeys?.works(other.keyId)
        }
        return answer
      }
      return first
    },
    async ping() {
      const asked = fetch(new URL('/readyz', serverUrl), {
        signal: AbortSignal.timeout(PING_TIMEOUT_MS),
        redirect: 'error',
      })
      await asked.then(
        async (response) => {
          await response.arrayBuffer()
          noteLink(response.status < 500, response.headers.get('date'))
        },
        () => noteLink(false, null),
      )
    },
    link: () => link,
  }
}
