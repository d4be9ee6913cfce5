/** C18: more sales are begun than the centre can settle, at 0.5, 1, 2 and 5 times its capacity. */
import { PATIENCE_MS } from '../../pos-client/queue/sender.ts'
import { watchMemory } from '../support/memory.ts'
import type { Random } from '../support/random.ts'
import { until } from '../support/until.ts'
import { type Campaign, type Result, type Run, timesOf } from './campaign.ts'
import { openClient } from './client.ts'
import {
  asTheTill,
  atOnce,
  capacityOf,
  newStep,
  newTally,
  note,
  type Pause,
  type Shop,
  sell,
  type Tally,
} from './open-loop.ts'
import { middleOf, type Rate, stepAt } from './rates.ts'
import { watchStalls } from './stalls.ts'
import { breachesOf } from './verdict.ts'
import type { Splice } from './weave.ts'
import { inWorld, type World } from './world.ts'

const TIMES_CAPACITY = [0.5, 1, 2, 5] as const
const CLIENTS = 16
/** How long each rate lasts, for every one of n, in all rounds together. */
const MS = { timed: 1_000, untimed: 500 }
/** A shop's patience; the suite does not wait so long for the last of them. */
const PATIENCE = { timed: PATIENCE_MS, untimed: 1_500 }
/** Reliability notes, C18: so much of the peak is settled under five times the load. */
const GOODPUT_SHARE = 0.8
/** Reliability notes, C18: requests for each settled sale, as long as there is room for all. */
const PER_SETTLED_MAX = 1.2
/** Where there is not: pauses of two seconds on average fit so often into a till's patience. */
const PER_SALE_MAX = 5
const STORM = 3 * PER_SALE_MAX
/** As in C17. */
const WAIT_MS_MAX = 3_000
/** What a server may hold under any load. */
const RSS_MB_MAX = 300
const HEALED_MS_MAX = 10_000
const AS_BEFORE = 2

/**
 * A centre of so few places, each held so long, is overloaded by less than costs whoever measures
 * it the processor that both share.
 */
const PLACES = 8
const HELD_MS = 300
/** Sales a second, were there nothing else to do. */
const CAPACITY_MAX = PLACES / (HELD_MS / 1_000)
const PEAK_MS = 3_000
const ROUNDS = 3
const PROBES = 20
const SMALL_CENTRE: readonly Splice[] = [
  {
    file: 'server/app.ts',
    at: 'gateOptions(options.inFlightMax ?? 128)',
    put: `gateOptions(${PLACES})`,
  },
  {
    file: 'server/rest/terminal-request.ts',
    at: '(async () => act())()',
    put: `(async () => { await new Promise((go) => setTimeout(go, ${HELD_MS})); return act() })()`,
  },
]

const openShop = (world: World, tally: Tally, run: Run, pause: Pause): Shop => ({
  journal: world.journal,
  clients: Array.from({ length: CLIENTS }, (_, index) =>
    openClient({
      url: () => world.url,
      journal: world.journal,
      till: 1 + (index % 2),
      keepAlive: true,
      onAttempt: (attempt) => note(tally, attempt),
    }),
  ),
  pause,
  patienceMs: PATIENCE[run.timed ? 'timed' : 'untimed'],
  stormAt: STORM,
})

function breachesOfRate(factor: number, rate: Rate, timed: boolean): string[] {
  const found: string[] = []
  const { per_sale, per_settled, share } = rate
  if (per_sale > PER_SALE_MAX) found.push(`${factor}×: ${per_sale} attempts for a sale`)
  if (factor === 5 && per_sale === 1) found.push(`${factor}×: nobody was turned away`)
  if (timed && factor < 1 && per_settled > PER_SETTLED_MAX) {
    found.push(`${factor}×: ${per_settled} requests for each settled sale`)
  }
  if (timed && factor === 5 && share < GOODPUT_SHARE) {
    found.push(`${factor}×: ${share} of what is possible was settled`)
  }
  return found
}

/** Until a single sale is let in at once and is as quick as before; answers after how many ms. */
async function healed(shop: Shop, tally: Tally, random: Random, quickMs: number) {
  const began = performance.now()
  const isWell = async () => {
    const [before, sent] = [tally.waits.length, performance.now()]
    await sell(shop, random, newStep(), sent)
    return tally.waits.length === before + 1 && performance.now() - sent <= quickMs
  }
  await until('a sale is as quick as before', isWell, 6 * HEALED_MS_MAX)
  return performance.now() - began
}

/** What one sale alone takes, in ms. */
async function usualMs(shop: Shop, random: Random): Promise<number> {
  const step = newStep()
  for (let probe = 0; probe < PROBES; probe += 1) await sell(shop, random, step, performance.now())
  return timesOf(step.tookMs).p99_ms
}

/** Every rate so often as there are rounds, in turns; the middle of each. */
async function ratesOf(shop: Shop, run: Run): Promise<Map<number, Rate>> {
  const { random, timed } = run
  const rounds = timed ? ROUNDS : 1
  const ms = (run.n * MS[timed ? 'timed' : 'untimed']) / rounds
  let part = 100
  const after = async (): Promise<number> => {
    part += 1
    return timed ? capacityOf(shop, random.fork(part), PEAK_MS) : CAPACITY_MAX
  }
  let capacity = await after()
  const found = new Map<number, Rate[]>()
  for (let round = 0; round < rounds; round += 1) {
    for (const factor of timed ? TIMES_CAPACITY : [5]) {
      part += 1
      const step = await stepAt(factor, { capacity, ms, after }, shop, random.fork(part))
      found.set(factor, [...(found.get(factor) ?? []), step.rate])
      capacity = step.next
      run.say(`  ${factor} times the capacity: ${JSON.stringify(step.rate)}`)
    }
  }
  return new Map([...found].map(([factor, rates]) => [factor, middleOf(rates)]))
}

async function round(world: World, run: Run, pause: Pause): Promise<Result> {
  const tally = newTally()
  const shop = openShop(world, tally, run, pause)
  const { random, timed } = run
  const quickMs = timed ? AS_BEFORE * (await usualMs(shop, random.fork(1))) + 1 : Infinity
  if (timed) await capacityOf(shop, random.fork(2), PEAK_MS) // Warm, and everybody connected.
  const stalls = watchStalls()
  const memoryTimes = watchMemory(world.centre())
  const rates = await ratesOf(shop, run)
  const memory = memoryTimes()
  const stalled = stalls()
  const breaches = [...rates].flatMap(([factor, rate]) => breachesOfRate(factor, rate, timed))
  const healMs = Math.round(await healed(shop, tally, random.fork(0), quickMs))
  for (const client of shop.clients) client.close()
  const wait = timesOf(tally.waits)
  if (tally.unclear > 0) breaches.push(`${tally.unclear} were turned away without a clear word`)
  if (timed && wait.max_ms > WAIT_MS_MAX) breaches.push(`a request waited ${wait.max_ms} ms`)
  if (timed && memory.mb > RSS_MB_MAX) breaches.push(`${memory.mb} MB of memory`)
  if (timed && healMs > HEALED_MS_MAX) breaches.push(`healed after ${healMs} ms`)
  breaches.push(...(await breachesOf(world)))
  const { statuses } = tally
  const end = { wait, stalled, statuses, memory, healed_after_ms: healMs }
  const figures = Object.fromEntries([...rates].map(([factor, rate]) => [`x${factor}`, rate]))
  return { n: run.n, breaches, figures: { ...figures, ...end } }
}

const overloaded = (run: Run, pause: Pause): Promise<Result> =>
  inWorld({ splices: SMALL_CENTRE }, (world) => round(world, run, pause))

export const overload: Campaign = {
  name: 'C18',
  injects: 'sales begun at 0.5, 1, 2 and 5 times the centre’s capacity, n seconds each',
  control: 'tills that come again at once, without pause and without jitter',
  usual: 20,
  table: 300,
  catchPlanted: (run) => overloaded({ ...run, n: 1, timed: false }, atOnce),
  run: (run) => overloaded(run, asTheTill),
}
