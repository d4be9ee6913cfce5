/** C17: every connection of a pool of four sleeps for 2 s while 200 clients ask at once. */
import { setTimeout as sleep } from 'node:timers/promises'
import { SITUATIONS } from '../../fixtures/people/situations.ts'
import { claimFor } from '../support/area.ts'
import { memoryOf } from '../support/memory.ts'
import { connect } from '../support/postgres.ts'
import type { Random } from '../support/random.ts'
import { until } from '../support/until.ts'
import { type Campaign, type Result, type Run, timesOf } from './campaign.ts'
import { type Attempt, type Client, openClient } from './client.ts'
import { watchStalls } from './stalls.ts'
import { breachesOf } from './verdict.ts'
import type { Splice } from './weave.ts'
import { inWorld, type World, type WorldOptions } from './world.ts'

const CLIENTS = 200
const POOL = '4'
const SLEEP_MS = 2_000
/** How much longer they sleep until somebody is told: until that, where times do not count. */
const TOLD_WITHIN_MS = { timed: 2_000, untimed: 60_000 }
/** Reliability notes, C17. */
const WAIT_MS_MAX = 3_000
const RSS_TIMES_MAX = 1.5
const HEALED_MS_MAX = 10_000
/** A single sale is as quick as before once it takes no longer than this many times the usual. */
const AS_BEFORE = 2
const PROBES = 20

/** Either of the two limits alone would tell somebody that there is no place. */
const NO_LIMITS: readonly Splice[] = [
  {
    file: 'server/app.ts',
    at: 'openGate(gateOptions(options.inFlightMax ?? 128))',
    put: 'openGate(gateOptions(1_000_000))',
  },
  {
    file: 'server/main.ts',
    at: 'READ_WAIT_MS_MAX = 1_500',
    put: 'READ_WAIT_MS_MAX = 60_000',
  },
]

type Tally = {
  readonly waits: number[]
  readonly statuses: Record<string, number>
  /** The longest wait for each status, in ms. */
  readonly slowest: Record<string, number>
  /** Told that there is no place, and of these: told when to come again. */
  busy: number
  toldWhen: number
  /** The client's own limit passed, or the line broke, before there was an answer. */
  timedOut: number
  broken: number
}

const newTally = (): Tally => ({
  waits: [],
  statuses: {},
  slowest: {},
  busy: 0,
  toldWhen: 0,
  timedOut: 0,
  broken: 0,
})

const person = (random: Random): string => random.pick(SITUATIONS).key
const sell = (client: Client, random: Random) =>
  client.send('/v1/settlements', claimFor(person(random), [{ item: 'plain', quantity: '2' }]))

function note(tally: Tally, { answer, retryAfter, timedOut, tookMs }: Attempt): void {
  tally.waits.push(tookMs)
  if (answer === null) {
    tally[timedOut ? 'timedOut' : 'broken'] += 1
    return
  }
  const { status } = answer
  tally.statuses[status] = (tally.statuses[status] ?? 0) + 1
  tally.slowest[status] = Math.round(Math.max(tally.slowest[status] ?? 0, tookMs))
  if (answer.status !== 503 || !answer.text.includes('"code":"server-busy"')) return
  tally.busy += 1
  if (/^[1-9]\d*$/.test(retryAfter ?? '')) tally.toldWhen += 1
}

/** Everybody asks while nothing can be read; answers once all of them have their outcome. */
async function exhaust(
  world: World,
  clients: readonly Client[],
  random: Random,
  toldWithinMs: number,
  isTold: () => boolean,
): Promise<void> {
  const sql = connect(world.postgres.url, 1)
  try {
    let asked: Promise<unknown>[] = []
    await sql.begin(async (own) => {
      await own`lock table position in access exclusive mode`
      asked = clients.map((client, index) => sell(client, random.fork(index)))
      await sleep(SLEEP_MS)
      const last = performance.now() + toldWithinMs
      while (!isTold() && performance.now() < last) await sleep(25)
    })
    await Promise.all(asked)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

async function once(client: Client, random: Random): Promise<number> {
  const began = performance.now()
  await sell(client, random)
  return performance.now() - began
}

async function usualMs(client: Client, random: Random): Promise<number> {
  const times: number[] = []
  for (let probe = 0; probe < PROBES; probe += 1) times.push(await once(client, random))
  return timesOf(times).p99_ms
}

function breachesOfWaits({ waits, busy, toldWhen, timedOut, broken }: Tally, run: Run): string[] {
  const found: string[] = []
  const { max_ms: longest } = timesOf(waits)
  if (broken > 0) found.push(`${broken} attempts had no answer, for the line broke`)
  if (toldWhen < busy) found.push('a 503 did not say when to come again')
  if (run.timed && timedOut > 0) found.push(`${timedOut} attempts had no answer in time`)
  if (run.timed && longest > WAIT_MS_MAX) found.push(`a client waited ${longest} ms`)
  return found
}

function figuresOf({ waits, statuses, slowest, busy, timedOut, broken }: Tally) {
  const share = Number((busy / Math.max(1, waits.length)).toFixed(3))
  const unanswered = { timed_out: timedOut, broken }
  return { wait: timesOf(waits), statuses, slowest_ms: slowest, unanswered, share_of_503: share }
}

async function round(world: World, run: Run, toldWithinMs: number): Promise<Result> {
  const tally = newTally()
  const { journal, url } = world
  const open = (index: number, onAttempt?: (attempt: Attempt) => void): Client =>
    openClient({
      url: () => url,
      journal,
      till: 1 + (index % 2),
      keepAlive: true,
      ...(onAttempt && { onAttempt }),
    })
  const clients = Array.from({ length: CLIENTS }, (_, index) =>
    open(index, (attempt) => note(tally, attempt)),
  )
  const probe = open(0)
  const asBefore = run.timed ? AS_BEFORE * (await usualMs(probe, run.random.fork(0))) + 1 : Infinity
  // Idle, but with everybody connected and the code warm: not the memory of a bare start.
  if (run.timed) await Promise.all(clients.map((one, index) => sell(one, run.random.fork(index))))
  tally.waits.length = 0
  // What is left of a wait is the centre's.
  const stalls = watchStalls()
  const idle = memoryOf(world.centre())
  const [breaches, heals] = [[] as string[], [] as number[]]
  let [n, most] = [0, idle]
  while (n < run.n && !(await run.isOver())) {
    n += 1
    const before = tally.busy
    await exhaust(world, clients, run.random.fork(n), toldWithinMs, () => tally.busy > before)
    if (tally.busy === before) breaches.push(`exhaustion ${n}: nobody was told to come again`)
    most = Math.max(most, memoryOf(world.centre()))
    const began = performance.now()
    const healed = async () => (await once(probe, run.random)) <= asBefore
    await until('a sale is as quick as before', healed, 6 * HEALED_MS_MAX)
    heals.push(performance.now() - began)
  }
  for (const client of [...clients, probe]) client.close()
  const memory = Number((most / idle).toFixed(2))
  const heal = timesOf(heals)
  breaches.push(...breachesOfWaits(tally, run), ...(await breachesOf(world)))
  if (run.timed && heal.max_ms > HEALED_MS_MAX) breaches.push(`healed after ${heal.max_ms} ms`)
  if (run.timed && memory > RSS_TIMES_MAX) breaches.push(`memory grew to ${memory} times of idle`)
  if (tally.statuses['500'] !== undefined) breaches.push(`500: ${world.centre().said()}`)
  const own = { stalled: stalls(), memory_times_idle: memory, heal }
  return { n, breaches, figures: { ...figuresOf(tally), ...own } }
}

const exhausted = (options: WorldOptions, run: Run, toldWithinMs: number): Promise<Result> =>
  inWorld({ ...options, env: { CONNECTIONS_MAX: POOL } }, (world) =>
    round(world, run, toldWithinMs),
  )

export const exhaustedPool: Campaign = {
  name: 'C17',
  injects: 'four connections sleep for 2 s while 200 clients ask at once',
  control: 'no gate in front of the database, and no limit for the reads behind it',
  usual: 20,
  table: 100,
  catchPlanted: (run) =>
    exhausted(
      { splices: NO_LIMITS },
      { ...run, n: Math.min(run.n, 2), timed: false },
      TOLD_WITHIN_MS.timed,
    ),
  run: (run) => exhausted({}, run, TOLD_WITHIN_MS[run.timed ? 'timed' : 'untimed']),
}
