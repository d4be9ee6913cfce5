/**
 * The way of a terminal's request, in the order that makes junk cheapest (reliability notes 4):
 * size → syntax → authenticity → freshness → rate → key → schema → admission → the action.
 */

import { CARD_PIN_HEADER, openCardPin } from '../contract/card-pin.ts'
import { fieldRefused } from '../contract/field-words.ts'
import { CONTRACT_HEADER, isLaterContract } from '../contract/version.ts'
import type { Clock } from '../kernel/clock.ts'
import { isUuid } from '../kernel/ids.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { type Refusal, refusal } from '../kernel/refusal.ts'
import type { Actions, Caller, WriteAnswer, WriteKey } from './actions.ts'
import {
  type AnswerHeaders,
  jsonAnswer,
  mediaTypeRefused,
  refusalAnswer,
  textAnswer,
} from './answers.ts'
import type { RestContext } from './context.ts'
import { PASSED, withinDeadline } from './deadline.ts'
import type { Gate } from './gate.ts'
import { readJson } from './json-syntax.ts'
import type { Operation } from './operation.ts'
import type { RateLimit } from './rate-limit.ts'
import { readBody } from './raw-body.ts'
import { authenticate, bodyShaOf, type KeyFinder, type SignatureFault } from './signature-check.ts'

/** What the terminal's routes work with. */
export type TerminalService = {
  readonly actions: Actions
  readonly keys: KeyFinder
  readonly clock: Clock
  readonly rateLimit: RateLimit | null
  readonly gate: Gate
  readonly bodyBytesMax: number
  readonly deadlineMs: number
  onSignatureFault(fault: SignatureFault): void
  /** An action failed after its request was answered for being late. */
  onLateFailure(error: unknown, c: RestContext): void
}

type Target = { readonly path: string; readonly query: string }
type Received = Target & { readonly raw: Uint8Array | null; readonly json: unknown }

/** Answers one operation; refusals are values, what throws is for the error handler. */
export async function answerTerminal(
  service: TerminalService,
  operation: Operation,
  c: RestContext,
): Promise<Response> {
  c.set('route', operation.path)
  const method = operation.method.toUpperCase()
  if (service.gate.isFull()) return refusalAnswer(c, refusal('server-busy'))
  if (method === 'POST' && !isJson(c)) return mediaTypeRefused(c, operation.kind)
  const received = await receive(service, c, method)
  if (!received.ok) return refusalAnswer(c, received.refusal)
  const authorised = await authorise(service, operation, c, received.value)
  if (!authorised.ok) return refusalAnswer(c, authorised.refusal)
  const { caller, write } = authorised.value
  const query = queryOf(received.value.query, operation.kind)
  if (!query.ok) return refusalAnswer(c, query.refusal)
  const isLater = isLaterContract(c.req.header(CONTRACT_HEADER))
  const inputs = { body: received.value.json, params: c.req.param(), query: query.value, isLater }
  const act = operation.prepare(inputs)
  if (!act.ok) return refusalAnswer(c, act.refusal)
  return perform(service, c, () => act.value(service.actions, caller, write))
}

const isJson = (c: RestContext): boolean =>
  /^application\/json(; ?charset=utf-8)?$/i.test(c.req.header('content-type') ?? '') &&
  c.req.header('content-encoding') === undefined

/** Size, then syntax. */
async function receive(
  service: TerminalService,
  c: RestContext,
  method: string,
): Promise<Outcome<Received>> {
  const target = targetOf(c.env?.incoming?.url ?? c.req.raw.url)
  const { path, query } = target
  if (method === 'GET') return done({ path, query, raw: null, json: undefined })
  const raw = await readBody(c, service.bodyBytesMax)
  if (!raw.ok) return raw
  const reading = readJson(raw.value)
  if (!reading.ok) return refused(refusal('syntax-invalid', { fault: reading.fault }))
  return done({ path, query, raw: raw.value, json: reading.value })
}

/**
 * Path and query as the sender wrote them, neither decoded nor put in order: so were they signed.
 * The router sees dots resolved; a path with such dots fits only a signature made over the dots.
 */
function targetOf(url: string): Target {
  const start = url.startsWith('/') ? 0 : url.indexOf('/', url.indexOf('//') + 2)
  const mark = url.indexOf('?', start)
  if (mark === -1) return { path: url.slice(start), query: '?' }
  return { path: url.slice(start, mark), query: url.slice(mark) }
}

/** Authenticity, freshness, rate; for a write also its key. */
async function authorise(
  service: TerminalService,
  operation: Operation,
  c: RestContext,
  { path, query, raw }: Received,
): Promise<Outcome<{ caller: Caller; write: WriteKey | null }>> {
  const isWrite = operation.kind === 'write'
  const idempotencyKey = isWrite ? (c.req.header('idempotency-key') ?? null) : null
  const cardPin = isWrite ? (c.req.header(CARD_PIN_HEADER) ?? null) : null
  const proof = await authenticate(service.keys, service.clock, {
    method: c.req.method,
    path,
    query,
    body: raw,
    contentDigest: raw === null ? null : (c.req.header('content-digest') ?? null),
    idempotencyKey,
    cardPin,
    signatureInput: c.req.header('signature-input') ?? null,
    signature: c.req.header('signature') ?? null,
  })
  if (!proof.ok) {
    service.onSignatureFault(proof.fault)
    return refused(proof.refusal)
  }
  const { terminalId, institutionCode } = proof.key
  c.set('terminalId', terminalId)
  const overrun = rateRefusal(service.rateLimit, terminalId)
  if (overrun) return refused(overrun)
  const nonce = isWrite ? proof.params.nonce : null
  const caller = { clientId: terminalId, institutionCode, nonce, requestId: c.get('requestId') }
  if (!isWrite || raw === null) return done({ caller, write: null })
  if (idempotencyKey === null || !isUuid(idempotencyKey)) return refused(refusal('key-missing'))
  const write = { key: idempotencyKey, bodySha: bodyShaOf('POST', path, raw) }
  if (cardPin === null) return done({ caller, write })
  const { keyId } = proof.params
  const openBlock = (identity: string) =>
    openCardPin(cardPin, { identity, idempotencyKey, keyId }, proof.key.secret)
  return done({ caller, write: { ...write, openCardPin: openBlock } })
}

function rateRefusal(limit: RateLimit | null, terminalId: string): Refusal | null {
  const waitS = limit?.take(terminalId) ?? null
  return waitS === null ? null : refusal('rate-limited', { retryAfterS: String(waitS) })
}

/** The query as words; a word given twice is refused, since readers disagree which one counts. */
function queryOf(query: string, kind: Operation['kind']): Outcome<Record<string, string>> {
  if (query === '?') return done({})
  const pairs = [...new URLSearchParams(query)]
  if (new Set(pairs.map(([name]) => name)).size !== pairs.length) {
    return refused(fieldRefused('query', kind))
  }
  return done(Object.fromEntries(pairs))
}

/** Admission and deadline around the action. The place is kept until the work has truly ended. */
async function perform(
  service: TerminalService,
  c: RestContext,
  act: () => Promise<Outcome<unknown> | WriteAnswer>,
): Promise<Response> {
  const { gate, deadlineMs, onLateFailure } = service
  if (!(await gate.enter())) return refusalAnswer(c, refusal('server-busy'))
  const work = (async () => act())().finally(() => gate.leave())
  const result = await withinDeadline(work, deadlineMs, (error) => onLateFailure(error, c))
  if (result === PASSED) return refusalAnswer(c, refusal('database-unavailable'))
  return 'kind' in result ? writeAnswer(c, result) : readAnswer(c, result)
}

const readAnswer = (c: RestContext, outcome: Outcome<unknown>): Response =>
  outcome.ok ? jsonAnswer(c, 200, outcome.value) : refusalAnswer(c, outcome.refusal)

/** A stored answer leaves byte for byte; only the header says that it was given before. */
function writeAnswer(c: RestContext, given: WriteAnswer): Response {
  if (given.kind === 'refused') return refusalAnswer(c, given.refusal)
  const isRefusal = given.status >= 400
  if (isRefusal) c.set('refusalCode', /"code":"([a-z-]{1,40})"/.exec(given.text)?.[1] ?? null)
  const type = isRefusal ? 'application/problem+json' : 'application/json'
  const headers: AnswerHeaders = given.replayed
    ? { 'content-type': type, 'idempotency-replayed': 'true' }
    : { 'content-type': type }
  return textAnswer(c, given.status, given.text, headers)
}
