import { describe, expect, it } from 'vitest'
import { OPERATIONS } from '../../server/app.ts'
import { REFUSAL_CODES, REFUSALS } from '../../server/kernel/refusal.ts'
import { EXAMPLES } from '../../server/rest/examples.ts'
import { openApi, signed, verdictOf } from './api.ts'

type Json = Record<string, unknown>
type Entry = {
  summary: string
  parameters: { name: string; in: string; required: boolean }[]
  requestBody?: { content: Record<string, { schema: Json; example?: unknown }> }
  responses: Record<string, { description: string; content: Record<string, Json> }>
}
type Document = {
  openapi: string
  paths: Record<string, Record<string, Entry>>
  components: { schemas: Json; securitySchemes: Json }
  security: Json[]
}

const api = openApi()
const get = (path: string) => api.app.request(path)
const document = (await (await get('/openapi.json')).json()) as Document
const nameOf = ({ method, path }: { method: string; path: string }) =>
  `${method.toUpperCase()} ${path}`
const entryOf = (operation: { method: string; path: string }): Entry => {
  const entry = document.paths[operation.path]?.[operation.method]
  if (entry === undefined) throw new Error(`${nameOf(operation)} is not documented`)
  return entry
}
const referencesIn = (value: unknown): string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, inner]) =>
        name === '$ref' ? [inner as string] : referencesIn(inner),
      )

describe('the API document', () => {
  it('is OpenAPI 3.1, documents what exists and nothing else', () => {
    const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => nameOf({ method, path })),
    )
    expect(document.openapi).toMatch(/^3\.1\./)
    expect(documented.sort()).toEqual(OPERATIONS.map(nameOf).sort())
    expect(document.security).toEqual([{ terminalSignature: [] }])
  })

  it('every reference leads somewhere', () => {
    const known = Object.keys(document.components.schemas)
    const dangling = referencesIn(document).filter(
      (reference) => !known.includes(reference.replace('#/components/schemas/', '')),
    )
    expect(referencesIn(document).length).toBeGreaterThan(0)
    expect(dangling).toEqual([])
  })

  it.each(OPERATIONS.map((operation) => [nameOf(operation), operation] as const))(
    '%s: its parameters, its key, its problems and an example that its schema takes',
    (name, operation) => {
      const entry = entryOf(operation)
      const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
      const given = entry.parameters.filter((one) => one.in === 'path').map((one) => one.name)
      expect(given).toEqual(inPath)
      expect(entry.parameters.some((one) => one.name === 'Idempotency-Key')).toBe(
        operation.kind === 'write',
      )
      expect(Object.keys(entry.responses)).toEqual(expect.arrayContaining(['400', '401', '503']))
      const example = EXAMPLES[name]
      expect(operation.answer.safeParse(example?.answer)).toMatchObject({ success: true })
      if (operation.schemas.body === undefined) return
      expect(operation.schemas.body.safeParse(example?.body)).toMatchObject({ success: true })
      expect(entry.requestBody?.content['application/json']?.example).toEqual(example?.body)
    },
  )

  it('no example stands there without an operation', () => {
    expect(Object.keys(EXAMPLES).sort()).toEqual(OPERATIONS.map(nameOf).sort())
  })

  it('every documented operation exists behind its signature', async () => {
    const id = '0198c2f0-7c3e-7b1a-9f00-000000000001'
    for (const operation of OPERATIONS) {
      const path = operation.path.replace(/\{\w+\}/g, id)
      const example = EXAMPLES[nameOf(operation)]?.body
      const request = signed({
        method: operation.method === 'get' ? 'GET' : 'POST',
        path,
        query: nameOf(operation) === 'GET /v1/settlements' ? '?day=2026-11-23' : '?',
        body: JSON.stringify(example ?? null),
        ...(operation.kind === 'write' ? {} : { key: null }),
      })
      const unsigned = { ...request, headers: { 'content-type': 'application/json' } }
      const expected = operation.kind === 'write' ? '201' : '200'
      const verdicts = [
        await verdictOf(await api.send(request)),
        await verdictOf(await api.send(unsigned)),
      ]
      expect([nameOf(operation), ...verdicts]).toEqual([
        nameOf(operation),
        expected,
        '401 signature-missing',
      ])
    }
  })
})

describe('the pages', () => {
  it('the interactive page loads its own files and nothing else', async () => {
    const page = await get('/docs')
    const html = await page.text()
    const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '')
    expect(sources.length).toBeGreaterThan(2)
    for (const source of sources) {
      expect(source).toMatch(/^\/docs\//)
      const asset = await get(source)
      expect([source, asset.status]).toEqual([source, 200])
      if (/start/.test(source)) expect(await asset.text()).not.toMatch(/https?:/)
    }
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self'")
    expect(policy).toContain("connect-src 'self'")
    expect(policy).not.toMatch(/https?:|\*|script-src[^;]*unsafe/)
  })

  it('the address of the server itself leads to the interactive page', async () => {
    const answer = await get('/')
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/docs'])
  })

  it.each(['/', '/docs', '/docs/start.js', '/openapi.json'])(
    'without the interactive page, %s does not exist',
    async (path) => {
      const production = openApi({}, { docs: false })
      expect((await production.app.request(path)).status).toBe(404)
    },
  )

  it.each(['package.json', 'index.html', '../package.json', 'swagger-ui-bundle.js.map'])(
    'no other file is served: %s',
    async (name) => {
      expect((await get(`/docs/${encodeURIComponent(name)}`)).status).toBe(404)
    },
  )

  it('the catalogue of refusals has each with its number and both languages', async () => {
    const html = await (await get('/problems')).text()
    const missing = REFUSAL_CODES.filter((code) => {
      const { number, zh, en } = REFUSALS[code]
      const plain = (text: string) => html.includes(text.replace(/"/g, '&#34;'))
      return (
        !html.includes(`<code>${code}</code>`) || !plain(number) || !plain(zh[0]) || !plain(en[2])
      )
    })
    expect(missing).toEqual([])
    expect(html).not.toMatch(/<script|src=|https?:/)
  })

  it('every problem answer names a page that exists', async () => {
    const problem = (await (await get('/v1/nowhere')).json()) as { type: string; number: string }
    const page = await get(problem.type)
    expect(page.status).toBe(200)
    expect(await page.text()).toContain(problem.number)
    expect((await get('/problems/no-such-code')).status).toBe(404)
  })
})
