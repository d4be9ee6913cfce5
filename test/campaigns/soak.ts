/** C31: hours of load with one fault after the other, and nothing of the centre grows. */
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { memoryOf } from '../support/memory.ts'
import { connect } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import type { Campaign, Result, Run } from './campaign.ts'
import { LIMIT_MS } from './client.ts'
import { endOne } from './ended-backends.ts'
import { sellOverFaultyLines } from './faulty-lines.ts'
import { startLoad } from './load.ts'
import { breachesOf } from './verdict.ts'
import type { Splice } from './weave.ts'
import { inWorld, type World } from './world.ts'

const CLIENTS = 6
const EVERY_MS = { timed: 30_000, untimed: 300 }
const SALES_OF_A_FAULT = 4
/** Files and sockets a quiet centre may hold beyond those of its first quiet moment. */
const FILES_MORE = 12
/** After the first tenth of the time, in which the centre warms up. */
const RSS_GROWTH_MAX_MB = 64
const WARM_UP = 0.1

/** Every signed request leaves a file open. */
const LEAK: Splice = {
  file: 'server/rest/signature-check.ts',
  at: 'const params = parseSignatureInput(request.signatureInput)\n',
  put: 'campaign.leak()\nconst params = parseSignatureInput(request.signatureInput)\n',
}

type Fault = (world: World, run: Run) => Promise<unknown>
const FAULTS: Readonly<Record<string, Fault>> = {
  killed_centre: async (world) => {
    await world.centre().kill()
    await world.start()
  },
  ended_backend: async (world, run) => {
    const sql = connect(world.postgres.url, 1)
    await endOne(sql, run.random)
    await sql.end({ timeout: 1 })
  },
  lost_answers: (world, run) => sellOver(world, run, 'drop-answer'),
  broken_lines: (world, run) => sellOver(world, run, 'reset'),
  duplicates: (world, run) => sellOver(world, run, 'duplicate'),
}

const sellOver = (world: World, run: Run, kind: 'drop-answer' | 'reset' | 'duplicate') =>
  sellOverFaultyLines(
    world,
    { ...run, n: SALES_OF_A_FAULT, say: () => {} },
    { lines: 2, limitMs: LIMIT_MS, faultOf: () => ({ kind }) },
  )

const filesOf = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length
const rssMbOf = (pid: number): number => memoryOf({ pid }) / 2 ** 20

/** One life of the centre: its open files when it was quiet, and its memory as it went on. */
type Life = { readonly pid: number; readonly filesQuiet: number; readonly rss: number[] }

async function soak(world: World, run: Run, kinds: readonly string[]): Promise<Result> {
  const lifeOf = (): Life => {
    const { pid } = world.centre()
    return { pid, filesQuiet: filesOf(pid), rss: [] }
  }
  let life = lifeOf()
  const counts: Record<string, number> = {}
  const { journal, url } = world
  const load = startLoad({
    clients: CLIENTS,
    random: run.random.fork(1),
    journal,
    url: () => url,
  })
  let n = 0
  while (!(await run.isOver()) && n < run.n) {
    const kind = kinds[run.random.below(kinds.length)] as string
    await FAULTS[kind]?.(world, { ...run, random: run.random.fork(n) })
    counts[kind] = (counts[kind] ?? 0) + 1
    n += 1
    if (kind === 'killed_centre') life = lifeOf()
    await sleep(EVERY_MS[run.timed ? 'timed' : 'untimed'])
    life.rss.push(rssMbOf(life.pid))
    if (n % 10 === 0) run.say(`  ${n} faults, ${Math.round(life.rss.at(-1) ?? 0)} MB`)
  }
  await load.stop()
  const breaches = [...(await growth(life, run)), ...(await breachesOf(world))]
  const rss = { first: Math.round(life.rss[0] ?? 0), last: Math.round(life.rss.at(-1) ?? 0) }
  return { n, breaches, figures: { faults: counts, operations: load.figures.known, rss_mb: rss } }
}

async function growth({ pid, filesQuiet, rss }: Life, run: Run): Promise<string[]> {
  const found: string[] = []
  const isFew = () => filesOf(pid) <= filesQuiet + FILES_MORE
  await until('files and sockets are closed', isFew).catch(() =>
    found.push(`${filesOf(pid)} files are open, ${filesQuiet} were at the start`),
  )
  const warm = rss.slice(Math.ceil(rss.length * WARM_UP))
  const grown = (warm.at(-1) ?? 0) - (warm[0] ?? 0)
  if (run.timed && grown > RSS_GROWTH_MAX_MB) {
    found.push(`memory grew by ${Math.round(grown)} MB`)
  }
  return found
}

/** A killed centre forgets what it leaked; the planted fault is sought in one life. */
const GENTLE = Object.keys(FAULTS).filter((kind) => kind !== 'killed_centre')

export const soaked: Campaign = {
  name: 'C31',
  injects: 'a fault each half minute under load: killed centre, ended connection, lost answer, …',
  control: 'a centre that leaves a file open with every request',
  usual: 60,
  table: 960,
  catchPlanted: (run) =>
    inWorld({ splices: [LEAK] }, (world) => soak(world, { ...run, n: 3, timed: false }, GENTLE)),
  run: (run) => inWorld({}, (world) => soak(world, run, Object.keys(FAULTS))),
}
