/** C11: many slow lines beside few healthy ones: late, byte by byte, at 2 kB/s, never finished. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { HTTP_LIMITS } from '../../server/rest/serve.ts'
import type { Fault } from '../support/fault-proxy.ts'
import { until } from '../support/until.ts'
import { type Campaign, type Result, type Run, timesOf } from './campaign.ts'
import { LIMIT_MS } from './client.ts'
import { sellOverFaultyLines } from './faulty-lines.ts'
import { startLoad } from './load.ts'
import { breachesOf } from './verdict.ts'
import type { Splice } from './weave.ts'
import { inWorld, type World } from './world.ts'

const HEALTHY = 4
const HEALTHY_MS = { timed: 10_000, untimed: 800 }
/** Reliability notes, C11: healthy clients wait at most so many times as long as before. */
const TIMES_AS_LONG = 2
const LATE_MS_MIN = 50
const LATE_MS_MAX = 3_000
const DRIP_MS = 250
/** Every third of the slow lines never finishes. */
const NEVER_EVERY = 3

const limit = (name: keyof typeof HTTP_LIMITS, was: string, ms: number): Splice => ({
  file: 'server/rest/serve.ts',
  at: `${name}: ${was},`,
  put: `${name}: ${ms},`,
})
/** The limits in small, for whoever cannot wait for the real ones; 0 is none at all. */
const limitsOf = (headersMs: number, requestMs: number): Splice[] => [
  limit('headersTimeout', '10_000', headersMs),
  limit('requestTimeout', '30_000', requestMs),
  limit('connectionsCheckingInterval', '5_000', 100),
]
const QUICK_HEADERS_MS = 600
const QUICK_REQUEST_MS = 20_000
const QUICK_LET_GO_MS = 4_000
const LET_GO_MS = HTTP_LIMITS.headersTimeout + HTTP_LIMITS.connectionsCheckingInterval + 5_000

function faultOf(n: number, run: Run): Fault {
  const kinds: Fault[] = [
    { kind: 'delay', ms: LATE_MS_MIN + run.random.below(LATE_MS_MAX - LATE_MS_MIN) },
    { kind: 'slice', bytes: 1 },
    { kind: 'slice', bytes: 200, everyMs: 100 },
  ]
  return kinds[n % kinds.length] as Fault
}

/** Begins a request and adds to its head for ever; ended only by the other side. */
async function dripping(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => socket.destroy())
  socket.resume()
  await once(socket, 'connect')
  socket.write('GET /v1/catalogue HTTP/1.1\r\nhost: c\r\n')
  const drip = setInterval(() => socket.writable && socket.write('x-a: b\r\n'), DRIP_MS)
  socket.on('close', () => clearInterval(drip))
  return socket
}

/** How long healthy clients wait for their answers while something else goes on. */
async function healthy(world: World, run: Run, part: number, meanwhile: () => Promise<unknown>) {
  const times: number[] = []
  const load = startLoad({
    clients: HEALTHY,
    random: run.random.fork(part),
    journal: world.journal,
    url: () => world.url,
    keepAlive: true,
    onAttempt: ({ tookMs }) => void times.push(tookMs),
  })
  await Promise.all([meanwhile(), sleep(HEALTHY_MS[run.timed ? 'timed' : 'untimed'])])
  await load.stop()
  return { figures: load.figures, ...timesOf(times) }
}

async function round(world: World, run: Run, letGoMs: number): Promise<Result> {
  const before = await healthy(world, run, 1, async () => {})
  const held = await Promise.all(
    Array.from({ length: Math.ceil(run.n / NEVER_EVERY) }, () => dripping(world.port)),
  )
  const sellers = { ...run, n: run.n - held.length }
  let unknown = 0
  let hits = 0
  const beside = await healthy(world, run, 2, async () => {
    hits = await sellOverFaultyLines(world, sellers, {
      lines: sellers.n,
      limitMs: LIMIT_MS,
      faultOf: (n) => faultOf(n, run),
      onHit: (_, { sends }) => {
        if (sends === null) unknown += 1
      },
    })
  })
  const breaches: string[] = []
  const open = () => held.filter(({ closed }) => !closed)
  await until('slow senders are let go', async () => open().length === 0, letGoMs).catch(() =>
    breaches.push(`${open().length} of ${held.length} who never finish still hold their sockets`),
  )
  for (const socket of held) socket.destroy()
  if (unknown > 0) breaches.push(`${unknown} slow sales have no outcome`)
  if (hits < sellers.n) breaches.push(`only ${hits} of ${sellers.n} lines were slow`)
  if (run.timed && beside.p99_ms > TIMES_AS_LONG * before.p99_ms) {
    breaches.push(`healthy clients waited ${beside.p99_ms} ms at p99, ${before.p99_ms} ms before`)
  }
  breaches.push(...(await breachesOf(world, beside.figures)))
  const healthyMs = { p99_before_ms: before.p99_ms, p99_beside_ms: beside.p99_ms }
  return { n: run.n, breaches, figures: { never_finished: held.length, ...healthyMs } }
}

export const slowLines: Campaign = {
  name: 'C11',
  injects: 'n slow lines: 50–3,000 ms late, in single bytes, at 2 kB/s, or never finished',
  control: 'a centre without limits for the head of a request and for its whole',
  usual: 200,
  table: 200,
  catchPlanted: (run) =>
    inWorld({ splices: limitsOf(0, 0) }, (world) =>
      round(world, { ...run, n: 6, timed: false }, QUICK_LET_GO_MS),
    ),
  run: (run) =>
    run.timed
      ? inWorld({}, (world) => round(world, run, LET_GO_MS))
      : inWorld({ splices: limitsOf(QUICK_HEADERS_MS, QUICK_REQUEST_MS) }, (world) =>
          round(world, run, 10 * QUICK_LET_GO_MS),
        ),
}
