/** C11: many slow lines beside few healthy ones: late, byte by byte, at 2 kB/s, never finished. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { HTTP_LIMITS } from '../../server/rest/serve.ts'
import type { Fault } from '../support/fault-proxy.ts'
import { median } from '../support/median.ts'
import { until } from '../support/until.ts'
import { type Campaign, type Result, type Run, timesOf } from './campaign.ts'
import { LIMIT_MS } from './client.ts'
import { sellOverFaultyLines } from './faulty-lines.ts'
import { startLoad } from './load.ts'
import { breachesOf } from './verdict.ts'
import type { Splice } from './weave.ts'
import { inWorld, type World } from './world.ts'

const HEALTHY = 4
const HEALTHY_MS = { timed: 6_000, untimed: 800 }
/** Comparisons; their middle counts. */
const PAIRS = 5
/** Reliability notes, C11: healthy clients wait at most so many times as long. */
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

/** How long healthy clients of a centre wait for their answers while something else goes on. */
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
  return { load: load.figures, p99Ms: timesOf(times).p99_ms }
}

type Slow = { readonly held: readonly Socket[]; readonly hits: number; readonly unknown: number }

/** The slow lines of a centre: some begin and never finish, the others sell once each. */
async function besiege(world: World, run: Run): Promise<Slow> {
  const never = Math.ceil(run.n / NEVER_EVERY)
  const held = await Promise.all(Array.from({ length: never }, () => dripping(world.port)))
  const sellers = { ...run, n: run.n - never }
  let unknown = 0
  const hits = await sellOverFaultyLines(world, sellers, {
    lines: sellers.n,
    limitMs: LIMIT_MS,
    faultOf: (n) => faultOf(n, run),
    onHit: (_, { sends }) => {
      if (sends === null) unknown += 1
    },
  })
  return { held, hits, unknown }
}

/** Healthy clients beside slow lines: `slow` names the centre that these are of. */
async function beside(world: World, slow: World, run: Run, part: number) {
  let besieged: Slow = { held: [], hits: 0, unknown: 0 }
  const own = { ...run, random: run.random.fork(1_000 + part) }
  const well = await healthy(world, run, part, async () => {
    besieged = await besiege(slow, own)
  })
  return { ...well, ...besieged }
}

function breachesOfLines({ held, hits, unknown }: Slow, run: Run): string[] {
  const found: string[] = []
  const sellers = run.n - held.length
  if (unknown > 0) found.push(`${unknown} slow sales have no outcome`)
  if (hits < sellers) found.push(`only ${hits} of ${sellers} lines were slow`)
  return found
}

/** Slow lines of the centre once, and whether it lets go of those who never finish. */
async function round(world: World, run: Run, letGoMs: number): Promise<Result> {
  const { held, load, ...rest } = await beside(world, world, run, 1)
  const breaches = breachesOfLines({ held, ...rest }, run)
  const open = () => held.filter(({ closed }) => !closed)
  await until('slow senders are let go', async () => open().length === 0, letGoMs).catch(() =>
    breaches.push(`${open().length} of ${held.length} who never finish still hold their sockets`),
  )
  for (const socket of held) socket.destroy()
  breaches.push(...(await breachesOf(world, load)))
  return { n: run.n, breaches, figures: { never_finished: held.length } }
}

/**
 * What the slow lines do to the healthy clients of their own centre, and not to the machine: this
 * process, which plays the slow ones, and the centre share two processors. So in every pair the
 * same slow lines are once those of the centre and once those of another one beside it.
 */
async function pairs(world: World, other: World, run: Run): Promise<Result> {
  const [alone, elsewhere, own, ratios] = [[], [], [], []] as [
    number[],
    number[],
    number[],
    number[],
  ]
  const breaches: string[] = []
  await beside(world, world, run, 0) // Warm.
  for (let pair = 1; pair <= PAIRS; pair += 1) {
    alone.push((await healthy(world, run, 10 * pair, async () => {})).p99Ms)
    // In turns, so that neither is always the later one.
    const slow = pair % 2 === 0 ? [world, other] : [other, world]
    const p99Ms = new Map<World, number>()
    for (const [index, of] of slow.entries()) {
      const found = await beside(world, of, run, 10 * pair + 1 + index)
      p99Ms.set(of, found.p99Ms)
      for (const socket of found.held) socket.destroy()
      breaches.push(...breachesOfLines(found, run))
    }
    const [there, here] = [p99Ms.get(other) ?? 0, p99Ms.get(world) ?? 0]
    elsewhere.push(there)
    own.push(here)
    ratios.push(here / Math.max(1, there))
    run.say(`  p99 of healthy clients: ${alone.at(-1)} alone, ${there} elsewhere, ${here} beside`)
  }
  const times = Number(median(ratios).toFixed(2))
  if (times > TIMES_AS_LONG) breaches.push(`healthy clients waited ${times} times as long at p99`)
  const p99 = { alone: median(alone), elsewhere: median(elsewhere), beside: median(own) }
  return { n: PAIRS * run.n, breaches, figures: { p99_ms: p99, times_as_long: times } }
}

/** Both: the pairs first, then once more to the end. */
async function timed(run: Run): Promise<Result> {
  return inWorld({}, async (world) => {
    const paired = await inWorld({}, async (other) => {
      const found = await pairs(world, other, run)
      return { ...found, breaches: [...found.breaches, ...(await breachesOf(other))] }
    })
    const last = await round(world, run, LET_GO_MS)
    return {
      n: paired.n + last.n,
      breaches: [...paired.breaches, ...last.breaches],
      figures: { ...paired.figures, ...last.figures },
    }
  })
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
      ? timed(run)
      : inWorld({ splices: limitsOf(QUICK_HEADERS_MS, QUICK_REQUEST_MS) }, (world) =>
          round(world, run, 10 * QUICK_LET_GO_MS),
        ),
}
