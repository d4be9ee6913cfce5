/**
 * Workers of two servers credit accounts of few owners, one or two at a time and in both orders,
 * and write down of every operation when it ran and which version of what it saw and made.
 */
import { call } from '../../server/store/database.ts'
import { DOOR_DEFAULTS } from '../../server/store/door.ts'
import { readPosition } from '../../server/store/entitlement.ts'
import type { Store } from '../../server/store/store.ts'
import { creditOf, newOwner, openProcess } from '../store/postings.ts'
import { connect } from '../support/postgres.ts'
import type { Random } from '../support/random.ts'
import type { Run } from './campaign.ts'

/** What an operation saw of an owner, and left: version and fen. A read leaves what it saw. */
export type Touched = {
  readonly ownerId: string
  readonly version: bigint
  readonly before: bigint
  readonly after: bigint
}
export type Operation = {
  readonly kind: 'read' | 'write'
  /** On the one clock of this process, in milliseconds. */
  readonly startMs: number
  readonly endMs: number
  readonly touched: readonly Touched[]
}
export type Reader = (store: Store, ownerId: string) => Promise<{ version: bigint; fen: bigint }>
export type Crossing = {
  readonly operations: readonly Operation[]
  readonly owners: readonly string[]
  /** Postings by verdict. */
  readonly verdicts: Readonly<Record<string, number>>
  /** Of postings, in milliseconds. */
  readonly times: readonly number[]
  /** What the books show at the end of each owner. */
  readonly ends: ReadonlyMap<string, { version: bigint; fen: bigint }>
}

const SERVERS = 2
/** Of a server: more than one, so that its own batches meet as well. */
const LANES = 4
const FEN = 100n

/** The product's own read of a position. */
export const readInStore: Reader = async (store, ownerId) => {
  const held = await call(() => readPosition(store.sql, ownerId))
  const amounts = held?.balances.map(({ amount }) => amount) ?? []
  return { version: held?.version ?? -1n, fen: amounts.reduce((a, b) => a + b, 0n) }
}

export type Crowd = {
  readonly workers: number
  /** Few, so that the workers meet on them. */
  readonly owners: number
  /** What `run.n` counts: postings that were posted, or all operations. */
  readonly counts: 'postings' | 'operations'
  readonly read?: Reader
}

/** Goes on until there are `run.n` of what is counted. */
export async function cross(url: string, run: Run, crowd: Crowd): Promise<Crossing> {
  const { counts, read = readInStore } = crowd
  const sql = connect(url, 1)
  const door = { ...DOOR_DEFAULTS, lanes: LANES }
  const servers = Array.from({ length: SERVERS }, () => openProcess(url, door))
  try {
    const owners: string[] = []
    for (let made = 0; made < crowd.owners; made += 1) owners.push(await newOwner(sql))
    const tally = { operations: [] as Operation[], verdicts: {}, times: [], posted: 0 }
    const work = Array.from({ length: crowd.workers }, (_, index) => {
      const store = servers[index % SERVERS] as Store
      return workOn({ store, read, owners, tally, counts }, run, run.random.fork(index))
    })
    await Promise.all(work)
    const ends = new Map<string, { version: bigint; fen: bigint }>()
    for (const owner of owners) ends.set(owner, await readInStore(servers[0] as Store, owner))
    return { ...tally, owners, ends }
  } finally {
    for (const server of servers) await server.close()
    await sql.end({ timeout: 1 })
  }
}

type Tally = {
  readonly operations: Operation[]
  readonly verdicts: Record<string, number>
  readonly times: number[]
  posted: number
}
type At = Required<Pick<Crowd, 'read' | 'counts'>> & {
  readonly store: Store
  readonly owners: readonly string[]
  readonly tally: Tally
}

async function workOn(at: At, run: Run, random: Random): Promise<void> {
  const { store, read, owners, tally } = at
  const done = () => (at.counts === 'postings' ? tally.posted : tally.operations.length)
  while (done() < run.n && !(await run.isOver())) {
    const first = random.pick(owners)
    const second = random.pick(owners)
    const chosen = first === second ? [first] : [first, second]
    const seen: Touched[] = []
    for (const ownerId of chosen) {
      const startMs = performance.now()
      const { version, fen } = await read(store, ownerId)
      const touched = { ownerId, version, before: fen, after: fen }
      tally.operations.push({
        kind: 'read',
        startMs,
        endMs: performance.now(),
        touched: [touched],
      })
      seen.push({ ...touched, after: fen + FEN })
    }
    if (random.chance(0.3)) continue
    const startMs = performance.now()
    const { verdict } = await store.door.post(creditOf(seen))
    const endMs = performance.now()
    tally.times.push(endMs - startMs)
    tally.verdicts[verdict] = (tally.verdicts[verdict] ?? 0) + 1
    if (verdict !== 'posted') continue
    tally.operations.push({ kind: 'write', startMs, endMs, touched: seen })
    tally.posted += 1
    if (tally.posted % 10_000 === 0) run.say(`  ${tally.posted} postings`)
  }
}

/** Of every owner: posted credits, and what the books show, must be the same. */
export function lostUpdates({ operations, owners, ends }: Crossing): string[] {
  const found: string[] = []
  for (const owner of owners) {
    const writes = operations.filter(
      ({ kind, touched }) => kind === 'write' && touched.some(({ ownerId }) => ownerId === owner),
    ).length
    const end = ends.get(owner)
    if (end?.version !== BigInt(writes) || end.fen !== BigInt(writes) * FEN) {
      found.push(`${owner}: ${writes} credits were posted, ${end?.fen} fen stand in the books`)
    }
  }
  return found
}
