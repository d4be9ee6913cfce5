/** C3: PostgreSQL is killed with all its processes, and started again on what was left. */
import { setTimeout as sleep } from 'node:timers/promises'
import { onServer } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { type Campaign, type Result, type Run, timesOf, untilCaught } from './campaign.ts'
import { type Load, startLoad } from './load.ts'
import { changed } from './planted.ts'
import { breachesOf } from './verdict.ts'
import { inWorld, type World } from './world.ts'

const CLIENTS = 12
/** Time under load before a kill, and how much longer it may be. */
const LOAD_MS = 200
const LOAD_MORE_MS = 600
/** Reliability notes, C3: the centre heals by itself within this time. */
const HEAL_MS_MAX = 30_000

/** What commits is flushed seconds later: PostgreSQL's death must lose some of it. */
const NOT_FLUSHED = changed(
  'post_batch',
  'PERFORM write_postings(',
  "PERFORM set_config('synchronous_commit', 'off', true); PERFORM write_postings(",
)
const FLUSHED_LATE = [
  "alter system set wal_writer_delay = '10s'",
  "alter system set wal_writer_flush_after = '1GB'",
  'select pg_reload_conf()',
] as const

type Times = { readonly start: number[]; readonly heal: number[] }

/** One kill; notes how long PostgreSQL took to start, and the centre to answer after that. */
async function killOnce(world: World, load: Load, times: Times): Promise<void> {
  const began = performance.now()
  await world.postgres.killAndStart()
  const started = performance.now()
  times.start.push(started - began)
  const { 201: before = 0 } = load.figures.statuses
  const settlesAgain = () => (load.figures.statuses[201] ?? 0) > before
  await until('the centre settles again', settlesAgain, 2 * HEAL_MS_MAX)
  times.heal.push(performance.now() - started)
}

async function round(world: World, run: Run): Promise<Result> {
  const { journal, url } = world
  let died = false
  void world.centre().ended.then(() => {
    died = true
  })
  const random = run.random.fork(1)
  const load = startLoad({ clients: CLIENTS, random, journal, url: () => url })
  const times: Times = { start: [], heal: [] }
  while (times.heal.length < run.n && !died && !(await run.isOver())) {
    await sleep(LOAD_MS + run.random.below(LOAD_MORE_MS))
    await killOnce(world, load, times)
    if (times.heal.length % 50 === 0) run.say(`  ${times.heal.length} kills`)
  }
  const n = times.heal.length
  if (died)
    return { n, breaches: [`the centre died: ${world.centre().said().slice(-4_000)}`], figures: {} }
  await load.stop()
  const heal = timesOf(times.heal)
  const breaches = await breachesOf(world, load.figures)
  if (run.timed && heal.max_ms > HEAL_MS_MAX) breaches.push(`healed only after ${heal.max_ms} ms`)
  const { known, retried, attempts, statuses } = load.figures
  const start = timesOf(times.start)
  return { n, breaches, figures: { operations: known, retried, attempts, statuses, start, heal } }
}

export const killedPostgres: Campaign = {
  name: 'C3',
  injects: 'PostgreSQL is killed (SIGKILL, all its processes) under load, and started again',
  control: 'synchronous_commit off for every posting',
  usual: 300,
  table: 300,
  catchPlanted: (run) =>
    inWorld({ plant: NOT_FLUSHED }, async (world) => {
      for (const statement of FLUSHED_LATE) await onServer(world.postgres.url, statement)
      return untilCaught(run, 1, (part) => round(world, part))
    }),
  run: (run) => inWorld({}, (world) => round(world, run)),
}
