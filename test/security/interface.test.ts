import { describe, expect, it } from 'vitest'
import { createApp, OPERATIONS } from '../../server/app.ts'
import { EXAMPLES } from '../../server/rest/examples.ts'
import { DatabaseUnavailableError } from '../../server/store/errors.ts'
import { KEY_ID, openApi, signed, verdictOf } from '../rest/api.ts'

const production = openApi({}, { docs: false, metricsToLoopback: false })
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'] as const

/** What answers without a signature, and why that is meant. */
const OPEN: Readonly<Record<string, string>> = {
  '/healthz': 'alive or not, for whoever restarts it',
  '/readyz': 'ready or not, for whoever sends it requests',
  '/version': 'which interface it speaks',
  '/metrics': 'figures without persons, to this machine only',
  '/problems': 'what each refusal means',
  '/problems/:code': 'what one refusal means',
}
/** Of the demo profile only. */
const OF_THE_DEMO = ['/', '/docs', '/docs/:name', '/openapi.json']

const routePath = (path: string) => path.replaceAll(/\{(\w+)\}/g, ':$1')
const SIGNED = [...new Set(OPERATIONS.map(({ path }) => routePath(path)))]
const routesOf = ({ app }: typeof production) =>
  [...new Set(app.routes.map(({ path }) => path))].filter((path) => path !== '/*').sort()

describe('the addresses of the centre', () => {
  it('are the signed operations and a list of open ones, each with its reason', () => {
    expect(routesOf(production)).toEqual([...SIGNED, ...Object.keys(OPEN)].sort())
  })

  it('in the demo add the interactive page and nothing else', () => {
    const more = routesOf(openApi()).filter((path) => !routesOf(production).includes(path))
    expect(more).toEqual([...OF_THE_DEMO].sort())
  })

  it('an operation takes nothing without a signature, by whatever method', async () => {
    for (const path of SIGNED) {
      const address = path.replaceAll(/:\w+/g, '0198c2f0-7c3e-7b1a-9f00-0000000000a1')
      for (const method of METHODS) {
        const body = method === 'GET' || method === 'HEAD' ? {} : { body: '{}' }
        const headers = { 'content-type': 'application/json' }
        const { status } = await production.app.request(address, { method, headers, ...body })
        const own = OPERATIONS.some(
          (one) => routePath(one.path) === path && one.method.toUpperCase() === method,
        )
        expect([method, path, status]).toEqual([method, path, own ? 401 : 405])
      }
    }
    expect(production.asked).toEqual([])
  })

  it('an open one is read and never written', async () => {
    for (const path of Object.keys(OPEN)) {
      for (const method of METHODS.filter((one) => one !== 'GET' && one !== 'HEAD')) {
        const { status } = await production.app.request(path, { method })
        expect([method, path, status]).toEqual([method, path, 404])
      }
    }
  })

  it('carry no personal data: their parts are ids, days and page sizes', () => {
    const parts = OPERATIONS.flatMap(({ path, schemas }) => [
      ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name),
      ...Object.keys((schemas.query as { shape?: object } | undefined)?.shape ?? {}),
    ])
    expect([...new Set(parts)].sort()).toEqual([
      'cursor',
      'day',
      'key',
      'limit',
      'settlementId',
      'terminalId',
    ])
  })
})

describe('an answer', () => {
  const EXPECTED = {
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  }
  const ABSENT = ['access-control-allow-origin', 'server', 'set-cookie', 'x-powered-by']

  it.each([
    ['of a settlement', () => production.send(signed())],
    ['that refuses', () => production.send({ ...signed(), body: '{}' })],
    ['of an address that does not exist', () => production.app.request('/v1/nowhere')],
    ['to a foreign page that asks', () => askedByAPage('POST')],
    ['to its question beforehand', () => askedByAPage('OPTIONS')],
  ])('%s is kept by nobody, framed by nobody and read by no other page', async (_, ask) => {
    const { headers } = await ask()
    const found = Object.fromEntries(Object.keys(EXPECTED).map((name) => [name, headers.get(name)]))
    expect(found).toEqual(EXPECTED)
    for (const name of ABSENT) expect([name, headers.get(name)]).toEqual([name, null])
  })

  it('to a form that another site sends is a refusal, and nothing is done', async () => {
    const headers = {
      origin: 'https://elsewhere.example',
      'content-type': 'application/x-www-form-urlencoded',
    }
    const body = 'totalExpense=1.00'
    const { status } = await production.app.request('/v1/settlements', {
      method: 'POST',
      headers,
      body,
    })
    expect(status).toBe(415)
  })

  async function askedByAPage(method: string): Promise<Response> {
    const headers = { origin: 'https://elsewhere.example', 'content-type': 'application/json' }
    const body = method === 'POST' ? { body: '{}' } : {}
    return production.app.request('/v1/settlements', { method, headers, ...body })
  }
})

describe('a word given twice', () => {
  it('in the query is refused, since readers disagree which one counts', async () => {
    const query = '?day=2026-11-23&day=2026-11-22'
    const request = signed({ method: 'GET', query, key: null })
    expect(await verdictOf(await production.send(request))).toBe('400 schema-invalid')
    const once = signed({ method: 'GET', query: '?day=2026-11-23', key: null })
    expect(await verdictOf(await production.send(once))).toBe('200')
  })

  it('in the body is refused', async () => {
    const body = '{"operatorCode":"A","operatorCode":"B"}'
    expect(await verdictOf(await production.send(signed({ body })))).toBe('400 syntax-invalid')
  })
})

describe('what goes wrong inside', () => {
  const SECRET = 'C0000000017 select * from person where name = 张三 /srv/app/server/x.ts'
  it.each(OPERATIONS.map(({ method, path }) => `${method.toUpperCase()} ${path}`))(
    '%s answers with an id and no word of the error',
    async (name) => {
      const [method, path = ''] = name.split(' ')
      const failing = openApi(everyActionFails(new Error(SECRET)), { docs: false })
      const answer = await failing.send(requestOf(method === 'GET' ? 'GET' : 'POST', path, name))
      const text = await answer.text()
      expect(answer.status).toBe(500)
      expect(text).not.toMatch(/select|person|张三|\/srv|\.ts|Error/)
      expect(JSON.parse(text)).toMatchObject({ requestId: answer.headers.get('x-request-id') })
    },
  )
})

describe('fail closed: whoever cannot be asked allows nothing', () => {
  it('the store of terminal keys', async () => {
    const keyless = openApi()
    const institutions = { findKey: async () => Promise.reject(new DatabaseUnavailableError()) }
    const runtime = {
      clock: keyless.clock,
      institutions,
      store: { door: { counters: {} } },
    } as unknown as Parameters<typeof createApp>[0]
    const { app } = createApp(runtime, {
      docs: false,
      logLevel: 'silent',
      newestMigration: null,
      rate: null,
    })
    const { path, headers, body } = signed({ keyId: KEY_ID })
    const answer = await app.request(path, { method: 'POST', headers, body: String(body) })
    expect(await verdictOf(answer)).toBe('503 database-unavailable')
  })
})

function requestOf(method: 'GET' | 'POST', path: string, name: string) {
  const address = path.replaceAll(/\{\w+\}/g, '0198c2f0-7c3e-7b1a-9f00-0000000000a1')
  const operation = OPERATIONS.find(
    (one) => one.path === path && one.method.toUpperCase() === method,
  )
  const key = operation?.kind === 'write' ? {} : { key: null }
  const query = name === 'GET /v1/settlements' ? { query: '?day=2026-11-23' } : {}
  const body = method === 'GET' ? {} : { body: JSON.stringify(EXAMPLES[name]?.body) }
  return signed({ method, path: address, ...key, ...query, ...body })
}

const everyActionFails = (error: Error): Parameters<typeof openApi>[0] =>
  Object.fromEntries(ACTIONS.map((name) => [name, () => Promise.reject(error)]))

const ACTIONS = [
  'checkEntitlement',
  'presettleClaim',
  'settleClaim',
  'reverseSettlement',
  'presettleReturn',
  'returnLines',
  'compensateMessage',
  'recordTraceCodes',
  'returnTraceCodes',
  'rotateTerminalKey',
  'findOutcome',
  'viewSettlement',
  'listSettlements',
  'readCatalogue',
  'checkTraceCodes',
  'signIn',
]
