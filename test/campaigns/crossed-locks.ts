/** C19: sixteen workers of two servers move the accounts of few families, in both orders. */
import { readFileSync } from 'node:fs'
import { checkInvariants } from '../support/invariants.ts'
import { type Campaign, type Result, type Run, timesOf } from './campaign.ts'
import { cross, lostUpdates } from './crossing.ts'
import { logCounts } from './verdict.ts'
import { inBooks } from './world.ts'

const CROWD = { workers: 16, owners: 6, counts: 'postings' } as const

/**
 * As `post_batch` locks, but in an order that differs from one connection to the next. PostgreSQL
 * looks for deadlocks after a second as a rule; sooner here, as everybody waits for it.
 */
const RANDOM_ORDER = `do $$ begin
  execute replace(pg_get_functiondef('post_batch'::regproc),
    'ORDER BY owner_id FOR NO KEY UPDATE',
    'ORDER BY md5(owner_id::text || pg_backend_pid()) FOR NO KEY UPDATE');
  execute format('alter database %I set deadlock_timeout = %L', current_database(), '50ms');
end $$`

const countOf = (log: string, line: RegExp): number => log.match(line)?.length ?? 0

const crossLocks = (plant: string | null, run: Run): Promise<Result> =>
  inBooks(plant, async (postgres) => {
    const crossing = await cross(postgres.url, run, CROWD)
    const { verdicts, times } = crossing
    const log = readFileSync(postgres.server().logFile, 'utf8')
    const deadlocks = countOf(log, /deadlock detected/g)
    const unserializable = countOf(log, /could not serialize access/g)
    const lost = lostUpdates(crossing)
    const broken = await checkInvariants(postgres.url)
    const breaches = [
      ...lost,
      ...broken.map(({ invariant, key, detail }) => `${invariant} ${key}: ${detail}`),
      ...Object.entries(logCounts(log)).flatMap(([line, n]) =>
        n > 0 ? [`I38 ${line}: ${n}`] : [],
      ),
    ]
    if (deadlocks > 0) breaches.push(`40P01 ${deadlocks} times`)
    if (unserializable > 0) breaches.push(`40001 ${unserializable} times`)
    const figures = {
      verdicts,
      posting: timesOf(times),
      deadlocks,
      unserializable,
      lost_updates: lost.length,
    }
    return { n: verdicts.posted ?? 0, breaches, figures }
  })

/** Deadlocks must show, and must cost nobody anything: the door posts once more by itself. */
async function catchPlanted(run: Run): Promise<Result> {
  const result = await crossLocks(RANDOM_ORDER, { ...run, n: Math.min(run.n * 20, 300) })
  const others = result.breaches.filter((breach) => !breach.startsWith('40P01'))
  return others.length > 0 ? { ...result, breaches: [] } : result
}

export const crossedLocks: Campaign = {
  name: 'C19',
  injects: 'a posting for families that share accounts, their owners named in both orders',
  control: 'locks in an order of chance',
  usual: 100_000,
  table: 100_000,
  catchPlanted,
  run: (run) => crossLocks(null, run),
}
