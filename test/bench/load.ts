/**
 * The load generator, a process of its own: signed five-line claims over HTTP at a given number of
 * clients for a given time. Prints one JSON line with counts and latencies.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import { contentDigestOf, signedHeaders } from '../../server/contract/signature.ts'
import { newId } from '../../server/kernel/ids.ts'

type Terminal = { terminalId: string; keyId: string; secret: string; operatorCode: string }
export type LoadPlan = {
  readonly url: string
  readonly path: '/v1/settlements' | '/v1/presettlements'
  readonly clients: number
  readonly seconds: number
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
}

const plan = JSON.parse(readFileSync(0, 'utf8')) as LoadPlan
const agent = new http.Agent({ keepAlive: true, maxSockets: plan.clients })
const { hostname, port } = new URL(plan.url)
const latencies: number[] = []
const statuses: Record<string, number> = {}
const terminals = plan.terminals.map((one) => ({ ...one, key: Buffer.from(one.secret, 'hex') }))

function bodyFor(card: string, operatorCode: string): string {
  return JSON.stringify({
    identity: { kind: 'card', number: card },
    serviceKind: 'pharmacy',
    operatorCode,
    prescription: { number: 'RX-1', prescriber: null },
    diagnoses: [],
    lines: plan.lines,
    totalExpense: plan.totalExpense,
  })
}

function send(body: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { agent, hostname, port, method: 'POST', path: plan.path, headers }
    const request = http.request(options, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    request.on('error', reject)
    request.end(body)
  })
}

async function client(index: number, until: number): Promise<void> {
  for (let round = 0; performance.now() < until; round += 1) {
    const terminal = terminals[(index + round) % terminals.length]
    const card = plan.cards[(index * 7919 + round * 104_729) % plan.cards.length]
    if (terminal === undefined || card === undefined) throw new Error('no terminal or card')
    const body = bodyFor(card, terminal.operatorCode)
    const write = plan.path === '/v1/settlements'
    const parts = {
      method: 'POST',
      path: plan.path,
      query: '?',
      contentDigest: contentDigestOf(body),
      idempotencyKey: write ? newId() : null,
    }
    const nonce = randomBytes(16).toString('hex')
    const params = { created: Math.floor(Date.now() / 1000), keyId: terminal.keyId, nonce }
    const headers = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      ...signedHeaders(parts, params, terminal.key),
    }
    const before = performance.now()
    const status = await send(body, headers)
    latencies.push(performance.now() - before)
    statuses[status] = (statuses[status] ?? 0) + 1
  }
}

const started = performance.now()
const until = started + plan.seconds * 1000
await Promise.all(Array.from({ length: plan.clients }, (_, index) => client(index, until)))
const took = (performance.now() - started) / 1000
latencies.sort((a, b) => a - b)
const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? 0
const good = (statuses['200'] ?? 0) + (statuses['201'] ?? 0)
const result: LoadResult = {
  perSecond: Math.round(good / took),
  p50Ms: Math.round(at(0.5) * 100) / 100,
  p99Ms: Math.round(at(0.99) * 100) / 100,
  statuses,
}
agent.destroy()
process.stdout.write(`${JSON.stringify(result)}\n`)
