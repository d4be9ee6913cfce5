import type postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportCardLost } from '../../server/actions/change-cards.ts'
import { DatabaseUnavailableError } from '../../server/store/errors.ts'
import type { Store } from '../../server/store/store.ts'
import { AGENCY, cardOf, smallArea, writeKey } from '../support/area.ts'
import { type FaultProxy, openFaultProxy } from '../support/fault-proxy.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { amountOf, creditOf, newOwner, openProcess } from './postings.ts'

let database: FreshDatabase
let proxy: FaultProxy
let store: Store
const DOOR = { lanes: 1, batchMax: 64, resendAfterMs: [20, 50, 200] }

const throughProxy = (url: string): string => {
  const target = new URL(url)
  target.port = String(proxy.port)
  return target.href
}

beforeAll(async () => {
  database = await freshDatabase()
  const { hostname, port } = new URL(database.url)
  proxy = await openFaultProxy({ host: hostname, port: Number(port) })
  store = openProcess(throughProxy(database.url), DOOR)
})
afterAll(async () => {
  await store.close()
  await proxy.close()
  await database.drop()
})

const owner = async () => ({ ownerId: await newOwner(database.sql), version: 0n })
const isAnswer = (chunk: Buffer): boolean => chunk.includes('SELECT 1\0')

/** Holds the lock of an owner on a connection of its own until let go. */
async function holdLock(sql: postgres.Sql, ownerId: string): Promise<() => Promise<void>> {
  const connection = await sql.reserve()
  await connection`begin`
  await connection`select from position where owner_id = ${ownerId} for update`
  return async () => {
    await connection`rollback`
    connection.release()
  }
}
/** Waits until a backend of the door waits for a lock, and names it. */
async function waitingBackend(sql: postgres.Sql): Promise<number> {
  let pid = 0
  await until('a backend waits for a lock', async () => {
    const [row] = await sql<{ pid: number }[]>`
      select pid from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`
    pid = row?.pid ?? 0
    return pid > 0
  })
  return pid
}

describe('a line that fails under a posting', () => {
  it('after the commit, before the answer: sent again, its key tells what happened', async () => {
    for (let round = 0; round < 20; round += 1) {
      const who = await owner()
      const posting = creditOf([who], { nonce: `nonce-of-round-${round}-long-enough` })
      proxy.arm({ kind: 'drop-answer', fits: isAnswer })
      const verdict = await store.door.post(posting)
      expect(verdict).toEqual({ verdict: 'replayed', status: 201, answer: posting.answer })
      expect(await amountOf(database.sql, who.ownerId)).toBe(100n)
    }
    expect(store.door.counters.resent).toBe(20)
  })

  it('before anything arrived: sent again, it is posted', async () => {
    const who = await owner()
    proxy.arm({ kind: 'reset' })
    expect((await store.door.post(creditOf([who]))).verdict).toBe('posted')
    expect(await amountOf(database.sql, who.ownerId)).toBe(100n)
  })

  it('in slices of three bytes: it only takes longer', async () => {
    const who = await owner()
    proxy.arm({ kind: 'slice', bytes: 3 })
    expect((await store.door.post(creditOf([who]))).verdict).toBe('posted')
  })

  it('again and again: the outcome stays unknown, and the key resolves it later', async () => {
    const who = await owner()
    const posting = creditOf([who])
    const hits = proxy.hits()
    for (let attempt = 0; attempt <= DOOR.resendAfterMs.length; attempt += 1) {
      proxy.arm({ kind: 'drop-answer', fits: isAnswer })
    }
    await expect(store.door.post(posting)).rejects.toThrow(DatabaseUnavailableError)
    expect(proxy.hits() - hits).toBe(DOOR.resendAfterMs.length + 1)
    expect((await store.door.post(posting)).verdict).toBe('replayed')
    expect(await amountOf(database.sql, who.ownerId)).toBe(100n)
  })
})

describe('a backend that is ended in the middle of a batch', () => {
  it('takes nothing with it: the batch is sent again and stands whole', async () => {
    const owners = await Promise.all([owner(), owner(), owner()])
    const letGo = await holdLock(database.sql, owners[1]?.ownerId ?? '')
    const resent = store.door.counters.resent
    const verdicts = Promise.all(owners.map((who) => store.door.post(creditOf([who]))))
    await database.sql`select pg_terminate_backend(${await waitingBackend(database.sql)})`
    await letGo()
    expect((await verdicts).map(({ verdict }) => verdict)).toEqual(['posted', 'posted', 'posted'])
    expect(store.door.counters.resent).toBeGreaterThan(resent)
    for (const who of owners) expect(await amountOf(database.sql, who.ownerId)).toBe(100n)
  })
})

describe('a change of the agency whose answer is lost', () => {
  it('is told as unknown, and its key tells later that it happened, once', async () => {
    const area = await smallArea(throughProxy(database.url))
    const input = { cardNumber: cardOf('retired'), operatorCode: 'A001' }
    const key = writeKey(input)
    const report = () => reportCardLost(area.runtime, AGENCY, key, input)
    const posted = (chunk: Buffer) => chunk.includes('"verdict" : "posted"')
    proxy.arm({ kind: 'drop-answer', fits: posted })
    await expect(report()).rejects.toThrow(DatabaseUnavailableError)
    expect(await report()).toMatchObject({ kind: 'stored', status: 200, replayed: true })
    await area.close()
  })
})

describe('a row that a stranger keeps locked', () => {
  it('stops its own posting with a time limit, and the rest of the batch stands', async () => {
    const owners = await Promise.all([owner(), owner(), owner(), owner()])
    const letGo = await holdLock(database.sql, owners[2]?.ownerId ?? '')
    const verdicts = await Promise.all(owners.map((who) => store.door.post(creditOf([who]))))
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['posted', 'posted', 'locked', 'posted'])
    await letGo()
    expect(await amountOf(database.sql, owners[2]?.ownerId ?? '')).toBe(0n)
  })
})

it('all of this leaves books in which every invariant holds', async () => {
  expect(await checkInvariants(database.url)).toEqual([])
})
