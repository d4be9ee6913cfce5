/**
 * `npm run bench`: settlements over HTTP beside pgbench's TPC-B on the same server, alternating in
 * one run, medians of the rounds. The last line is one JSON object. Figures are only worth
 * comparing as ratios within one run.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { createDatabase, removeEmbedded, startEmbedded } from '../../db/embedded.ts'
import { generatePeople } from '../../fixtures/people/generate.ts'
import { newId } from '../../server/kernel/ids.ts'
import { bundleProgram } from '../support/bundle.ts'
import {
  type Centre,
  type CentreOptions,
  freePort,
  projectRoot,
  sellingTerminals,
  startCentre,
} from '../support/centre.ts'
import { bench5Lines } from './claim.ts'
import type { LoadPlan, LoadResult } from './load.ts'
import { rulesPerSecond } from './rules.ts'
import { findPgbench, prepareTpcb, runTpcb } from './tpcb.ts'
import { type Breath, untilTheEnd } from './until-the-end.ts'

const figure = (name: string, usual: string): number =>
  Number.parseInt(process.env[name] ?? usual, 10)
const PERSONS = figure('BENCH_PERSONS', '200000')
const SECONDS = figure('BENCH_SECONDS', '8')
const ROUNDS = figure('BENCH_ROUNDS', '3')
const CLIENTS = [1, 16, 64, 128] as const
/** More than any machine of this size settles; so many requests are made beforehand. */
const REQUESTS_PER_SECOND_MAX = 7_000
const TPCB_CLIENTS = [8, 16, 32] as const

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const median = (figures: readonly number[]): number =>
  [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0
const residentMb = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number.parseInt(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? '0', 10) / 1024)
}

/** One measurement in a process of its own. */
function measure(program: string, plan: LoadPlan): LoadResult {
  const run = spawnSync(process.execPath, [program], {
    input: JSON.stringify(plan),
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  })
  if (run.status !== 0) throw new Error(`the load ended with ${run.status}: ${run.stderr}`)
  return JSON.parse(run.stdout) as LoadResult
}

async function run(centre: Centre, url: string, startSeconds: number, breath: Breath) {
  const program = await bundleProgram('test/bench/load.ts', 'bench-load')
  const terminals = sellingTerminals()
  const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10)
  const context = { today, benefitYear: Number.parseInt(today.slice(0, 4), 10) }
  const cards = [...generatePeople(Math.min(PERSONS, 100_000), context)]
    .filter((person) => person.coverage?.status === 'in-force' && person.coverage.until === null)
    .flatMap((person) => person.cards.filter((card) => card.status === 'active'))
    .map((card) => card.number)
  const claim = await bench5Lines(centre.url, terminals[0])
  const requests = SECONDS * REQUESTS_PER_SECOND_MAX
  const base = { url: centre.url, seconds: SECONDS, requests, terminals, cards, ...claim }
  const pgbench = findPgbench()
  if (pgbench === null) say('pgbench was found neither on PATH nor in /usr/lib/postgresql')
  else prepareTpcb(pgbench, url)
  const settled = new Map<number, LoadResult[]>(CLIENTS.map((clients) => [clients, []]))
  const tpcb = new Map<number, { tps: number; latencyMs: number }[]>()
  let rssMb = 0
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const clients of CLIENTS) {
      await breath()
      const result = measure(program, { ...base, path: '/v1/settlements', clients })
      settled.get(clients)?.push(result)
      rssMb = Math.max(rssMb, residentMb(centre.pid))
      say(`round ${round}  settle ${clients} clients  ${JSON.stringify(result)}`)
    }
    for (const clients of pgbench === null ? [] : [1, ...TPCB_CLIENTS]) {
      await breath()
      const result = runTpcb(pgbench ?? '', url, clients, SECONDS)
      tpcb.set(clients, [...(tpcb.get(clients) ?? []), result])
      say(`round ${round}  TPC-B ${clients} clients  ${JSON.stringify(result)}`)
    }
  }
  await breath()
  const presettle = measure(program, { ...base, path: '/v1/presettlements', clients: 64 })
  const at = (clients: number, name: 'perSecond' | 'p50Ms' | 'p99Ms') =>
    median((settled.get(clients) ?? []).map((one) => one[name]))
  const best = Math.max(at(64, 'perSecond'), at(128, 'perSecond'))
  const tps = Math.max(0, ...TPCB_CLIENTS.map((n) => median((tpcb.get(n) ?? []).map((x) => x.tps))))
  const single = median((tpcb.get(1) ?? []).map((one) => one.latencyMs))
  return {
    settlements_per_s: best,
    tpcb_tps: Math.round(tps),
    ratio: tps === 0 ? null : Math.round((best / tps) * 100) / 100,
    p50_ms: Object.fromEntries(CLIENTS.map((clients) => [clients, at(clients, 'p50Ms')])),
    p99_ms: Object.fromEntries(CLIENTS.map((clients) => [clients, at(clients, 'p99Ms')])),
    single_client_ratio: single === 0 ? null : Math.round((at(1, 'p50Ms') / single) * 100) / 100,
    presettlements_per_s: presettle.perSecond,
    rules_claims_per_s: rulesPerSecond(projectRoot, 3),
    start_s: startSeconds,
    server_rss_mb: rssMb,
    persons: PERSONS,
    postgresql: 'embedded 18.4',
    node: process.version,
  }
}

/** Everything that has to end with the bench; centres from the moment they are asked to start. */
const folder = join(tmpdir(), `bench-${newId()}`)
const dataDir = join(folder, 'postgres')
const centres = new Set<Promise<Centre>>()
const running = new Set<Centre>()
let database: ReturnType<typeof startEmbedded> | null = null

async function openCentre(options: CentreOptions): Promise<Centre> {
  const starting = startCentre(options)
  centres.add(starting)
  const centre = await starting
  running.add(centre)
  return centre
}

async function tidyUp(): Promise<void> {
  for (const centre of running) await centre.stop()
  await database?.catch(() => null)
  await removeEmbedded(dataDir)
  // One that was still starting ends without its database; it must not write into the folder.
  for (const starting of centres) await (await starting.catch(() => null))?.stop()
  rmSync(folder, { recursive: true, force: true })
}

/**
 * What a database does by and by after many rows came in at once: pgbench asks for the same of its
 * own tables. Unless it is done, the first settlements pay for the seeding.
 */
async function tidyTables(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  await sql.unsafe('vacuum (analyze)')
  await sql.unsafe('checkpoint')
  await sql.end()
}

async function measureAll(breath: Breath): Promise<void> {
  mkdirSync(folder)
  database = startEmbedded({ dataDir })
  const server = await database
  const databaseUrl = await createDatabase(server.url, 'settlement')
  const tpcbUrl = await createDatabase(server.url, 'tpcb')
  say(`seeding ${PERSONS} persons …`)
  const options = { dataDir: folder, port: await freePort(), persons: PERSONS, databaseUrl }
  await (await openCentre(options)).stop()
  await tidyTables(databaseUrl)
  const began = performance.now()
  const centre = await openCentre({ ...options, env: { RATE_PER_SECOND: '0' } })
  const startSeconds = Math.round((performance.now() - began) / 100) / 10
  const result = await run(centre, tpcbUrl, startSeconds, breath)
  say(JSON.stringify(result))
}

const HELP = `用法 · usage: npm run bench

测量结算吞吐量,并与同一数据库上的 pgbench 对照;最后一行是 JSON。
Measures settlements a second beside pgbench on the same database; the last line is JSON.
It makes a database of its own for the time, and removes it whichever way it ends.

  BENCH_PERSONS  参保人数 · insured persons of the area (200000)
  BENCH_SECONDS  每次测量的秒数 · seconds of one measurement (8)
  BENCH_ROUNDS   轮数 · rounds, of which the medians are told (3)
`
const words = process.argv.slice(2)
if (words.length > 0) {
  say(HELP)
  process.exit(words.every((word) => word === '--help' || word === '-h') ? 0 : 2)
}
process.exit(await untilTheEnd(measureAll, tidyUp))
