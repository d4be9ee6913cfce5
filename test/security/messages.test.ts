import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import lock from '../../package-lock.json' with { type: 'json' }
import { OPERATIONS } from '../../server/app.ts'
import { SEED } from '../properties/seed.ts'
import { openApi, type Signed, signed, verdictOf } from '../rest/api.ts'

const api = openApi()
const COVERED_HEADERS = [
  'content-digest',
  'idempotency-key',
  'signature-input',
  'signature',
] as const
const PRINTABLE = [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  ...'+/=:;,"@-_().',
]

/** The text with one character put another. */
const withOther = (text: string, at: number, other: string): string =>
  text.slice(0, at) + other + text.slice(at + 1)

const place = (length: number) => ({
  at: fc.nat({ max: length - 1 }),
  other: fc.constantFrom(...PRINTABLE),
})

async function verdictAndEffect(request: Signed): Promise<string> {
  const before = api.asked.length
  const verdict = await verdictOf(await api.send(request))
  return api.asked.length === before ? verdict : `${verdict}, and it was done`
}

describe(`a signed message (PROPERTY_SEED=${SEED})`, () => {
  it.each(COVERED_HEADERS)(
    'with any one character of %s put another is not believed',
    async (name) => {
      const request = signed()
      const value = request.headers[name] ?? ''
      const property = fc.asyncProperty(fc.record(place(value.length)), async ({ at, other }) => {
        fc.pre(value[at] !== other)
        const headers = { ...request.headers, [name]: withOther(value, at, other) }
        expect(await verdictAndEffect({ ...request, headers })).toBe('401 signature-invalid')
      })
      await fc.assert(property, { seed: SEED, numRuns: 400 })
    },
  )

  it('nor with a signature that differs in bits which no byte of it holds', async () => {
    const request = signed()
    const signature = request.headers.signature ?? ''
    const last = signature.length - 3
    for (const other of PRINTABLE.filter((one) => /[A-Za-z0-9+/]/.test(one))) {
      if (signature[last] === other) continue
      const headers = { ...request.headers, signature: withOther(signature, last, other) }
      expect(await verdictAndEffect({ ...request, headers })).toBe('401 signature-invalid')
    }
  })

  it('with any one character of its body put another has no effect', async () => {
    const request = signed()
    const body = String(request.body)
    const property = fc.asyncProperty(fc.record(place(body.length)), async ({ at, other }) => {
      fc.pre(body[at] !== other)
      const verdict = await verdictAndEffect({ ...request, body: withOther(body, at, other) })
      // What is no JSON any more is told so before anybody looks at the signature.
      expect(['401 signature-invalid', '400 syntax-invalid']).toContain(verdict)
    })
    await fc.assert(property, { seed: SEED, numRuns: 400 })
  })

  it('sent to any other address, or by another method, is not believed', async () => {
    const request = signed()
    for (const { path, method } of OPERATIONS) {
      const other = path.replace(/\{\w+\}/, request.headers['idempotency-key'] ?? '')
      if (other === request.path && method === 'post') continue
      const sent =
        method === 'get'
          ? { ...request, path: other, method: 'GET', body: null }
          : { ...request, path: other }
      expect([other, await verdictAndEffect(sent)]).toEqual([other, '401 signature-invalid'])
    }
  })

  it.each(['"@method"', '"@path"', '"@query"', '"content-digest"', '"idempotency-key"'])(
    'that does not cover %s is not believed',
    async (component) => {
      const request = signed()
      const input = (request.headers['signature-input'] ?? '').replace(component, '')
      const headers = { ...request.headers, 'signature-input': input.replace(/ {2}|\( | \)/, '') }
      expect(input.length).toBeLessThan(request.headers['signature-input']?.length ?? 0)
      expect(await verdictAndEffect({ ...request, headers })).toBe('401 signature-invalid')
    },
  )

  it.each(COVERED_HEADERS)('without %s is not believed', async (name) => {
    const { [name]: _, ...headers } = signed().headers
    expect(await verdictAndEffect({ ...signed(), headers })).toMatch(/^401 signature-/)
  })

  it('as it was signed is believed: the changes above are what was refused', async () => {
    expect(await verdictAndEffect(signed())).toBe('201, and it was done')
  })
})

describe('the algorithm', () => {
  it.each([
    'alg="none"',
    'alg=""',
    'alg="hmac-sha512"',
    'alg="HMAC-SHA256"',
    'alg="ed25519"',
    'alg="rsa-v1_5-sha256"',
    'alg="hmac-sha256";alg="none"',
    'alg=hmac-sha256',
  ])('is the key’s, not the message’s: %s is refused', async (alg) => {
    const request = signed()
    const input = request.headers['signature-input'] ?? ''
    const headers = {
      ...request.headers,
      'signature-input': input.replace('alg="hmac-sha256"', alg),
    }
    expect(await verdictAndEffect({ ...request, headers })).toBe('401 signature-invalid')
  })

  it('is checked by us and not by a package with known holes: hono is past them', () => {
    const { version } = lock.packages['node_modules/hono']
    const [major = 0, minor = 0, patch = 0] = version.split('.').map((n) => Number.parseInt(n, 10))
    expect(major * 1e6 + minor * 1e3 + patch).toBeGreaterThanOrEqual(4_012_021)
  })
})
