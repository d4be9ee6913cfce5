/** C19: sixteen workers of two servers move the accounts of few families, in both orders. */
import { readFileSync } from 'node:fs'
import { checkInvariants } from '../support/invariants.ts'
import { type Campaign, type Result, type Run, timesOf, untilCaught } from './campaign.ts'
import { cross, lostUpdates } from './crossing.ts'
import { changed } from './planted.ts'
import { logCounts } from './verdict.ts'
import { inBooks } from './world.ts'

const CROWD = { workers: 16, owners: 6, counts: 'postings' } as const

/**
 * As `post_batch` locks, but in an order of chance, and lingering after each lock so that others
 * come to wait for it. PostgreSQL looks for deadlocks after a second as a rule; sooner here, as
 * everybody waits for it.
 */
const RANDOM_ORDER = `${changed(
  'post_batch',
  'PERFORM FROM position WHERE owner_id = ANY (owned) ORDER BY owner_id FOR NO KEY UPDATE;',
  'PERFORM lock_in_disorder(owned);',
)};
create function lock_in_disorder(owners uuid[]) returns void language plpgsql as $$
declare
  owner uuid;
begin
  for owner in select o from unnest(owners) o order by random() loop
    perform from position where owner_id = owner for no key update;
    perform pg_sleep(0.005);
  end loop;
end $$;
do $$ begin
  execute format('alter database %I set deadlock_timeout = %L', current_database(), '50ms');
end $$`

/** Postings of a round; deadlocks show within some tens of them. */
const CONTROL_STEP = 60

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
  const result = await untilCaught({ ...run, n: run.n * CONTROL_STEP }, CONTROL_STEP, (part) =>
    crossLocks(RANDOM_ORDER, part),
  )
  const others = result.breaches.filter((breach) => !breach.startsWith('40P01'))
  if (others.length > 0) throw new Error(`deadlocks cost more than time: ${others.join('; ')}`)
  return result
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
