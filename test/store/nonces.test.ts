import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CLOCK_AHEAD_MAX_S, CLOCK_BEHIND_MAX_S } from '../../server/contract/signature.ts'
import { type Instant, instant } from '../../server/kernel/calendar.ts'
import { systemClock } from '../../server/kernel/clock.ts'
import { NONCE_KEPT_MS, sweepNonces } from '../../server/store/nonces.ts'
import type { Store } from '../../server/store/store.ts'
import { fillBooks } from '../support/busy-books.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { openProcess } from './postings.ts'

let database: FreshDatabase
let store: Store
beforeAll(async () => {
  database = await freshDatabase()
  await fillBooks(database)
  store = openProcess(database.url)
})
afterAll(async () => {
  await store.close()
  await database.drop()
})
beforeEach(async () => {
  await database.sql`delete from nonce`
})

const WINDOW_S = CLOCK_BEHIND_MAX_S + CLOCK_AHEAD_MAX_S
const CLIENT = '00000000-0000-8000-8000-0000000000f1'
/** Nonces of one client, seen so many seconds ago by the database's clock. */
const seen = async (...agesS: number[]): Promise<void> => {
  for (const age of agesS) {
    await database.sql`insert into nonce (client_id, nonce, seen_at)
      values (${CLIENT}, ${`nonce-of-${age}-seconds`}, now() - make_interval(secs => ${age}))`
  }
}
const kept = async (): Promise<string[]> => {
  const rows = await database.sql<{ age: string }[]>`
    select split_part(nonce, '-', 3) as age from nonce order by seen_at desc`
  return rows.map(({ age }) => age)
}
const now = (): Instant => systemClock.now()

describe('the sweep of old nonces', () => {
  it('keeps each for longer than its request would still be believed', async () => {
    expect(NONCE_KEPT_MS).toBeGreaterThan(WINDOW_S * 1_000)
    await seen(0, WINDOW_S, WINDOW_S + 500, 1_000, 86_400)
    expect(await sweepNonces(store.sql, now())).toBe(2)
    expect(await kept()).toEqual(['0', `${WINDOW_S}`, `${WINDOW_S + 500}`])
  })

  it('takes many in small batches until none is left', async () => {
    await database.sql`insert into nonce (client_id, nonce, seen_at)
      select ${CLIENT}::uuid, 'old-' || n, now() - interval '1 day' from generate_series(1, 2500) n`
    await seen(1)
    expect(await sweepNonces(store.sql, now())).toBe(2_500)
    expect(await kept()).toEqual(['1'])
  })

  it.each([
    ['an hour ahead', 3_600_000],
    ['a year ahead', 365 * 86_400_000],
  ])('opens no replay to a server whose clock runs %s', async (_, aheadMs) => {
    await seen(0, WINDOW_S, 900, 1_000)
    await sweepNonces(store.sql, instant(now() + aheadMs))
    expect(await kept()).toEqual(['0', `${WINDOW_S}`, '900'])
  })

  it('opens none to a server whose clock runs behind: its own time is kept to', async () => {
    await seen(1_000, 4_000, 5_000)
    await sweepNonces(store.sql, instant(now() - 3_600_000))
    expect(await kept()).toEqual(['1000', '4000'])
  })

  it('whatever a caller asks for, a nonce that could come again stays', async () => {
    await seen(0, WINDOW_S)
    await store.sql`select sweep_nonces('infinity', 1000000)`
    expect(await kept()).toHaveLength(2)
  })

  it('does nothing while another server sweeps', async () => {
    await seen(86_400)
    await database.sql.begin(async (other) => {
      await other`select pg_advisory_xact_lock(330283)`
      expect(await sweepNonces(store.sql, now())).toBe(0)
    })
    expect(await sweepNonces(store.sql, now())).toBe(1)
  })

  it('leaves books in which every invariant holds, I23 among them', async () => {
    await seen(0, 86_400)
    await sweepNonces(store.sql, now())
    expect(await checkInvariants(database.url)).toEqual([])
  })
})
