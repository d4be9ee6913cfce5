/** Traces as a collector receives them: off unless wanted, whole where wanted, without a person. */
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Application, createApp } from '../../server/app.ts'
import { contentDigestOf, signedHeaders } from '../../server/contract/signature.ts'
import { newId } from '../../server/kernel/ids.ts'
import { openTracing, type Tracing } from '../../server/tracing.ts'
import { readText, sourceFile } from '../architecture/source-files.ts'
import { SETTLE } from '../rest/api.ts'
import { type Area, claimFor, SHOP, smallArea, terminalOf } from '../support/area.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'

type Span = {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  startTimeUnixNano: string
  endTimeUnixNano: string
}

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'

let database: FreshDatabase
let area: Area
let collector: Server
let received: string[]
let tracing: Tracing
let url: string
beforeAll(async () => {
  received = []
  collector = createServer((request, answer) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      received.push(`${request.url} ${Buffer.concat(parts).toString('utf8')}`)
      answer.end('{}')
    })
  })
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', () => resolve()))
  const address = collector.address()
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  database = await freshDatabase()
  area = await smallArea(database.url)
  tracing = openTracing(url, '0.0.0')
})
afterAll(async () => {
  await tracing.stop()
  collector.close()
  await area.close()
  await database.drop()
})

const spansIn = (text: string): Span[] =>
  (
    JSON.parse(text.slice(text.indexOf('{'))) as {
      resourceSpans: { scopeSpans: { spans: Span[] }[] }[]
    }
  ).resourceSpans.flatMap((one) => one.scopeSpans.flatMap(({ spans }) => spans))

describe('a traced centre', () => {
  it('tells request, read, decide and post of a sale below the span of its sender', async () => {
    const { app } = createApp(tracing.traced(area.runtime), {
      docs: false,
      logLevel: 'silent',
      newestMigration: null,
      observe: tracing.observe,
    })
    const claim = claimFor('retired', [{ item: 'plain', quantity: '2' }])
    const answer = await signedRequest(app, claim)
    expect(answer.status).toBe(201)
    await tracing.flush()
    const text = received.at(-1) ?? ''
    expect(text).toMatch(/^\/v1\/traces \{/)
    const spans = spansIn(text)
    expect(spans.map(({ name }) => name)).toEqual(['read', 'decide', 'post', `POST ${SETTLE}`])
    const request = spans.at(-1)
    expect(request).toMatchObject({ traceId: TRACE, parentSpanId: PARENT })
    for (const span of spans.slice(0, -1)) {
      expect(span).toMatchObject({ traceId: TRACE, parentSpanId: request?.spanId })
    }
    for (const span of spans) {
      expect(BigInt(span.endTimeUnixNano) >= BigInt(span.startTimeUnixNano)).toBe(true)
    }
    expect(text).toContain('"http.response.status_code","value":{"intValue":"201"}')
    for (const personal of personalDataOf(claim)) expect(text).not.toContain(personal)
  })

  it('settles all the same where the collector is away', async () => {
    const away = openTracing('http://127.0.0.1:9', '0.0.0')
    const { app } = createApp(away.traced(area.runtime), {
      docs: false,
      logLevel: 'silent',
      newestMigration: null,
      observe: away.observe,
    })
    const claim = claimFor('retired', [{ item: 'plain', quantity: '1' }])
    expect((await signedRequest(app, claim)).status).toBe(201)
    await away.stop()
  })
})

/** A sale as a till signs it, below a span of the till. */
async function signedRequest(app: Application['app'], claim: unknown): Promise<Response> {
  const body = JSON.stringify(claim)
  const { keyId, secret } = terminalOf(SHOP)
  const contentDigest = contentDigestOf(body)
  const parts = { method: 'POST', path: SETTLE, query: '?', contentDigest, idempotencyKey: newId() }
  const created = Math.floor(area.runtime.clock.now() / 1000)
  const headers = {
    ...signedHeaders(parts, { created, keyId, nonce: newId() }, secret),
    'content-type': 'application/json',
    traceparent: `00-${TRACE}-${PARENT}-01`,
  }
  return app.request(SETTLE, { method: 'POST', headers, body })
}

/** Who bought what, as the request names it. */
const personalDataOf = (claim: ReturnType<typeof claimFor>): string[] => {
  const { identity } = claim
  return ['number' in identity ? identity.number : JSON.stringify(identity), claim.operatorCode]
}

const EAGER = /^import (?!type)[^\n]*tracing\.ts/m

it('tracing is loaded where it is wanted and nowhere else', () => {
  const main = sourceFile('server/main.ts', readText('server/main.ts'))
  expect(main.text).not.toMatch(EAGER)
  expect(main.text).toContain("await import('./tracing.ts')")
  const eager = sourceFile('server/main.ts', "import { openTracing } from './tracing.ts'\n")
  expect(eager.text).toMatch(EAGER)
})
