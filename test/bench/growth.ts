/**
 * What a settlement, an entitlement check and an outcome query cost on a long history, beside the
 * same on an empty one: two databases of the same persons, each with a PostgreSQL and a centre of
 * its own, asked in turn within one run. Cost is what counts: processor time per answer of centre
 * and PostgreSQL together, and beside it the time one client waits.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import postgres from 'postgres'
import { freePort } from '../../db/embedded/ports.ts'
import { createDatabase } from '../../db/embedded.ts'
import { dayOf, instant, startOfDay } from '../../server/kernel/calendar.ts'
import { bundleProgram } from '../support/bundle.ts'
import { type Centre, sellingTerminals } from '../support/centre.ts'
import { median } from '../support/median.ts'
import { cardsInForce } from './cards.ts'
import { type BenchClaim, tracedClaims } from './claim.ts'
import { cpuMs } from './cpu.ts'
import type { KeyOfThen } from './history/write-history.ts'
import { writeTogether } from './history/writers.ts'
import type { LoadResult } from './load.ts'
import { type BenchPlace, figure, measure, say, tidyTables } from './place.ts'
import type { RequestPlan } from './requests.ts'
import { readStorage } from './storage.ts'
import type { Breath } from './until-the-end.ts'

const PERSONS = figure('BENCH_PERSONS', '50000')
const SETTLEMENTS = figure('BENCH_SETTLEMENTS', '2000000')
const SECONDS = figure('BENCH_SECONDS', '8')
const ROUNDS = figure('BENCH_ROUNDS', '5')
/** The years that the history covers. */
const YEARS = 3
const DAY_MS = 86_400_000
const BASKETS = 24
const KEYS = { data: randomBytes(32), index: randomBytes(32) }

/** What is measured, and how many clients ask for it at once. */
const ASKED = [
  { name: 'settle', path: '/v1/settlements', perSecondMax: 2_500 },
  { name: 'entitlement_check', path: '/v1/entitlement-checks', perSecondMax: 5_000 },
  { name: 'outcome_query', path: '/v1/outcomes', perSecondMax: 5_000 },
] as const
const CLIENTS = [1, 32] as const

type Books = {
  readonly name: 'empty' | 'grown'
  readonly url: string
  readonly postmaster: number
  readonly options: Parameters<BenchPlace['openCentre']>[0]
}
type Subject = Books & { readonly centre: Centre; readonly keys: readonly KeyOfThen[] }
type Measured = LoadResult & { readonly cpuUs: number }
type Figures = Map<string, Measured[]>

/** Measures, and prints the figures as JSON in the last line. */
export async function measureGrowth(place: BenchPlace, breath: Breath): Promise<void> {
  const empty = await openBooks(place, 'empty')
  const grown = await openBooks(place, 'grown')
  const centre = await place.openCentre({ ...empty.options })
  const baskets = await tracedClaims(centre.url, sellingTerminals()[0], BASKETS)
  await centre.stop()
  await breath()
  const began = performance.now()
  const keys = await grow(grown, baskets, breath)
  const seedingSeconds = Math.round((performance.now() - began) / 1000)
  for (const books of [empty, grown]) await tidyTables(books.url)
  const storage = await readStorage(grown.url, SETTLEMENTS, say)
  await breath()
  const env = { ...envOf(), RATE_PER_SECOND: '0' }
  const subjects: Subject[] = []
  for (const books of [empty, grown]) {
    const running = await place.openCentre({ ...books.options, env })
    subjects.push({ ...books, centre: running, keys: books === grown ? keys : [] })
  }
  const figures = await measureInTurn(subjects, baskets, breath)
  say(
    JSON.stringify({
      ...summaryOf(figures),
      persons: PERSONS,
      settlements: SETTLEMENTS,
      seeding_s: seedingSeconds,
      storage,
      node: process.version,
    }),
  )
}

const envOf = () => ({
  VAULT_DATA_KEY: KEYS.data.toString('hex'),
  VAULT_INDEX_KEY: KEYS.index.toString('hex'),
})

/** A PostgreSQL of its own with the persons of the area and no settlement. */
async function openBooks(place: BenchPlace, name: Books['name']): Promise<Books> {
  const server = await place.startDatabase(name === 'empty' ? 'postgres' : `postgres-${name}`)
  const url = await createDatabase(server.url, 'settlement')
  say(`seeding ${PERSONS} persons (${name}) …`)
  const options = {
    dataDir: join(place.folder, name),
    port: await freePort(),
    persons: PERSONS,
    databaseUrl: url,
    env: envOf(),
  }
  await (await place.openCentre(options)).stop()
  await tidyTables(url)
  return { name, url, postmaster: server.pid, options }
}

/** Writes the history, up to yesterday's end, and says how far it is. */
async function grow(
  { url }: Books,
  baskets: readonly BenchClaim[],
  breath: Breath,
): Promise<readonly KeyOfThen[]> {
  const until = startOfDay(dayOf(instant(Date.now())))
  const began = performance.now()
  let told = began
  const tell = async (done: number): Promise<void> => {
    await breath()
    const now = performance.now()
    if (now - told < 10_000 && done < SETTLEMENTS) return
    told = now
    const perSecond = done / ((now - began) / 1000)
    const left = Math.ceil((SETTLEMENTS - done) / perSecond / 60)
    const percent = Math.floor((100 * done) / SETTLEMENTS)
    const pace = `${Math.round(perSecond)}/s, ${left} min left`
    say(`history: ${Math.floor(done)} of ${SETTLEMENTS} (${percent} %), ${pace}`)
  }
  const plan = {
    url,
    keys: { data: KEYS.data.toString('hex'), index: KEYS.index.toString('hex') },
    areaCode: '330282',
    settlements: SETTLEMENTS,
    from: instant(until - YEARS * 365 * DAY_MS),
    until,
    tills: sellingTerminals(),
    cards: cardsInForce(PERSONS),
    baskets,
    seed: 20_261_125,
  }
  const history = await writeTogether(plan, tell)
  say(`history: of ${history.persons} cards`)
  return history.keys
}

/** Every kind of request on both books, one after the other, round by round. */
async function measureInTurn(
  subjects: readonly Subject[],
  baskets: readonly BenchClaim[],
  breath: Breath,
): Promise<Figures> {
  const program = await bundleProgram('test/bench/load.ts', `bench-load-${process.pid}`)
  const terminals = sellingTerminals()
  const cards = cardsInForce(PERSONS)
  const [claim] = baskets
  if (claim === undefined) throw new Error('nothing to buy')
  const figures: Figures = new Map()
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const { name, path, perSecondMax } of ASKED) {
      for (const clients of CLIENTS) {
        for (const subject of round % 2 === 0 ? subjects : [...subjects].reverse()) {
          await breath()
          const requests = Math.ceil(SECONDS * (clients === 1 ? 1_500 : perSecondMax))
          const keys = await keysFor(subject)
          const base = { url: subject.centre.url, requests, terminals, cards, keys, ...claim }
          const result = measureCpu(program, { ...base, path }, subject, clients)
          const title = `${name} ${clients} clients ${subject.name}`
          say(`round ${round}  ${title}  ${JSON.stringify(result)}`)
          // The first round warms what was just started, and does not count.
          if (round > 0) figures.set(title, [...(figures.get(title) ?? []), result])
        }
      }
    }
  }
  return figures
}

/** Keys to ask outcomes of: those of the whole history, or what was settled since the start. */
async function keysFor({ keys, url }: Subject): Promise<readonly KeyOfThen[]> {
  if (keys.length > 0) return keys
  const sql = postgres(url, { max: 1 })
  const found = await sql<KeyOfThen[]>`
    select client_id as "terminalId", key from idempotency limit 50000`
  await sql.end()
  return [...found]
}

function measureCpu(
  program: string,
  plan: RequestPlan,
  { centre, postmaster }: Subject,
  clients: number,
): Measured {
  const before = cpuMs(centre.pid, postmaster)
  const result = measure(program, { ...plan, seconds: SECONDS, clients })
  const taken = cpuMs(centre.pid, postmaster) - before
  const good = (result.statuses['200'] ?? 0) + (result.statuses['201'] ?? 0)
  if (good < result.answers) throw new Error(`not all was answered: ${JSON.stringify(result)}`)
  return { ...result, cpuUs: Math.round((1000 * taken) / result.answers) }
}

/** Medians on both books, and how many times the empty one's the grown one's are. */
function summaryOf(figures: Figures) {
  const at = (title: string, name: 'cpuUs' | 'p50Ms' | 'perSecond') =>
    median((figures.get(title) ?? []).map((one) => one[name]))
  const beside = (title: string, name: 'cpuUs' | 'p50Ms' | 'perSecond') => {
    const empty = at(`${title} empty`, name)
    const grown = at(`${title} grown`, name)
    const ratio = name === 'perSecond' ? empty / grown : grown / empty
    return { empty, grown, ratio: Math.round(ratio * 100) / 100 }
  }
  const [one, many] = CLIENTS
  const entries = ASKED.map(({ name }) => {
    const cpu_us = beside(`${name} ${many} clients`, 'cpuUs')
    const per_s = beside(`${name} ${many} clients`, 'perSecond')
    const p50_ms = beside(`${name} ${one} clients`, 'p50Ms')
    return [name, { cpu_us, p50_ms, per_s }] as const
  })
  const ratios = Object.fromEntries(entries.map(([name, { cpu_us }]) => [name, cpu_us.ratio]))
  return { ratios, ...Object.fromEntries(entries) }
}
