/**
 * The load generator, a process of its own: signed five-line claims over HTTP at a given number of
 * clients for a given time. Prints one JSON line with counts and latencies. Requests are made and
 * signed before the clock runs and travel over plain sockets: the processor that the generator
 * takes is not the centre's to spend.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { contentDigestOf, signedHeaders } from '../../server/contract/signature.ts'
import { newId } from '../../server/kernel/ids.ts'

type Terminal = { terminalId: string; keyId: string; secret: string; operatorCode: string }
export type LoadPlan = {
  readonly url: string
  readonly path: '/v1/settlements' | '/v1/presettlements'
  readonly clients: number
  readonly seconds: number
  /** Requests made beforehand; the run ends early, and says so, where they do not suffice. */
  readonly requests: number
  readonly terminals: readonly Terminal[]
  readonly cards: readonly string[]
  /** The lines of a claim with their amounts, and the total. */
  readonly lines: readonly unknown[]
  readonly totalExpense: string
}
export type LoadResult = {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>
  readonly ranOut: boolean
}

const plan = JSON.parse(readFileSync(0, 'utf8')) as LoadPlan
const { hostname, port } = new URL(plan.url)

function requestOf(index: number, terminal: Terminal & { key: Buffer }, card: string): Buffer {
  const body = JSON.stringify({
    identity: { kind: 'card', number: card },
    serviceKind: 'pharmacy',
    operatorCode: terminal.operatorCode,
    prescription: { number: `RX-${index}`, prescriber: null },
    diagnoses: [],
    lines: plan.lines,
    totalExpense: plan.totalExpense,
  })
  const parts = {
    method: 'POST',
    path: plan.path,
    query: '?',
    contentDigest: contentDigestOf(body),
    idempotencyKey: plan.path === '/v1/settlements' ? newId() : null,
  }
  const nonce = randomBytes(16).toString('hex')
  const params = { created: Math.floor(Date.now() / 1000), keyId: terminal.keyId, nonce }
  const headers = {
    host: `${hostname}:${port}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...signedHeaders(parts, params, terminal.key),
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST ${plan.path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}

/** All requests of the run; cards and terminals spread so that neighbours do not share them. */
function requestsOf(): Buffer[] {
  const terminals = plan.terminals.map((one) => ({ ...one, key: Buffer.from(one.secret, 'hex') }))
  return Array.from({ length: plan.requests }, (_, index) => {
    const terminal = terminals[index % terminals.length]
    const card = plan.cards[(index * 7919) % plan.cards.length]
    if (terminal === undefined || card === undefined) throw new Error('no terminal or card')
    return requestOf(index, terminal, card)
  })
}

const END_OF_HEAD = Buffer.from('\r\n\r\n')

/** One request after the other over one connection; resolves with the status of each answer. */
function openClient(socket: Socket): (request: Buffer) => Promise<number> {
  let held: Buffer = Buffer.alloc(0)
  let answered: (status: number) => void = () => {}
  socket.on('data', (part: Buffer) => {
    held = held.length === 0 ? part : Buffer.concat([held, part])
    const head = held.indexOf(END_OF_HEAD)
    if (head === -1) return
    const text = held.toString('latin1', 0, head)
    const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1]
    if (length === undefined) throw new Error(`an answer without its length:\n${text}`)
    if (held.length < head + END_OF_HEAD.length + Number.parseInt(length, 10)) return
    held = Buffer.alloc(0)
    answered(Number.parseInt(text.slice(9, 12), 10))
  })
  return (request) =>
    new Promise((resolve) => {
      answered = resolve
      socket.write(request)
    })
}

const latencies: number[] = []
const statuses: Record<string, number> = {}
const requests = requestsOf()
let next = 0

async function client(socket: Socket, until: number): Promise<void> {
  const ask = openClient(socket)
  while (performance.now() < until) {
    const request = requests[next]
    if (request === undefined) return
    next += 1
    const before = performance.now()
    const status = await ask(request)
    latencies.push(performance.now() - before)
    statuses[status] = (statuses[status] ?? 0) + 1
  }
}

const sockets = await Promise.all(
  Array.from({ length: plan.clients }, async () => {
    const socket = connect({ host: hostname, port: Number.parseInt(port, 10), noDelay: true })
    await once(socket, 'connect')
    return socket
  }),
)
const started = performance.now()
const until = started + plan.seconds * 1000
await Promise.all(sockets.map((socket) => client(socket, until)))
const took = (performance.now() - started) / 1000
latencies.sort((a, b) => a - b)
const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0
const good = (statuses['200'] ?? 0) + (statuses['201'] ?? 0)
const result: LoadResult = {
  perSecond: Math.round(good / took),
  p50Ms: Math.round(at(0.5) * 100) / 100,
  p99Ms: Math.round(at(0.99) * 100) / 100,
  statuses,
  ranOut: next >= requests.length,
}
for (const socket of sockets) socket.destroy()
process.stdout.write(`${JSON.stringify(result)}\n`)
