import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { settledUpTo } from '../../server/store/audit-events.ts'
import type { Store } from '../../server/store/store.ts'
import { creditOf, newOwner, openProcess } from '../store/postings.ts'
import { checkInvariants } from '../support/invariants.ts'
import { connect, type FreshDatabase, freshDatabase, projectRoot } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { EVENTS_PER_SEAL, openSealing, type Sealing } from './sealing.ts'

let database: FreshDatabase
let store: Store
let sealing: Sealing
beforeAll(async () => {
  database = await freshDatabase()
  store = openProcess(database.url)
  sealing = openSealing(database.url)
})
afterAll(async () => {
  await sealing.close()
  await store.close()
  await database.drop()
})
beforeEach(async () => {
  await sealing.sealer.turn()
})

/** Posts so many credits, each to an owner of its own: one audit event each. */
async function post(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const owner = await newOwner(database.sql)
    await store.door.post(creditOf([{ ownerId: owner, version: 0n }]))
  }
}
const sealedEvents = async (): Promise<string[]> => {
  const rows = await database.sql<{ id: string }[]>`
    select unnest(event_ids)::text as id from audit_seal order by seal_no, 1`
  return rows.map(({ id }) => id)
}
const allEvents = async (): Promise<string[]> => {
  const rows = await database.sql<{ id: string }[]>`
    select event_id::text as id from audit_event order by event_id`
  return rows.map(({ id }) => id)
}

describe('the sealer', () => {
  it('seals every event once and in its order, in blocks', async () => {
    await post(2 * EVENTS_PER_SEAL + 1)
    expect(await sealing.sealer.turn()).toBe(3)
    expect(await sealedEvents()).toEqual(await allEvents())
    expect((await sealing.verify()).findings).toEqual([])
    expect(await checkInvariants(database.url)).toEqual([])
  })

  it('has nothing to do where nothing happened', async () => {
    expect(await sealing.sealer.turn()).toBe(0)
  })

  it('waits for an event that drew its number first and is committed last', async () => {
    const slow = connect(database.url, 1)
    try {
      await slow`begin`
      await slow`insert into audit_event (at, client_id, operator_code, operation, result,
          posting_id, detail)
        values ('2026-06-15T02:00Z', gen_random_uuid(), 'slow', 'credit', 'done',
          gen_random_uuid(), '{}')`
      await post(EVENTS_PER_SEAL)
      const before = await sealedEvents()
      expect(await sealing.sealer.turn()).toBe(0)
      expect(await sealedEvents()).toEqual(before)
      await slow`commit`
    } finally {
      await slow.end({ timeout: 1 })
    }
    await sealing.sealer.turn()
    expect(await sealedEvents()).toEqual(await allEvents())
    expect((await sealing.verify()).findings).toEqual([])
  })

  it('is not held up by a long transaction that writes no events', async () => {
    const long = connect(database.url, 1)
    try {
      await long`begin`
      await long`insert into position (owner_id, owner_kind) values (gen_random_uuid(), 'person')`
      await long`select count(*) from audit_event`
      await post(1)
      expect(await sealing.sealer.turn()).toBe(1)
    } finally {
      await long`rollback`
      await long.end({ timeout: 1 })
    }
  })

  it('shares the work with a second one: no event twice, none left', async () => {
    const other = openSealing(database.url)
    try {
      for (let round = 0; round < 10; round += 1) {
        await Promise.all([post(3), sealing.sealer.turn(), other.sealer.turn()])
      }
      await other.sealer.turn()
      await sealing.sealer.turn()
      expect(await sealedEvents()).toEqual(await allEvents())
      // Each has checkpoints of its own, and either attests the whole.
      for (const { findings, seals, attestedSeal } of [
        await sealing.verify(),
        await other.verify(),
      ]) {
        expect({ findings, attestedSeal }).toEqual({ findings: [], attestedSeal: seals })
      }
    } finally {
      await other.close()
    }
  })

  it('leaves the sealing to another server that seals at this moment', async () => {
    await post(1)
    const held = connect(database.url, 1)
    try {
      await held`select pg_advisory_lock(330285)`
      expect(await sealing.sealer.turn()).toBe(0)
    } finally {
      await held.end({ timeout: 1 })
    }
    await until('the other is gone', async () => (await sealing.sealer.turn()) === 1)
  })

  it('goes on after it was killed five times in the middle of its work', async () => {
    const program = new URL('./sealing-process.ts', import.meta.url).pathname
    const lone = openSealing(database.url, sealing.folder)
    let killed = 0
    while (killed < 5) {
      const child = spawn(
        process.execPath,
        ['--import', 'tsx', program, database.url, sealing.folder],
        { stdio: ['ignore', 'pipe', 'inherit'], cwd: projectRoot },
      )
      await once(child.stdout, 'data')
      await post(1 + (killed % 3))
      child.kill('SIGKILL')
      await once(child, 'exit')
      killed += 1
    }
    await until('nothing waits any more', async () => {
      await lone.again().turn()
      return (await sealedEvents()).length === (await allEvents()).length
    })
    await lone.close()
    const { findings, seals, attestedSeal } = await sealing.verify()
    expect({ findings, attestedSeal }).toEqual({ findings: [], attestedSeal: seals })
    expect(await sealedEvents()).toEqual(await allEvents())
  }, 240_000)

  it('tells of events that wait too long, once', async () => {
    sealing.warnings.length = 0
    const [row] = await database.sql<{ id: string }[]>`
      select pg_sequence_last_value('audit_event_event_id_seq')::text as id`
    expect(await settledUpTo(sealing.sql)).toBe(BigInt(row?.id ?? '0'))
    await post(1)
    const held = connect(database.url, 1)
    try {
      await held`select pg_advisory_lock(330285)`
      await sealing.sealer.turn()
      await sealing.sealer.turn()
      expect(sealing.sealer.figures.unsealedEvents).toBe(1)
      expect(sealing.sealer.figures.oldestUnsealedSeconds).toBe(3_600)
      expect(sealing.warnings).toEqual([expect.stringContaining('waited for their seal')])
    } finally {
      await held.end({ timeout: 1 })
    }
  })
})

describe('seals', () => {
  it.each([
    ['of a number out of turn', 'max(seal_no) + 2', 'NEWEST', 'NEXT'],
    ['that follow no seal', 'max(seal_no) + 1', "sha256('x')", 'NEXT'],
    ['of events that were sealed before', 'max(seal_no) + 1', 'NEWEST', 'array[1]::bigint[]'],
    ['of events that do not exist yet', 'max(seal_no) + 1', 'NEWEST', 'array[9999999]::bigint[]'],
  ])('%s are not taken', async (_, no, previous, ids) => {
    await post(1)
    const newest = '(select hash from audit_seal order by seal_no desc limit 1)'
    const next = '(select array_agg(last_value) from audit_event_event_id_seq)'
    const [row] = await sealing.sql.unsafe<{ taken: boolean }[]>(
      `select add_audit_seal((select ${no} from audit_seal), ${previous.replace('NEWEST', newest)},
         ${ids.replace('NEXT', next)}, decode(repeat('00', 64), 'hex'), 'x', sha256('y')) as taken`,
    )
    expect(row?.taken).toBe(false)
  })
})
