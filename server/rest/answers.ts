/**
 * How answers leave: their fixed headers, JSON text, problem documents. Headers are given when the
 * answer is made; changing them afterwards would cost a copy of every answer.
 */
import { randomInt } from 'node:crypto'
import type { Problem } from '../contract/common.ts'
import { fieldRefused } from '../contract/field-words.ts'
import { problemOf } from '../contract/problem.ts'
import { CONTRACT_HEADER, CONTRACT_VERSION } from '../contract/version.ts'
import { type Refusal, refusal } from '../kernel/refusal.ts'
import type { RestContext } from './context.ts'

const FIXED_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  [CONTRACT_HEADER]: CONTRACT_VERSION,
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

export type AnswerHeaders = Readonly<Record<string, string>>

/** An answer with the fixed headers; `headers` may replace them. */
export const textAnswer = (
  c: RestContext,
  status: number,
  body: string | Uint8Array<ArrayBuffer> | null,
  headers: AnswerHeaders,
): Response => {
  const all: Record<string, string> = { ...FIXED_HEADERS, 'x-request-id': c.get('requestId') }
  for (const name of Object.keys(headers)) all[name] = headers[name] ?? ''
  return new Response(body, { status, headers: all })
}

export const jsonAnswer = (c: RestContext, status: number, value: unknown): Response =>
  textAnswer(c, status, JSON.stringify(value), { 'content-type': 'application/json' })

/** The problem document of a refusal, with the headers that tell a machine when to come back. */
export const refusalAnswer = (c: RestContext, given: Refusal): Response =>
  problemAnswer(c, given, problemOf(given, c.get('requestId')), adviceOf(given))

/** 405: the address exists, but not for this method; `allow` names those it knows. */
export function methodRefused(c: RestContext, allow: string): Response {
  const given = refusal('not-found')
  const problem = { ...problemOf(given, c.get('requestId')), status: 405 }
  return problemAnswer(c, given, problem, { allow })
}

/** 415: a body of another kind than JSON. */
export function mediaTypeRefused(c: RestContext, kind: 'read' | 'write'): Response {
  const given = fieldRefused('content-type', kind)
  const problem = { ...problemOf(given, c.get('requestId')), status: 415 }
  return problemAnswer(c, given, problem, { accept: 'application/json' })
}

function problemAnswer(
  c: RestContext,
  given: Refusal,
  problem: Problem,
  headers: AnswerHeaders,
): Response {
  c.set('refusalCode', given.code)
  return textAnswer(c, problem.status, JSON.stringify(problem), {
    'content-type': 'application/problem+json',
    ...headers,
  })
}

function adviceOf(given: Refusal): AnswerHeaders {
  switch (given.code) {
    case 'server-busy':
    case 'database-unavailable':
      // Spread, so that the tills which were turned away together do not come back together.
      return { 'retry-after': String(randomInt(1, 4)) }
    case 'key-running':
    case 'account-busy':
      return { 'retry-after': '1' }
    case 'card-pin-guessing':
    case 'rate-limited':
      return { 'retry-after': given.params.retryAfterS ?? '1' }
    case 'signature-stale':
      return { 'server-time': given.params.serverTime ?? '' }
    case 'body-too-large':
      return { connection: 'close' }
    default:
      return {}
  }
}
