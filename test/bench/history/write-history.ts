/**
 * A history of many settlements, written in minutes: each is decided by the action that settles,
 * on the balances that the ones before it left, at an instant of the past. Only the door and the
 * reads of a decision are replaced: balances stand in memory, and rows go to the tables by COPY.
 */
import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import postgres from 'postgres'
import type { Runtime } from '../../../server/actions/runtime.ts'
import { settleClaim } from '../../../server/actions/settle-claim.ts'
import type { ClaimInput, ClaimLineInput } from '../../../server/contract/claims.ts'
import { dayOf, type Instant, instant, periodCovers } from '../../../server/kernel/calendar.ts'
import { fixedClock } from '../../../server/kernel/clock.ts'
import { newId } from '../../../server/kernel/ids.ts'
import { invariant } from '../../../server/kernel/invariant.ts'
import { openRuntime } from '../../../server/open-runtime.ts'
import { type Entitlement, readEntitlements } from '../../../server/store/entitlement.ts'
import type { Posting } from '../../../server/store/posting.ts'
import type { VaultKeys } from '../../../server/store/vault.ts'
import { openRandom, type Random } from '../../support/random.ts'
import { type HistoryBooks, openBooks } from './books.ts'
import { addPosting, emptyRows, writeRows } from './rows.ts'

/** Where something is sold, and by whom. */
export type Till = {
  readonly terminalId: string
  readonly institutionCode: string
  readonly operatorCode: string
}
/** What is bought; a line has as many trace codes as stand there, each made anew. */
export type Basket = Pick<ClaimInput, 'totalExpense'> & { readonly lines: ClaimLineInput[] }

export type HistoryPlan = {
  /** Of an owner of the database, which has persons and no settlement yet. */
  readonly url: string
  readonly keys: VaultKeys
  readonly areaCode: string
  readonly settlements: number
  /** The first settlement's instant, and the end before which the last one lies. */
  readonly from: Instant
  readonly until: Instant
  /** Those of shops that were not open all the time sell nothing. */
  readonly tills: readonly Till[]
  /** Cards of those who buy; whoever was not covered all the time buys nothing. */
  readonly cards: readonly string[]
  readonly baskets: readonly Basket[]
  readonly seed: number
  /** Of so many writers at work the one of this index from 0 on: of persons and settlements each
   * writes its own. */
  readonly writer: { readonly index: number; readonly of: number }
  readonly onProgress: (done: number, total: number) => Promise<void> | void
  /** Changes what is posted: only a test that wants broken books does so. */
  readonly spoil?: (posting: Posting) => Posting
}

/** The key under which a settlement of the history was posted, and by whom. */
export type KeyOfThen = Pick<Till, 'terminalId'> & { readonly key: string }
export type History = {
  readonly persons: number
  /** Fifty thousand keys or fewer, evenly from the whole history. */
  readonly keys: readonly KeyOfThen[]
}

/** Settlements of a round: so many are written while the next ones are decided. */
const ROUND = 2_000
const KEYS_KEPT = 50_000

export async function writeHistory(plan: HistoryPlan): Promise<History> {
  const sql = postgres(plan.url, { max: 1, onnotice: () => {} })
  const clock = fixedClock(plan.from)
  const opened = await openRuntime({
    database: { url: plan.url, connectionsMax: 2 },
    keys: plan.keys,
    areaCode: plan.areaCode,
    serviceDaysBackMax: 0,
    clock,
  })
  try {
    const books = await openBooks(sql)
    const buyers = await readBuyers(opened, plan)
    const past = pastRuntime(opened, { plan, books, buyers })
    const cards = [...buyers.keys()]
    const tills = plan.tills.filter((till) => wasOpen(opened, plan, till))
    const keys = await decideAll(past, clock, sql, { plan: { ...plan, tills }, cards })
    await sql.begin((transaction) => books.save(transaction))
    return { persons: cards.length, keys }
  } finally {
    await opened.store.close()
    await sql.end({ timeout: 5 })
  }
}

type Buyers = ReadonlyMap<string, Entitlement>

/** Whether a shop was under agreement from the first day to the last, and never suspended. */
function wasOpen(runtime: Runtime, { from, until }: HistoryPlan, till: Till): boolean {
  const { agreements = [], suspensions = [] } =
    runtime.institutions.find(till.institutionCode) ?? {}
  const whole = agreements.some((one) => [from, until].every((at) => periodCovers(one, dayOf(at))))
  return whole && suspensions.length === 0
}

/** Everybody who may buy on the last day and was covered in the same way on the first. */
async function readBuyers(runtime: Runtime, plan: HistoryPlan): Promise<Buyers> {
  const first = dayOf(plan.from)
  const buyers = new Map<string, Entitlement>()
  for (let start = 0; start < plan.cards.length; start += 500) {
    const cards = plan.cards.slice(start, start + 500)
    const found = await readEntitlements(
      runtime.store.sql,
      cards.map((value) => ({
        query: { kind: 'card', value },
        onDay: dayOf(plan.until),
        codes: [],
      })),
    )
    cards.forEach((card, index) => {
      const one = found[index]
      const covered = one?.coverage?.status === 'in-force' && one.coverage.from <= first
      const mine = one !== null && one !== undefined && writerOf(one, plan) === plan.writer.index
      if (mine && covered && one.cardStatus === 'active' && one.diedOn === null) {
        buyers.set(card, one)
      }
    })
  }
  return buyers
}

/** A household has one writer: its members draw on the same account. */
const writerOf = ({ householdId, personId }: Entitlement, { writer }: HistoryPlan): number =>
  Number.parseInt((householdId ?? personId).slice(-6), 16) % writer.of

type Past = { readonly runtime: Runtime; taken(): ReturnType<typeof emptyRows> }

/** The runtime of the centre, but that it reads and posts in memory. */
function pastRuntime(
  opened: Runtime,
  { plan, books, buyers }: { plan: HistoryPlan; books: HistoryBooks; buyers: Buyers },
): Past {
  let rows = emptyRows()
  const lastDay = dayOf(plan.until)
  const read = async ({ value }: { value: string }): Promise<Entitlement | null> => {
    const found = buyers.get(value)
    const position = found === undefined ? null : books.position(found.personId)
    if (found === undefined || position === null) return null
    const { householdId } = found
    const householdPosition = householdId === null ? null : books.position(householdId)
    return { ...found, position, householdPosition }
  }
  const post = async (decided: Posting) => {
    invariant(decided.verdict === 'done', `a claim of the past is refused: ${decided.answer}`)
    const posting = plan.spoil?.(asOfThen(decided)) ?? asOfThen(decided)
    addPosting(rows, posting, books.move(posting))
    return { verdict: 'posted' } as const
  }
  const runtime: Runtime = {
    ...opened,
    // Prices of each day of the past would be read shop by shop: those of the last day serve.
    catalogue: { ...opened.catalogue, mapped: (code) => opened.catalogue.mapped(code, lastDay) },
    store: { ...opened.store, entitlements: { read }, door: { ...opened.store.door, post } },
  }
  return {
    runtime,
    taken() {
      const full = rows
      rows = emptyRows()
      return full
    },
  }
}

/** The posting under an id of its instant: ids sort by time, and so must those of the past. */
function asOfThen(posting: Posting): Posting {
  const { document, postingId } = posting
  invariant(document?.holdsAnswer === true, 'the answer stands in the document')
  const id = idOfThen(posting.at, postingId)
  const text = document.text.replaceAll(postingId, id)
  return { ...posting, postingId: id, document: { ...document, text } }
}

/** A UUIDv7 of an instant of the past: a new one, with its first 48 bits set to that instant. */
function idOfThen(at: Instant, id = newId()): string {
  const hex = at.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}${id.slice(13)}`
}

async function decideAll(
  past: Past,
  clock: { set(at: Instant): void },
  sql: postgres.Sql,
  { plan, cards }: { plan: HistoryPlan; cards: readonly string[] },
): Promise<KeyOfThen[]> {
  const { index, of } = plan.writer
  const random = openRandom(plan.seed).fork(index)
  const step = (plan.until - plan.from) / plan.settlements
  const keepEvery = Math.ceil(plan.settlements / KEYS_KEPT)
  const keys: KeyOfThen[] = []
  let writing: Promise<void> = Promise.resolve()
  let rowsHeld = 0
  for (let n = index; n < plan.settlements; n += of) {
    const at = instant(Math.floor(plan.from + n * step))
    clock.set(at)
    const till = random.pick(plan.tills)
    const key = idOfThen(at)
    const claim = claimOf(plan, cards, { till, n, random })
    await settle(past.runtime, { till, key, claim })
    if (n % keepEvery < of) keys.push({ terminalId: till.terminalId, key })
    rowsHeld += 1
    if (rowsHeld === ROUND || n + of >= plan.settlements) {
      rowsHeld = 0
      await writing
      writing = writeRows(sql, past.taken())
      writing.catch(() => {}) // Heard of when it is waited for.
      await plan.onProgress(Math.min(n + of, plan.settlements), plan.settlements)
    }
    // What is being written gets its turn between two decisions.
    if (rowsHeld % 20 === 0) await setImmediate()
  }
  await writing
  return keys
}

function claimOf(
  { baskets }: HistoryPlan,
  cards: readonly string[],
  { till, n, random }: { till: Till; n: number; random: Random },
): ClaimInput {
  const { lines, totalExpense } = random.pick(baskets)
  let codes = 0
  const newCode = (like: string): string => {
    codes += 1
    return newTraceCode(like, n * CODES_MAX + codes)
  }
  return {
    identity: { kind: 'card', number: random.pick(cards) },
    serviceKind: 'pharmacy',
    operatorCode: till.operatorCode,
    prescription: { number: `RX-${random.below(1e9)}`, prescriber: null },
    diagnoses: [],
    lines: lines.map((line) =>
      line.traceCodes.length === 0 ? line : { ...line, traceCodes: line.traceCodes.map(newCode) },
    ),
    totalExpense,
  }
}

/** Trace codes of one claim at most. */
const CODES_MAX = 1_000

/**
 * The code of a pack of the same product, as its first seven digits say: of every number another,
 * and neighbours far apart, as packs of many makers and shops are.
 */
const newTraceCode = (like: string, n: number): string => {
  const serial = (BigInt(n) * 6_180_339_887n) % 10n ** 13n
  return like.slice(0, 7) + serial.toString().padStart(13, '0')
}

async function settle(
  runtime: Runtime,
  { till, key, claim }: { till: Till; key: string; claim: ClaimInput },
): Promise<void> {
  const { terminalId: clientId, institutionCode } = till
  const caller = { clientId, institutionCode, nonce: null, requestId: 'history' }
  const bodySha = createHash('sha256').update(key).digest('hex')
  const answer = await settleClaim(runtime, caller, { key, bodySha }, claim)
  if (answer.kind === 'refused') throw new Error(`not settled: ${answer.refusal.code}`)
}
