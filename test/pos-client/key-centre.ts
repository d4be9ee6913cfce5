/** A centre that knows one terminal: its keys, the change of them, and answers that get lost. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { problemOf } from '../../server/contract/problem.ts'
import {
  contentDigestOf,
  parseSignatureInput,
  signatureHolds,
} from '../../server/contract/signature.ts'
import { refusal } from '../../server/kernel/refusal.ts'

export type KeyCentre = {
  readonly url: string
  /** Secrets by key id, the newest last. */
  readonly keys: Map<string, string>
  /** Answers to changes of key that will be lost on their way. */
  answersLost: number
  /** Refuses the next change of key by a decision of its own. */
  refusing: boolean
  /** Ten minutes later: only the newest key holds. */
  forgetOldKeys(): void
  close(): Promise<void>
}

function isSigned(request: IncomingMessage, body: string, keys: KeyCentre['keys']): boolean {
  const params = parseSignatureInput(`${request.headers['signature-input']}`)
  const secret = params === null ? undefined : keys.get(params.keyId)
  if (params === null || secret === undefined) return false
  const [path = '', query = ''] = (request.url ?? '').split('?')
  const key = request.headers['idempotency-key']
  const parts = {
    method: request.method ?? '',
    path,
    query: `?${query}`,
    contentDigest: body === '' ? null : contentDigestOf(body),
    idempotencyKey: typeof key === 'string' ? key : null,
  }
  return signatureHolds(
    parts,
    params.input,
    `${request.headers.signature}`,
    Buffer.from(secret, 'hex'),
  )
}

export async function startKeyCentre(keyId: string, secret: string): Promise<KeyCentre> {
  const keys = new Map([[keyId, secret]])
  const centre = { answersLost: 0, refusing: false }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const part of request) chunks.push(part as Buffer)
    const body = Buffer.concat(chunks).toString('utf8')
    const refuse = (code: 'signature-invalid' | 'constraint-refused') => {
      const problem = problemOf(refusal(code), 'request-1')
      response.writeHead(problem.status).end(JSON.stringify(problem))
    }
    if (!isSigned(request, body, keys)) return refuse('signature-invalid')
    if (request.method === 'GET') return void response.writeHead(200).end('{}')
    if (centre.refusing) return refuse('constraint-refused')
    const asked = JSON.parse(body) as { keyId: string; secret: string }
    keys.set(asked.keyId, asked.secret)
    if (centre.answersLost > 0) {
      centre.answersLost -= 1
      return void request.socket.destroy()
    }
    const times = { validFrom: '2026-01-01T00:00:00.000Z', oldKeyValidUntil: 'ten minutes later' }
    response.writeHead(200).end(JSON.stringify({ keyId: asked.keyId, ...times }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return Object.assign(centre, {
    url: `http://127.0.0.1:${address.port}`,
    keys,
    forgetOldKeys() {
      for (const old of [...keys.keys()].slice(0, -1)) keys.delete(old)
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}
