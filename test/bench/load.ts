/**
 * The load generator, a process of its own: signed requests of one kind over HTTP at a number of
 * clients for a given time. Prints one JSON line with counts and latencies. Requests are made and
 * signed before the clock runs and travel over plain sockets: the processor that the generator
 * takes is not the centre's to spend.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { type RequestPlan, requestsOf } from './requests.ts'

export type LoadPlan = RequestPlan & {
  readonly clients: number
  readonly seconds: number
}
export type LoadResult = {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly answers: number
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>
  readonly ranOut: boolean
}

const plan = JSON.parse(readFileSync(0, 'utf8')) as LoadPlan
const { hostname, port } = new URL(plan.url)

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
const requests = requestsOf(plan)
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
  answers: latencies.length,
  statuses,
  ranOut: next >= requests.length,
}
for (const socket of sockets) socket.destroy()
process.stdout.write(`${JSON.stringify(result)}\n`)
