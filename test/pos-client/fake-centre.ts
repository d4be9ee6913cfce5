/** A small centre that checks signatures, settles each key once and misbehaves when told to. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { problemOf } from '../../server/contract/problem.ts'
import {
  contentDigestOf,
  parseSignatureInput,
  signatureHolds,
} from '../../server/contract/signature.ts'
import { type RefusalCode, refusal } from '../../server/kernel/refusal.ts'
import { documentOf } from './entries.ts'

export const KEY_ID = '0198c2f0-7c3e-7b1a-9f00-00000000000a'
export const SECRET = Buffer.alloc(32, 7)

/** What the centre does with the next request. */
export type Mood =
  | 'answer'
  /** Does its work; the answer is lost on the way. */
  | 'lose-answer'
  /** Does its work; the answer comes once the till has stopped waiting and asked again. */
  | 'answer-late'
  | 'busy'
  /** A gateway in between says 502 without a problem document. */
  | 'bad-gateway'
  /** The shop's network wants somebody to log in and says so with status 200. */
  | 'log-in-page'
  /** Something in between passes on half of the answer as if it were all. */
  | 'half-answer'
  | { readonly refuse: RefusalCode }

export type FakeCentre = {
  readonly url: string
  readonly settled: Map<string, string>
  readonly nonces: string[]
  requests: number
  moods: Mood[]
  close(): Promise<void>
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

function signedBy(request: IncomingMessage, body: string): string | null {
  const header = `${request.headers['signature-input']}`
  const params = parseSignatureInput(header)
  const [path = '', query = ''] = (request.url ?? '').split('?')
  if (params === null) return null
  const key = request.headers['idempotency-key']
  const parts = {
    method: request.method ?? '',
    path,
    query: `?${query}`,
    contentDigest: body === '' ? null : contentDigestOf(body),
    idempotencyKey: typeof key === 'string' ? key : null,
  }
  const holds = signatureHolds(parts, params.input, `${request.headers.signature}`, SECRET)
  return holds && params.keyId === KEY_ID ? params.nonce : null
}

export async function startFakeCentre(): Promise<FakeCentre> {
  const settled = new Map<string, string>()
  const centre = { requests: 0, moods: [] as Mood[], nonces: [] as string[] }
  const problem = (response: ServerResponse, code: RefusalCode, retryAfter?: string) => {
    const document = problemOf(refusal(code, { since: '2026-01-01', line: '1' }), 'request-1')
    if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter)
    response.writeHead(document.status, { 'content-type': 'application/problem+json' })
    response.end(JSON.stringify(document))
  }
  let late: () => void = () => {}
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    centre.requests += 1
    late()
    late = () => {}
    const nonce = signedBy(request, body)
    if (nonce === null) return problem(response, 'signature-invalid')
    if (centre.nonces.includes(nonce)) return problem(response, 'nonce-used')
    centre.nonces.push(nonce)
    const mood = centre.moods.shift() ?? 'answer'
    if (mood === 'busy') return problem(response, 'server-busy', '0')
    if (mood === 'bad-gateway') return void response.writeHead(502).end('<html>')
    if (mood === 'log-in-page') return void response.writeHead(200).end('<html>log in</html>')
    if (typeof mood === 'object') return problem(response, mood.refuse)
    const key = `${request.headers['idempotency-key']}`
    const answer = settled.get(key) ?? JSON.stringify(documentOf({ settlementId: key }))
    settled.set(key, answer)
    if (mood === 'half-answer') return void response.writeHead(201).end(answer.slice(0, 200))
    if (mood === 'lose-answer') return void request.socket.destroy()
    if (mood === 'answer-late') late = () => response.writeHead(201).end(answer)
    else response.writeHead(201).end(answer)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return Object.assign(centre, {
    url: `http://127.0.0.1:${address.port}`,
    settled,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}
