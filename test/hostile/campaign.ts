/**
 * What every campaign does around its attack: counts the rows of the books, the memory and the
 * time of good requests before and after, and says at the end what is wrong.
 */
import { claimFor, situation } from '../support/area.ts'
import { rowCounts, rowsAdded } from '../support/books.ts'
import { checkInvariants } from '../support/invariants.ts'
import { openRandom, type Random } from '../support/random.ts'
import { type Client, type Heard, openClient } from './client.ts'
import type { Ground } from './ground.ts'
import { type Limits, openRecorder, type RecordedFigures, type Recorder } from './record.ts'
import { sign } from './signing.ts'

export type Wish = {
  /** How many requests, or cases of whatever the campaign counts. */
  readonly n: number
  readonly seed: number
  readonly log: (line: string) => void
  readonly limits: Limits
  /** How long a campaign of some duration lasts; absent in the short form. */
  readonly minutes?: number
  /** How long it waits for what must come; for the negative control. */
  readonly giveUpMs?: number
}
export type Figures = RecordedFigures & {
  readonly campaign: string
  readonly n: number
  readonly seed: number
  readonly rssRiseMb: number
  readonly cpuMs: number
  readonly goodBeforeMs: number
  readonly goodAfterMs: number
  readonly rowsAdded: Readonly<Record<string, number>>
  /** Figures of this campaign alone. */
  readonly more: Readonly<Record<string, number>>
  /** What is wrong, in words; nothing where all is well. */
  readonly faults: readonly string[]
}
export type Campaign = {
  /** As it is called on the command line, e.g. `b1`. */
  readonly name: string
  /** What must hold, as a sentence. */
  readonly holds: string
  readonly shortN: number
  readonly fullN: number
  /** How much of it finds the careless server out; 30 where nothing is said. */
  readonly plantN?: number
  /** A fault that it must find in the careless server. */
  readonly plantFinds: RegExp
  run(wish: Wish, ground: Ground): Promise<Figures>
}

/** What an attack works with. */
export type Attack = Wish & {
  readonly random: Random
  readonly client: Client
  readonly recorder: Recorder
  readonly ground: Ground
  readonly more: Record<string, number>
}

/** Of the short forms: they run beside others, and assert behaviour, never speed. */
export const RELAXED: Limits = { hangMs: 15_000, cpuMs: 1_500, rssMb: 160, isShared: true }
/** Of the long forms; a second is asked for on a machine that does nothing else. */
export const STRICT: Limits = { hangMs: 1_000, cpuMs: 100, rssMb: 160, isShared: false }

/** Words that no refusal may repeat: of the persons whose cards the campaigns use. */
const SECRETS = ['retired', 'big-balance', 'arrears', 'near-ceiling'].flatMap((key) => {
  const { name, cardNumber, idNumber } = situation(key)
  return [name, cardNumber, idNumber]
})

const GOOD_REQUESTS = 20
const goodRequest = () =>
  sign({ path: '/v1/presettlements', body: claimFor('retired', [{ item: 'plain' }]), key: null })

type Spec = Omit<Campaign, 'run'> & { readonly attack: (attack: Attack) => Promise<void> }

/** A campaign against a server over sockets. */
export const overSockets = ({ attack, ...campaign }: Spec): Campaign => ({
  ...campaign,
  async run(wish, ground) {
    const client = openClient(ground.centre.url)
    const recorder = openRecorder(wish.limits, SECRETS)
    const more: Record<string, number> = {}
    const goodBeforeMs = await goodTime(client, recorder)
    const before = await countedRows(ground.sql)
    const start = await ground.centre.figures()
    await attack({ ...wish, random: openRandom(wish.seed), client, recorder, ground, more })
    const end = await ground.centre.figures()
    const rssRiseMb = Math.round(end.rssMb - start.rssMb)
    if (rssRiseMb > wish.limits.rssMb) recorder.fault(`memory rose by ${rssRiseMb} MB`)
    if (!end.prototypeClean) recorder.fault('the prototype of every object was changed')
    const goodAfterMs = await goodTime(client, recorder)
    const added = rowsAdded(before, await countedRows(ground.sql))
    booksFaults(recorder, added)
    for (const { invariant, key } of await checkInvariants(ground.url)) {
      recorder.fault(`${invariant} is broken at ${key}`)
    }
    if (!ground.centre.isAlive()) recorder.fault('the server is dead')
    client.close()
    const { name } = campaign
    const { n, seed } = wish
    const cpuMs = Math.round(end.cpuMs - start.cpuMs)
    const own = { campaign: name, n, seed, rssRiseMb, cpuMs, goodBeforeMs, goodAfterMs, more }
    return { ...own, ...recorder.figures(), rowsAdded: added, faults: recorder.faults() }
  },
})

const wholeAnswer = ({ text }: Heard): string | null =>
  text.includes('"payers"') ? null : 'has no answer'

/** The slowest of some good requests, in milliseconds; each must be answered as ever. */
async function goodTime(client: Client, recorder: Recorder): Promise<number> {
  let slowest = 0
  for (let sent = 0; sent < GOOD_REQUESTS; sent += 1) {
    const heard = await client.send(goodRequest())
    slowest = Math.max(slowest, heard.ms)
    recorder.note({ label: 'a good request', allow: ['200'], check: wholeAnswer }, heard)
  }
  return Math.round(slowest)
}

/** Rows by table; a tombstone is the key of a message that never came, and no answer. */
async function countedRows(sql: Ground['sql']): Promise<Record<string, number>> {
  const counts = await rowCounts(sql)
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from idempotency where verdict = 'tombstone'`
  const tombstones = row?.n ?? 0
  return { ...counts, idempotency: (counts.idempotency ?? 0) - tombstones }
}

/** The books hold an answer for every key that got one, and not a row more. */
function booksFaults(recorder: Recorder, added: Readonly<Record<string, number>>): void {
  const { answers, done, nonceOnly, open } = recorder.stored()
  const rows = (table: string): number => added[table] ?? 0
  for (const table of ['idempotency', 'audit_event', 'nonce']) {
    const most = answers + open + (table === 'nonce' ? nonceOnly : 0)
    if (rows(table) >= answers && rows(table) <= most) continue
    recorder.fault(`${rows(table)} rows more in ${table}, where ${answers} answers were stored`)
  }
  const moved = ['settlement', 'journal', 'year_movement', 'trace_code_event']
  const most = Math.max(0, ...moved.map(rows))
  if (done + open === 0 && most > 0) recorder.fault('money or codes moved without a good request')
  if (rows('settlement') > done + open) recorder.fault('more documents than were answered')
}

const AT_ONCE = 8

/** Does the work for each of the cases, eight at a time. */
export async function forEachAtOnce<T>(
  cases: Iterable<T>,
  work: (one: T) => Promise<void>,
  atOnce = AT_ONCE,
): Promise<void> {
  const rest = cases[Symbol.iterator]()
  const lane = async (): Promise<void> => {
    for (let next = rest.next(); !next.done; next = rest.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}
