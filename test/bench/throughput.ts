/**
 * Settlements over HTTP beside pgbench's TPC-B on the same server, alternating in one run, medians
 * of the rounds. Figures are only worth comparing as ratios within one run.
 */
import { readFileSync } from 'node:fs'
import { createDatabase } from '../../db/embedded.ts'
import { bundleProgram } from '../support/bundle.ts'
import { type Centre, freePort, projectRoot, sellingTerminals } from '../support/centre.ts'
import { cardsInForce } from './cards.ts'
import { bench5Lines } from './claim.ts'
import type { LoadResult } from './load.ts'
import { type BenchPlace, figure, measure, median, say, tidyTables } from './place.ts'
import { rulesPerSecond } from './rules.ts'
import { findPgbench, prepareTpcb, runTpcb } from './tpcb.ts'
import type { Breath } from './until-the-end.ts'

const PERSONS = figure('BENCH_PERSONS', '200000')
const SECONDS = figure('BENCH_SECONDS', '8')
const ROUNDS = figure('BENCH_ROUNDS', '3')
const CLIENTS = [1, 16, 64, 128] as const
/** More than any machine of this size settles; so many requests are made beforehand. */
const REQUESTS_PER_SECOND_MAX = 7_000
const TPCB_CLIENTS = [8, 16, 32] as const

const residentMb = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number.parseInt(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? '0', 10) / 1024)
}

async function run(centre: Centre, url: string, startSeconds: number, breath: Breath) {
  const program = await bundleProgram('test/bench/load.ts', 'bench-load')
  const terminals = sellingTerminals()
  const cards = cardsInForce(PERSONS)
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
  const centre = await place.openCentre({ ...options, env: { RATE_PER_SECOND: '0' } })
  const startSeconds = Math.round((performance.now() - began) / 100) / 10
  const result = await run(centre, tpcbUrl, startSeconds, breath)
  say(JSON.stringify(result))
}
