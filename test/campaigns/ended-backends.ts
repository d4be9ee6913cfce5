/** C4: PostgreSQL ends the application's connections one after the other, in mid-transaction. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type postgres from 'postgres'
import { connect, onServer } from '../support/postgres.ts'
import type { Random } from '../support/random.ts'
import type { Campaign, Result, Run } from './campaign.ts'
import { startLoad } from './load.ts'
import { breachesOf, logCounts } from './verdict.ts'
import { openWorld, type World } from './world.ts'

const CLIENTS = 12
/** Reliability notes, C4: a pool of four. */
const POOL = '4'
/** Twice as often as the notes ask, so that 3,000 take five minutes. */
const EVERY_MS = 100

/** Looks so often for a connection that is at work before it takes an idle one. */
const LOOKS = 40

/**
 * Ends one connection of the application, as a rule one that is at work at this moment; answers
 * in which state it was, or null where there was none.
 */
export async function endOne(sql: postgres.Sql, random: Random): Promise<string | null> {
  const order = random.below(1_000)
  const looks = random.chance(0.8) ? LOOKS : 0
  for (let look = 0; look <= looks; look += 1) {
    const [ended] = await sql<{ state: string; ok: boolean }[]>`
      select state, pg_terminate_backend(pid) as ok
        from (select pid, state from pg_stat_activity
               where application_name = 'settlement-server' and datname = current_database()
                 and (${look === looks} or state <> 'idle')
               order by hashint4(pid # ${order}) limit 1) one`
    if (ended?.ok === true) return ended.state
  }
  return null
}

async function endMany(world: World, run: Run, isDead: () => boolean) {
  const sql = connect(world.postgres.url, 1)
  const random = run.random.fork(2)
  const states: Record<string, number> = {}
  let n = 0
  try {
    while (n < run.n && !isDead() && !(await run.isOver())) {
      await sleep(EVERY_MS)
      const state = await endOne(sql, random)
      if (state === null) continue
      states[state] = (states[state] ?? 0) + 1
      n += 1
      if (n % 500 === 0) run.say(`  ${n} connections ended`)
    }
  } finally {
    await sql.end({ timeout: 1 })
  }
  return { n, states }
}

async function run(wanted: Run): Promise<Result> {
  const world = await openWorld({ env: { CONNECTIONS_MAX: POOL } })
  try {
    let died = false
    void world.centre().ended.then(() => {
      died = true
    })
    const { journal, url } = world
    const random = wanted.random.fork(1)
    const load = startLoad({ clients: CLIENTS, random, journal, url: () => url, pauseMs: 10 })
    const { n, states } = await endMany(world, wanted, () => died)
    if (died) {
      return {
        n,
        breaches: [`the centre died: ${world.centre().said().slice(-4_000)}`],
        figures: { states },
      }
    }
    await load.stop()
    const { known, retried, attempts, statuses, hung } = load.figures
    const breaches = await breachesOf(world, load.figures)
    const figures = {
      ended_in_state: states,
      operations: known,
      retried,
      attempts,
      statuses,
      hung,
      deaths: 0,
      warnings: logCounts(world.log()),
    }
    return { n, breaches, figures }
  } finally {
    await world.close()
  }
}

/** The stock driver under the same fault: torn transactions, or its death, must show. */
async function catchPlanted(wanted: Run): Promise<Result> {
  const world = await openWorld()
  await world.centre().stop()
  const table = 'create table planted_pair (part int)'
  await onServer(world.postgres.url, table)
  const program = join(import.meta.dirname, 'stock-driver.ts')
  const child = spawn(process.execPath, ['--import', 'tsx', program, world.postgres.url], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  try {
    await once(child, 'message')
    return await untilTorn(world, wanted, child)
  } finally {
    child.kill('SIGKILL')
    await world.close()
  }
}

/** Connections ended for each injection that is allowed, as most meet nothing that is at work. */
const TRIES = 20

async function untilTorn(world: World, wanted: Run, child: ChildProcess): Promise<Result> {
  const sql = connect(world.postgres.url, 1)
  const found = (): string[] => {
    const torn = Object.entries(logCounts(world.log())).filter(([, n]) => n > 0)
    const lines = torn.map(([name, n]) => `I38 ${name}, ${n} times`)
    const dead = child.exitCode !== null || child.signalCode !== null
    return dead ? ['the program died', ...lines] : lines
  }
  let n = 0
  try {
    for (; n < wanted.n * TRIES && found().length === 0; n += 1) {
      await sleep(10)
      await endOne(sql, wanted.random)
    }
  } finally {
    await sql.end({ timeout: 1 })
  }
  return { n, breaches: found(), figures: {} }
}

export const endedBackends: Campaign = {
  name: 'C4',
  injects: 'PostgreSQL ends a connection of the application every 100 ms, most of them at work',
  control: 'the stock driver with transactions of several statements',
  usual: 3_000,
  table: 3_000,
  catchPlanted,
  run,
}
