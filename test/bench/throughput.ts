/**
 * Settlements over HTTP, through one server process and through two, beside pgbench's TPC-B on the
 * same server, alternating in one run, medians of the rounds. Figures are only worth comparing as
 * ratios within one run.
 */

import { freePort } from '../../db/embedded/ports.ts'
import { createDatabase } from '../../db/embedded.ts'
import { bundleProgram } from '../support/bundle.ts'
import { projectRoot, sellingTerminals } from '../support/centre.ts'
import { median } from '../support/median.ts'
import { cardsInForce } from './cards.ts'
import { bench5Lines } from './claim.ts'
import type { LoadResult } from './load.ts'
import { type BenchPlace, figure, measure, say, tidyTables } from './place.ts'
import { rulesPerSecond } from './rules.ts'
import { bestOf, costOf, figureOf, measureSide, openSide, type Side } from './side.ts'
import { bytesEach, readStored } from './stored.ts'
import { findPgbench, prepareTpcb, runTpcb } from './tpcb.ts'
import type { Breath } from './until-the-end.ts'

const PERSONS = figure('BENCH_PERSONS', '200000')
const SECONDS = figure('BENCH_SECONDS', '8')
const ROUNDS = figure('BENCH_ROUNDS', '3')
const CLIENTS = [1, 16, 64, 128] as const
/** Two processes are for many tills; few are served by one. */
const CLIENTS_OF_TWO = [64, 128] as const
/** More than any machine of this size settles; so many requests are made beforehand. */
const REQUESTS_PER_SECOND_MAX = 7_000
const TPCB_CLIENTS = [8, 16, 32] as const

/** What every measurement shares: the load's program, and a claim for every insured person. */
async function openPlan(url: string) {
  const program = await bundleProgram('test/bench/load.ts', 'bench-load')
  const terminals = sellingTerminals()
  const cards = cardsInForce(PERSONS)
  const claim = await bench5Lines(url, terminals[0])
  const requests = SECONDS * REQUESTS_PER_SECOND_MAX
  const path = '/v1/settlements' as const
  return { program, plan: { url, path, seconds: SECONDS, requests, terminals, cards, ...claim } }
}

type Tpcb = Map<number, { tps: number; latencyMs: number }[]>
type Sides = { readonly one: Side; readonly two: Side; readonly postgresPid: number }

async function run({ one, two, postgresPid }: Sides, url: string, breath: Breath) {
  const { program, plan } = await openPlan(one.centre.url)
  const pgbench = findPgbench()
  if (pgbench === null) say('pgbench was found neither on PATH nor in /usr/lib/postgresql')
  else prepareTpcb(pgbench, url)
  const tpcb: Tpcb = new Map()
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const [name, side] of [['settle', one] as const, ['settle by two', two] as const]) {
      for (const clients of side.results.keys()) {
        await breath()
        const result = measureSide(side, program, { ...plan, clients }, postgresPid)
        say(`round ${round}  ${name} ${clients} clients  ${JSON.stringify(result)}`)
      }
    }
    for (const clients of pgbench === null ? [] : [1, ...TPCB_CLIENTS]) {
      await breath()
      const result = runTpcb(pgbench ?? '', url, clients, SECONDS)
      tpcb.set(clients, [...(tpcb.get(clients) ?? []), result])
      say(`round ${round}  TPC-B ${clients} clients  ${JSON.stringify(result)}`)
    }
  }
  await breath()
  const presettle = measure(program, { ...plan, path: '/v1/presettlements', clients: 64 })
  return { tpcb, presettle }
}

function told({ one, two }: Sides, tpcb: Tpcb, presettle: LoadResult) {
  const best = bestOf(one, CLIENTS_OF_TWO)
  const tps = Math.max(0, ...TPCB_CLIENTS.map((n) => median((tpcb.get(n) ?? []).map((x) => x.tps))))
  const single = median((tpcb.get(1) ?? []).map(({ latencyMs }) => latencyMs))
  const p50OfOne = figureOf(one, 1, 'p50Ms')
  const byClients = (name: 'p50Ms' | 'p99Ms') =>
    Object.fromEntries(CLIENTS.map((clients) => [clients, figureOf(one, clients, name)]))
  return {
    settlements_per_s: best,
    settlements_per_s_two_processes: bestOf(two, CLIENTS_OF_TWO),
    tpcb_tps: Math.round(tps),
    ratio: tps === 0 ? null : Math.round((best / tps) * 100) / 100,
    p50_ms: byClients('p50Ms'),
    p99_ms: byClients('p99Ms'),
    single_client_ratio: single === 0 ? null : Math.round((p50OfOne / single) * 100) / 100,
    presettlements_per_s: presettle.perSecond,
    rules_claims_per_s: rulesPerSecond(projectRoot, 3),
    server_rss_mb: one.rssMb[0],
    two_processes_rss_mb: two.rssMb,
    cpu_us_per_settlement: { one: costOf(one), two: costOf(two) },
    persons: PERSONS,
    postgresql: 'embedded 18.4',
    node: process.version,
  }
}

/** Measures, and prints the figures as JSON in the last line. */
export async function measureThroughput(place: BenchPlace, breath: Breath): Promise<void> {
  const server = await place.startDatabase('postgres')
  const databaseUrl = await createDatabase(server.url, 'settlement')
  const tpcbUrl = await createDatabase(server.url, 'tpcb')
  say(`seeding ${PERSONS} persons …`)
  const options = { dataDir: place.folder, port: await freePort(), persons: PERSONS, databaseUrl }
  await (await place.openCentre(options)).stop()
  await tidyTables(databaseUrl)
  const began = performance.now()
  const env = { RATE_PER_SECOND: '0' }
  const one = await place.openCentre({ ...options, env })
  const startSeconds = Math.round((performance.now() - began) / 100) / 10
  const port = await freePort()
  const two = await place.openCentre({ ...options, port, env: { ...env, SERVER_PROCESSES: '2' } })
  const before = await readStored(databaseUrl)
  const sides = {
    one: openSide(one, CLIENTS),
    two: openSide(two, CLIENTS_OF_TWO),
    postgresPid: server.pid,
  }
  const { tpcb, presettle } = await run(sides, tpcbUrl, breath)
  const result = { ...told(sides, tpcb, presettle), start_s: startSeconds }
  const bytes = bytesEach(before, await readStored(databaseUrl))
  const bytesOfAll = Object.values(bytes).reduce((sum, each) => sum + each, 0)
  say(`bytes for each settlement  ${JSON.stringify(bytes)}`)
  say(JSON.stringify({ ...result, bytes_per_settlement: bytesOfAll }))
}
