import { describe, expect, it } from 'vitest'
import { contentDigestOf, signedHeaders } from '../../server/contract/signature.ts'
import { newId } from '../../server/kernel/ids.ts'
import {
  CLAIM,
  exampleBody,
  KEY_ID,
  NOW,
  OTHER_KEY_ID,
  openApi,
  SETTLE,
  type Signed,
  signed,
  TERMINALS,
  verdictOf,
} from './api.ts'

const api = openApi()
const changed = (request: Signed, headers: Record<string, string>): Signed => ({
  ...request,
  headers: { ...request.headers, ...headers },
})
const without = (request: Signed, name: string): Signed => {
  const { [name]: _, ...headers } = request.headers
  return { ...request, headers }
}
const replacedIn = (request: Signed, name: string, from: string | RegExp, to: string): Signed =>
  changed(request, { [name]: (request.headers[name] ?? '').replace(from, to) })

/** Signed correctly, but over fewer parts than the centre wants. */
const coveringLess = (left: { key?: boolean; digest?: boolean }): Signed => {
  const honest = signed()
  const parts = {
    method: 'POST',
    path: SETTLE,
    query: '?',
    contentDigest: left.digest ? null : contentDigestOf(CLAIM),
    idempotencyKey: left.key ? null : (honest.headers['idempotency-key'] ?? null),
  }
  const params = { created: Math.floor(NOW / 1000), keyId: KEY_ID, nonce: newId() }
  const headers = signedHeaders(parts, params, new Uint8Array(32).fill(7))
  return changed(honest, headers)
}

const FORGED: readonly (readonly [string, Signed])[] = [
  ['another body', { ...signed(), body: CLAIM.replace('31.60', '31.61') }],
  [
    'another body with its own digest',
    changed({ ...signed(), body: `${CLAIM} ` }, { 'content-digest': contentDigestOf(`${CLAIM} `) }),
  ],
  ['another address', { ...signed(), path: '/v1/compensations' }],
  ['a query', { ...signed(), query: '?x=1' }],
  ['another idempotency key', changed(signed(), { 'idempotency-key': newId() })],
  ['the idempotency key taken away', without(signed(), 'idempotency-key')],
  ['the digest taken away', without(signed(), 'content-digest')],
  ['another digest algorithm', replacedIn(signed(), 'content-digest', 'sha-256', 'sha-512')],
  ['a later time', replacedIn(signed(), 'signature-input', /created=\d/, 'created=2')],
  ['another nonce', replacedIn(signed(), 'signature-input', /nonce="./, 'nonce="_')],
  ['another algorithm', replacedIn(signed(), 'signature-input', 'hmac-sha256', 'none')],
  ['another key id', replacedIn(signed(), 'signature-input', KEY_ID, OTHER_KEY_ID)],
  ['an unknown key id', signed({ keyId: newId() })],
  ['the secret of another terminal', signed({ secret: new Uint8Array(32).fill(9) })],
  ['a signature without the key', coveringLess({ key: true })],
  ['a signature without the digest', coveringLess({ digest: true })],
  ['a component struck from the list', replacedIn(signed(), 'signature-input', ' "@query"', '')],
  ['two signatures', replacedIn(signed(), 'signature', /$/, ', sig2=:AAAA:')],
  ['a signature cut short', replacedIn(signed(), 'signature', /.{5}=:$/, '=:')],
  ['an empty signature', changed(signed(), { signature: '' })],
  ['a time in words', replacedIn(signed(), 'signature-input', /created=\d+/, 'created=now')],
  ['a time with leading zero', replacedIn(signed(), 'signature-input', 'created=', 'created=0')],
  ['a short nonce', signed({ nonce: 'short' })],
  ['an endless header', replacedIn(signed(), 'signature-input', '(', `(${'"@path" '.repeat(99)}`)],
]

describe('only the terminal itself is believed', () => {
  it('an honest request reaches the action with terminal, nonce and key', async () => {
    const own = openApi()
    const request = signed({ nonce: 'nonce-of-this-request' })
    expect(await verdictOf(await own.send(request))).toBe('201')
    const [caller, write] = own.asked[0]?.given ?? []
    expect(caller).toMatchObject({
      clientId: TERMINALS[KEY_ID],
      institutionCode: 'P33028200001',
      nonce: 'nonce-of-this-request',
    })
    expect(write).toMatchObject({ key: request.headers['idempotency-key'] })
  })

  it.each(FORGED)('a request with %s is refused and reaches no action', async (_, request) => {
    const before = api.asked.length
    expect(await verdictOf(await api.send(request))).toBe('401 signature-invalid')
    expect(api.asked.length).toBe(before)
  })

  it.each(['signature', 'signature-input'])('a request without %s has none', async (name) => {
    const answer = await api.send(without(signed(), name))
    expect(await verdictOf(answer)).toBe('401 signature-missing')
  })

  it('an unknown key and a wrong signature get the same words', async () => {
    const texts = await Promise.all(
      [signed({ keyId: newId() }), signed({ secret: new Uint8Array(32) })].map(async (request) => {
        const problem = (await (await api.send(request)).json()) as object
        return { ...problem, requestId: '' }
      }),
    )
    expect(texts[0]).toEqual(texts[1])
  })

  it.each([
    [-300, '201'],
    [-301, '401 signature-stale'],
    [60, '201'],
    [61, '401 signature-stale'],
    [-Math.floor(NOW / 1000), '401 signature-stale'],
    [9_999_999_999_999 - Math.floor(NOW / 1000), '401 signature-stale'],
  ])('a signature made %i seconds from now: %s', async (createdShiftS, verdict) => {
    const answer = await api.send(signed({ createdShiftS }))
    const serverTime = answer.headers.get('server-time')
    expect(await verdictOf(answer)).toBe(verdict)
    expect(serverTime).toBe(verdict === '201' ? null : '2026-11-23T06:05:09.000Z')
  })

  it('a stale forgery is a forgery: only the terminal itself learns of its clock', async () => {
    const request = signed({ createdShiftS: -301, secret: new Uint8Array(32) })
    expect(await verdictOf(await api.send(request))).toBe('401 signature-invalid')
  })

  it('reads carry no nonce on, by GET and by POST', async () => {
    const own = openApi()
    const check = '/v1/entitlement-checks'
    await own.send(signed({ method: 'GET', path: '/v1/catalogue', key: null }))
    await own.send(signed({ path: check, body: exampleBody(`POST ${check}`), key: null }))
    expect(own.asked.map(({ action, given: [caller] }) => [action, caller])).toMatchObject([
      ['readCatalogue', { nonce: null }],
      ['checkEntitlement', { nonce: null }],
    ])
  })
})
