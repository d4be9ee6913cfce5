import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../server/kernel/ids.ts'
import { SEED } from '../properties/seed.ts'
import { CLAIM, exampleBody, openApi, SETTLE, type Signed, signed, verdictOf } from './api.ts'

const api = openApi()
const ID = '0198c2f0-7c3e-7b1a-9f00-000000000001'
const RETURNS = `/v1/settlements/${ID}/returns`
const RETURN_BODY = exampleBody('POST /v1/settlements/{settlementId}/returns')

type Json = Record<string, unknown>
const claimWith = (change: (claim: Json, line: Json) => void): string => {
  const claim = JSON.parse(CLAIM) as Json & { lines: [Json] }
  change(claim, claim.lines[0])
  return JSON.stringify(claim)
}
const verdictOn = async (request: Signed) => verdictOf(await api.send(request))
const fieldRefused = async (body: string): Promise<unknown> => {
  const problem = (await (await api.send(signed({ body }))).json()) as {
    status: number
    code: string
    params: { field?: string }
  }
  expect([problem.status, problem.code]).toEqual([400, 'schema-invalid'])
  return problem.params.field
}

const NO_AMOUNTS = [
  ...['1e1000000000', '0x10', '0b1', '1_000', 'Infinity', 'NaN', '+1', ' 1 ', '１２', '1,000'],
  ...['1.', '.5', '', '-', '--1', '1.234', '00', '01.00', '1e2', '٣', '一', '1\n'],
  ...['0'.repeat(10_000), '9'.repeat(10_000), '99999999999999.00'],
]
const NO_NUMBERS = [
  '1e12',
  '1/2',
  '半',
  '',
  '-',
  '+1',
  ' 1',
  '1.',
  '.5',
  '01',
  '0x10',
  'NaN',
  '1,5',
]
const NO_FIGURES = [
  '-1',
  '-0',
  '-0.5',
  '1000000000000',
  '0.0000001',
  '1.23456789',
  '99999999999.00',
]

describe('figures that are none', () => {
  it.each(NO_AMOUNTS.map((text) => [text.slice(0, 24), text]))(
    '%j is no amount',
    async (_, text) => {
      const body = claimWith((claim) => {
        claim.totalExpense = text
      })
      expect(await fieldRefused(body)).toBe('totalExpense')
    },
  )

  it.each([...NO_NUMBERS, '1'.repeat(21)])('%j is neither quantity nor price', async (text) => {
    for (const name of ['quantity', 'unitPrice']) {
      const body = claimWith((_, line) => {
        line[name] = text
      })
      expect(await fieldRefused(body)).toBe(`lines.0.${name}`)
    }
  })

  // A number that no line can have is refused by the business, with a stored answer: 422.
  it.each(NO_FIGURES)('%j is a number, and so a matter of the business', async (text) => {
    const { lines } = JSON.parse(CLAIM) as { lines: [Json] }
    for (const name of ['quantity', 'unitPrice']) {
      const own = openApi()
      const body = claimWith((_, line) => {
        line[name] = text
      })
      expect(await verdictOf(await own.send(signed({ body })))).toBe('201')
      const asked = own.asked[0]?.given[2] as { lines: [Json] } | undefined
      expect(asked?.lines).toEqual([{ ...lines[0], [name]: text }])
    }
  })

  it.each(['-1', '1e12', '1000000000000'])('nobody returns %j packs', async (quantity) => {
    const body = JSON.parse(RETURN_BODY) as { lines: [Json] }
    body.lines[0].quantity = quantity
    const answer = await api.send(signed({ path: RETURNS, body: JSON.stringify(body) }))
    expect(await answer.json()).toMatchObject({
      status: 400,
      params: { field: 'lines.0.quantity' },
    })
  })

  it.each([31.6, 0, null, true, ['31.60'], { yuan: '31.60' }])(
    'an amount is text: %j is refused',
    async (value) => {
      const body = claimWith((claim) => {
        claim.totalExpense = value
      })
      expect(await fieldRefused(body)).toBe('totalExpense')
    },
  )
})

describe('what nobody asked for', () => {
  it.each(['status', 'payers', 'personType', 'isAdmin', 'settlementId'])(
    'the additional field %s is refused, in the claim and in a line',
    async (name) => {
      const inClaim = claimWith((claim) => {
        claim[name] = 'x'
      })
      const inLine = claimWith((_, line) => {
        line[name] = 'x'
      })
      expect(await fieldRefused(inClaim)).toBe(name)
      expect(await fieldRefused(inLine)).toBe(`lines.0.${name}`)
    },
  )

  it('a field name that is no word is not repeated to the sender', async () => {
    expect(await fieldRefused(claimWith((claim) => Object.assign(claim, { '<b>': 1 })))).toBe('?')
  })

  it.each([
    ['?day=2026-11-23', '200'],
    ['?day=2026-11-23&limit=200', '200'],
    ['?', '400 schema-invalid'],
    ['?day=2026-02-30', '400 schema-invalid'],
    ['?day=2026-11-23&day=2026-11-24', '400 schema-invalid'],
    ['?day=2026-11-23&limit=0', '400 schema-invalid'],
    ['?day=2026-11-23&limit=1e2', '400 schema-invalid'],
    ['?day=2026-11-23&institution=H33028200001', '400 schema-invalid'],
    ['?day=2026-11-23&__proto__=1', '400 schema-invalid'],
  ])('a list asked for with %s: %s', async (query, verdict) => {
    const request = signed({ method: 'GET', path: SETTLE, query, key: null })
    expect(await verdictOn(request)).toBe(verdict)
  })

  it.each([
    ['?', '200', undefined],
    [`?terminalId=${ID}`, '200', ID],
    ['?terminalId=1', '400 schema-invalid', undefined],
    ['?terminalId=', '400 schema-invalid', undefined],
    [`?terminal=${ID}`, '400 schema-invalid', undefined],
  ])(
    'an outcome asked for with %s: %s, and of that terminal',
    async (query, verdict, terminalId) => {
      const request = signed({ method: 'GET', path: `/v1/outcomes/${ID}`, query, key: null })
      const before = api.asked.length
      expect(await verdictOn(request)).toBe(verdict)
      if (verdict === '200') expect(api.asked.at(-1)?.given.slice(1)).toEqual([ID, terminalId])
      else expect(api.asked.length).toBe(before)
    },
  )

  it.each(['1', '9007199254740993', '-1', ID.toUpperCase(), `${ID}'--`, '%00', '..'])(
    'the settlement %s cannot be asked for',
    async (id) => {
      const path = `/v1/settlements/${id}`
      const verdict = await verdictOn(signed({ method: 'GET', path, key: null }))
      expect(['400 schema-invalid', '404 not-found', '401 signature-invalid']).toContain(verdict)
    },
  )
})

describe('keys and content types', () => {
  it('where no query is asked for, none is taken', async () => {
    expect(await verdictOn(signed({ query: '?dry=1' }))).toBe('400 schema-invalid')
  })

  it.each([
    ['missing', null],
    ['empty', ''],
    ['256 characters', 'x'.repeat(256)],
    ['in capitals', newId().toUpperCase()],
    ['a number', '17'],
  ])('a write with a key that is %s is refused', async (_, key) => {
    expect(await verdictOn(signed({ key }))).toBe('400 key-missing')
  })

  it('the same key at another address is bound to other content', async () => {
    const own = openApi()
    const key = newId()
    await own.send(signed({ key, path: RETURNS, body: RETURN_BODY }))
    const other = RETURNS.replace('0001/', '0002/')
    await own.send(signed({ key, path: other, body: RETURN_BODY }))
    await own.send(signed({ key, path: other, body: RETURN_BODY }))
    const hashes = own.asked.map(({ given }) => (given[1] as { bodySha: string }).bodySha)
    expect(hashes).toHaveLength(3)
    expect(hashes[0]).not.toBe(hashes[1])
    expect(hashes[1]).toBe(hashes[2])
  })

  it.each(['text/plain', 'application/xml', 'application/json; charset=gbk', ''])(
    'a body that calls itself %j is refused',
    async (type) => {
      const request = signed()
      const headers = { ...request.headers, 'content-type': type }
      expect(await verdictOn({ ...request, headers })).toBe('415 schema-invalid')
    },
  )

  it('a compressed body is refused', async () => {
    const request = signed()
    const headers = { ...request.headers, 'content-encoding': 'gzip' }
    expect(await verdictOn({ ...request, headers })).toBe('415 schema-invalid')
  })
})

describe(`anything at all (PROPERTY_SEED=${SEED})`, () => {
  const FINE = new Set([200, 201, 400, 401, 404, 405, 413, 415, 422])
  let statuses: Map<number, number>
  beforeAll(() => {
    statuses = new Map()
  })
  const sendAll = async (requests: readonly Signed[]): Promise<void> => {
    for (const request of requests) {
      const { status } = await api.send(request)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    expect([...statuses.keys()].filter((status) => !FINE.has(status))).toEqual([])
  }

  it('a body with some bytes changed is answered, never with an error of ours', async () => {
    const whole = Buffer.from(CLAIM)
    const edits = fc.array(
      fc.tuple(fc.nat({ max: whole.length - 1 }), fc.nat({ max: 3 }), fc.nat({ max: 255 })),
      { minLength: 1, maxLength: 6 },
    )
    const bodies = fc.sample(edits, { seed: SEED, numRuns: 1_500 }).map((list) => {
      let bytes = [...whole]
      for (const [at, kind, byte] of list) {
        if (kind === 0) bytes[at] = byte
        else if (kind === 1) bytes.splice(at, 1)
        else if (kind === 2) bytes.splice(at, 0, byte)
        else bytes = [...bytes.slice(0, at), ...bytes.slice(Math.max(0, at - byte))]
      }
      return Uint8Array.from(bytes)
    })
    await sendAll(bodies.map((body) => signed({ body })))
  })

  it('a claim with any field replaced, nested, doubled or dropped is answered', async () => {
    const places = placesIn(JSON.parse(CLAIM))
    const change = fc.tuple(
      fc.constantFrom(...places),
      fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constant('31.60'), fc.constant(DROP)),
      fc.constantFrom('put' as const, 'wrap' as const),
    )
    const bodies = fc.sample(change, { seed: SEED, numRuns: 1_500 }).map(([place, value, how]) => {
      const claim: unknown = JSON.parse(CLAIM)
      changeAt(claim, place, (old) => (how === 'wrap' ? [old, value] : value))
      return JSON.stringify(claim)
    })
    await sendAll(bodies.map((body) => signed({ body })))
  })

  it('any JSON and any text at every address is answered', async () => {
    const paths = ['/v1/entitlement-checks', '/v1/sign-ins', '/v1/compensations', RETURNS]
    const given = fc.tuple(fc.constantFrom(...paths), fc.oneof(fc.json(), fc.string()))
    const sample = fc.sample(given, { seed: SEED, numRuns: 600 })
    await sendAll(sample.map(([path, body]) => signed({ path, body })))
  })

  it('a body cut at any byte is refused, whether the cut or the whole was signed', async () => {
    const whole = Buffer.from(CLAIM)
    const cuts = [...whole.keys()].map((length) => Uint8Array.from(whole.subarray(0, length)))
    const before = api.asked.length
    await sendAll(cuts.map((body) => signed({ body })))
    await sendAll(cuts.map((body) => ({ ...signed(), body })))
    expect(api.asked.length).toBe(before)
  })

  it('the fuzz went through all of it: some were taken, some refused at each stage', () => {
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([201, 400]))
  })
})

const DROP = Symbol('drop the field')
type Place = readonly (string | number)[]

/** Every place inside a JSON value, as steps from its root. */
function placesIn(value: unknown, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [at]
  const inner = Object.entries(value).flatMap(([name, each]) =>
    placesIn(each, [...at, Array.isArray(value) ? Number.parseInt(name, 10) : name]),
  )
  return at.length === 0 ? inner : [at, ...inner]
}

function changeAt(root: unknown, place: Place, change: (old: unknown) => unknown): void {
  const steps = [...place]
  const last = steps.pop() ?? ''
  const holder = steps.reduce<unknown>((value, step) => (value as Json)[step], root) as Json
  const value = change(holder[last])
  if (value === DROP) delete holder[last]
  else holder[last] = value
}
