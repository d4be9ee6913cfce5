/** C21: a history of reads and postings is written down and searched for cycles. */
import { checkInvariants } from '../support/invariants.ts'
import { type Campaign, type Result, type Run, timesOf } from './campaign.ts'
import { cross, lostUpdates, type Reader, readInStore } from './crossing.ts'
import { faultsOf } from './history.ts'
import { inDatabase } from './world.ts'

const CROWD = { workers: 50, owners: 24, counts: 'operations' } as const
/** A stale read answers what it answered this many reads ago. */
const STALE_EVERY = 10

/** Every tenth read answers from a store of its own what stood there at an earlier read. */
function staleReader(): Reader {
  const kept = new Map<string, { version: bigint; fen: bigint }>()
  let reads = 0
  return async (store, ownerId) => {
    const fresh = await readInStore(store, ownerId)
    reads += 1
    const old = kept.get(ownerId)
    if (old !== undefined && reads % STALE_EVERY === 0) return old
    if (reads % (2 * STALE_EVERY) === 1 || old === undefined) kept.set(ownerId, fresh)
    return fresh
  }
}

const record = (run: Run, read: Reader): Promise<Result> =>
  inDatabase(null, async (url) => {
    const crossing = await cross(url, run, { ...CROWD, read })
    const { operations, verdicts, times } = crossing
    const broken = await checkInvariants(url)
    const breaches = [
      ...faultsOf(operations),
      ...lostUpdates(crossing),
      ...broken.map(({ invariant, key, detail }) => `${invariant} ${key}: ${detail}`),
    ]
    const reads = operations.filter(({ kind }) => kind === 'read').length
    const figures = { reads, verdicts, posting: timesOf(times) }
    return { n: operations.length, breaches, figures }
  })

export const histories: Campaign = {
  name: 'C21',
  injects: 'fifty workers of two servers read and post; their history holds no cycle',
  control: 'a stale balance is served now and then',
  usual: 100_000,
  table: 1_000_000,
  catchPlanted: (run) => record({ ...run, n: Math.min(run.n * 50, 1_500) }, staleReader()),
  run: (run) => record(run, readInStore),
}
