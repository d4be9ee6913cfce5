import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../db/embedded/ports.ts'
import { newId } from '../../server/kernel/ids.ts'
import { claimFor, newCodes, VAULT_KEYS } from '../support/area.ts'
import { type Centre, startCentre } from '../support/centre.ts'
import { type Fault, type FaultProxy, openFaultProxy } from '../support/fault-proxy.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type IntentJournal, openIntentJournal } from '../support/journal.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { differences } from './campaign.ts'
import { openTill, type Till } from './till.ts'

const LOST = 50

let folder: string
let database: FreshDatabase
let centre: Centre
let proxy: FaultProxy
let journal: IntentJournal
let till: Till

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'settlement-lost-'))
  database = await freshDatabase()
  const port = await freePort()
  centre = await startCentre({
    dataDir: folder,
    port,
    persons: 40,
    databaseUrl: database.url,
    env: {
      RATE_PER_SECOND: '0',
      VAULT_DATA_KEY: VAULT_KEYS.data.toString('hex'),
      VAULT_INDEX_KEY: VAULT_KEYS.index.toString('hex'),
    },
  })
  proxy = await openFaultProxy({ host: '127.0.0.1', port })
  journal = openIntentJournal(path.join(folder, 'intentions.jsonl'))
  till = openTill(() => `http://127.0.0.1:${proxy.port}`, journal)
})
afterAll(async () => {
  await proxy.close()
  await centre.stop()
  journal.close()
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})

const sale = () =>
  claimFor('big-balance', [{ item: 'plain' }, { item: 'traced', codes: newCodes(1) }])
const documentsUnder = async (key: string): Promise<number> => {
  const [row] = await database.sql<{ n: number }[]>`
    select count(*)::int as n from settlement s join idempotency i on i.posting_id = s.document_id
     where i.key = ${key}`
  return row?.n ?? 0
}
const committed = (chunk: Buffer): boolean => chunk.includes('HTTP/1.1 201')

describe('a line between till and centre', () => {
  it(`that loses ${LOST} answers after the commit: each sale happens once`, async () => {
    for (let round = 0; round < LOST; round += 1) {
      const hits = proxy.hits()
      proxy.arm({ kind: 'drop-answer', fits: committed })
      const outcome = await till.send('/v1/settlements', sale())
      expect([proxy.hits() - hits, outcome.status, outcome.sends]).toEqual([1, 201, 2])
      expect(await documentsUnder(outcome.key)).toBe(1)
    }
  })

  it.each<[string, Fault, number]>([
    ['that is cut before anything arrives', { kind: 'reset' }, 2],
    ['that hands over five bytes at a time', { kind: 'slice', bytes: 5 }, 1],
    ['that answers late', { kind: 'delay', ms: 300 }, 1],
    ['that delivers everything twice', { kind: 'duplicate' }, 1],
  ])('%s, ten times: one effect each', async (_, fault, sends) => {
    for (let round = 0; round < 10; round += 1) {
      const hits = proxy.hits()
      proxy.arm(fault)
      const outcome = await till.send('/v1/settlements', sale())
      expect(proxy.hits() - hits).toBe(1)
      expect(outcome.status).toBe(201)
      // The copy may win: then the original's signature counts as used, and the till signs anew.
      expect(outcome.sends - sends).toBeLessThanOrEqual(fault.kind === 'duplicate' ? 1 : 0)
      expect(await documentsUnder(outcome.key)).toBe(1)
    }
  })

  it('is no excuse for another body under the key', async () => {
    const key = newId()
    proxy.arm({ kind: 'drop-answer', fits: committed })
    await till.send('/v1/settlements', sale(), key)
    const direct = openTill(() => centre.url, openIntentJournal(path.join(folder, 'other.jsonl')))
    const other = await direct.send('/v1/settlements', sale(), key)
    expect(other.status).toBe(422)
    expect(JSON.parse(other.text)).toMatchObject({ code: 'key-conflict' })
    expect(await documentsUnder(key)).toBe(1)
  })

  it('leaves journal and tables in agreement, and every invariant holds', async () => {
    expect(await differences(database.sql, journal)).toEqual([])
    expect(await checkInvariants(database.url)).toEqual([])
  })
})
