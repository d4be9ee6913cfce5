import { once } from 'node:events'
import { connect } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningServer, serve } from '../../server/rest/serve.ts'
import { type Api, CLAIM, openApi, SETTLE, type Signed, signed as signedAs } from './api.ts'

const LIMIT = 256 * 1024
/** In ASCII, so that its characters are its bytes. */
const BODY = CLAIM.replace(/[^ -~]+/g, 'x')
const signed = (wanted: Parameters<typeof signedAs>[0] = {}): Signed =>
  signedAs({ body: BODY, ...wanted })
const tls = { certFile: undefined, keyFile: undefined }
const listen = (api: Api): Promise<RunningServer> =>
  serve(api.app, { host: '127.0.0.1', port: 0, lifecycle: api.lifecycle, tls })

const api = openApi()
let server: RunningServer
beforeAll(async () => {
  server = await listen(api)
})
afterAll(() => server.close())

const portOf = ({ url }: RunningServer): number => Number.parseInt(new URL(url).port, 10)

/** Writes bytes to a socket and gives back all that comes before the centre closes it. */
async function talk(parts: readonly (string | Buffer)[], hangUp = false): Promise<string> {
  const socket = connect(portOf(server), '127.0.0.1')
  socket.on('error', () => socket.destroy())
  await once(socket, 'connect')
  for (const part of parts) if (!socket.destroyed) socket.write(part)
  if (hangUp) socket.end()
  return textOf(socket).catch(() => '')
}

const head = (request: Signed, extra: Record<string, string | number>, line?: string): string => {
  const headers = { host: 'centre', connection: 'close', ...request.headers, ...extra }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return `${[line ?? `${request.method} ${request.path} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`
}
const chunked = (body: string): string => `${body.length.toString(16)}\r\n${body}\r\n`
const statusOf = (answer: string): string => answer.split(' ')[1] ?? 'closed'

describe('bodies on the wire', () => {
  it('a good request is settled, announced or in chunks', async () => {
    const request = signed()
    const announced = await talk([head(request, { 'content-length': BODY.length }), BODY])
    const again = signed()
    const pieces = [chunked(BODY.slice(0, 10)), chunked(BODY.slice(10)), '0\r\n\r\n']
    const inChunks = await talk([head(again, { 'transfer-encoding': 'chunked' }), ...pieces])
    expect([statusOf(announced), statusOf(inChunks)]).toEqual(['201', '201'])
  })

  it('a body announced beyond the limit is refused before it comes', async () => {
    const answer = await talk([head(signed(), { 'content-length': 100 * 1024 * 1024 })])
    expect(statusOf(answer)).toBe('413')
    expect(answer).toContain('body-too-large')
  })

  it('a body beyond the limit in chunks is refused when the limit is passed', async () => {
    const chunk = chunked(' '.repeat(16 * 1024))
    const parts = Array.from({ length: 17 }, () => chunk)
    const answer = await talk([head(signed(), { 'transfer-encoding': 'chunked' }), ...parts])
    expect(statusOf(answer)).toBe('413')
  })

  it('the last byte within the limit is still taken', async () => {
    const padded = BODY.padEnd(LIMIT, ' ')
    const request = signed({ body: padded })
    expect(statusOf(await talk([head(request, { 'content-length': LIMIT }), padded]))).toBe('201')
  })

  it.each<[string, Record<string, string | number>, string, string]>([
    ['a length in words', { 'content-length': 'abc' }, BODY, '400'],
    ['a negative length', { 'content-length': -1 }, BODY, '400'],
    ['two framings', { 'content-length': 3, 'transfer-encoding': 'chunked' }, chunked('{}'), '400'],
    ['a chunk of no size', { 'transfer-encoding': 'chunked' }, 'zz\r\n{}\r\n', '400'],
    ['a length beyond the body', { 'content-length': BODY.length + 9 }, BODY, '400'],
    ['chunks without an end', { 'transfer-encoding': 'chunked' }, chunked(BODY), '400'],
    ['a length short of the body', { 'content-length': 9 }, BODY, '400'],
  ])('%s reaches no action', async (_, headers, body, status) => {
    const before = api.asked.length
    expect([status, 'closed', 'undefined']).toContain(
      statusOf(await talk([head(signed(), headers), body], true)),
    )
    expect(api.asked.length).toBe(before)
  })

  it('a length given twice reaches no action', async () => {
    const before = api.asked.length
    const doubled = head(signed(), { 'content-length': BODY.length }).replace(
      '\r\n\r\n',
      '\r\ncontent-length: 2\r\n\r\n',
    )
    expect(statusOf(await talk([doubled, BODY]))).toBe('400')
    expect(api.asked.length).toBe(before)
  })

  it('a till that hangs up in the middle leaves the centre as it was', async () => {
    const before = api.asked.length
    const cut = BODY.slice(0, 40)
    for (const _ of [1, 2, 3]) {
      const socket = connect(portOf(server), '127.0.0.1')
      await once(socket, 'connect')
      socket.write(head(signed(), { 'content-length': BODY.length }) + cut)
      socket.destroy()
    }
    const next = await talk([head(signed(), { 'content-length': BODY.length }), BODY])
    expect(statusOf(next)).toBe('201')
    expect(api.asked.length).toBe(before + 1)
  })
})

describe('methods and addresses', () => {
  const get = signed({ method: 'GET', path: '/v1/catalogue', key: null })
  it.each([
    ['HEAD /v1/catalogue HTTP/1.1', '405'],
    ['OPTIONS /v1/settlements HTTP/1.1', '405'],
    ['PUT /v1/settlements HTTP/1.1', '405'],
    ['DELETE /v1/settlements HTTP/1.1', '405'],
    ['PATCH /v1/catalogue HTTP/1.1', '405'],
    ['TRACE /v1/catalogue HTTP/1.1', '405'],
    ['GET /v1/entitlement-checks HTTP/1.1', '405'],
    ['GET /v1/nowhere HTTP/1.1', '404'],
    ['GET /v2/catalogue HTTP/1.1', '404'],
    ['GET //v1/catalogue HTTP/1.1', '404'],
    ['GET /v1/catalogue/ HTTP/1.1', '404'],
    ['GET /v1/catalogue. HTTP/1.1', '404'],
    ['GET /v1/%2e%2e/v1/catalogue HTTP/1.1', '401'],
    ['GET /docs/..%2f..%2fpackage.json HTTP/1.1', '404'],
    ['GET /docs/%2e%2e%2fpackage.json HTTP/1.1', '404'],
    ['GET /v1/%E0%A4%A HTTP/1.1', '404'],
    ['GET http://elsewhere/v1/catalogue HTTP/1.1', '200'],
    ['GET /v1/catalogue HTTP/9.9', '400'],
    ['nonsense', '400'],
  ])('%s: %s', async (line, status) => {
    expect(statusOf(await talk([head(get, {}, line)]))).toBe(status)
  })

  it('an address that knows two methods names both', async () => {
    const answer = await fetch(`${server.url}${SETTLE}`, { method: 'DELETE' })
    expect(answer.headers.get('allow')).toBe('GET, POST')
    expect(await answer.json()).toMatchObject({ code: 'not-found', status: 405 })
  })

  it('who asks on and on and takes no answer is cut off; a few at once are answered', async () => {
    const asked = head(get, { connection: 'keep-alive' })
    const last = head(get, {})
    const few = await talk([asked.repeat(3) + last])
    expect(few.match(/HTTP\/1\.1 200/g)).toHaveLength(4)
    const many = await talk([asked.repeat(400) + last])
    expect((many.match(/HTTP\/1\.1 200/g) ?? []).length).toBeLessThanOrEqual(4)
    expect(statusOf(await talk([last]))).toBe('200')
  })

  it('a method cannot be put on by a header', async () => {
    const answer = await talk([head(get, { 'x-http-method-override': 'POST' })])
    expect(statusOf(answer)).toBe('200')
  })

  it('headers over the limit are refused', async () => {
    expect(statusOf(await talk([head(get, { 'x-long': 'x'.repeat(17_000) })], true))).toBe('431')
  })

  it('headers beyond all measure are refused, and the next request is served', async () => {
    // The sender may still be sending when the refusal leaves, and then sees only the end.
    const answer = statusOf(await talk([head(get, { 'x-long': 'x'.repeat(1_000_000) })], true))
    expect(['431', 'closed']).toContain(answer)
    expect(statusOf(await talk([head(get, {})]))).toBe('200')
  })
})

describe('stopping', () => {
  const inFlight = async ({ url }: RunningServer): Promise<string | undefined> => {
    const text = await (await fetch(`${url}/metrics`)).text()
    return /^gate_in_flight (\d+)$/m.exec(text)?.[1]
  }

  it('what is under way ends and is answered; who comes later is not taken', async () => {
    let finish = () => {}
    const held = new Promise<void>((resolve) => {
      finish = resolve
    })
    const own = openApi({
      settleClaim: async () => {
        await held
        return { kind: 'stored', status: 201, text: '{"done":true}', replayed: false }
      },
    })
    const running = await listen(own)
    const { headers, body } = signed()
    const init = { method: 'POST', headers, body }
    const underWay = fetch(`${running.url}${SETTLE}`, init)
    await expect.poll(() => inFlight(running)).toBe('1')
    const closed = running.close()
    await expect(
      fetch(`${running.url}/healthz`, { headers: { connection: 'close' } }),
    ).rejects.toThrow()
    finish()
    expect(await (await underWay).json()).toEqual({ done: true })
    await closed
  })

  it('a till that keeps its connection busy is told to let go of it', async () => {
    let finish = () => {}
    const held = new Promise<void>((resolve) => {
      finish = resolve
    })
    const own = openApi({
      settleClaim: async () => {
        await held
        return { kind: 'stored', status: 201, text: '{}', replayed: false }
      },
    })
    const running = await listen(own)
    const socket = connect(portOf(running), '127.0.0.1')
    await once(socket, 'connect')
    const request = signed()
    const keepAlive = { 'content-length': BODY.length, connection: 'keep-alive' }
    socket.write(head(request, keepAlive) + BODY)
    await expect.poll(() => inFlight(running)).toBe('1')
    const closed = running.close()
    finish()
    expect((await textOf(socket)).toLowerCase()).toContain('connection: close')
    await closed
  })
})
