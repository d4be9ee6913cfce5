import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../db/embedded/ports.ts'
import { newId } from '../../server/kernel/ids.ts'
import { claimFor, SHOP, VAULT_KEYS } from '../support/area.ts'
import { type Centre, startCentre } from '../support/centre.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type IntentJournal, openIntentJournal } from '../support/journal.ts'
import { connect, type OwnPostgres, ownPostgres } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { differences, startLoad } from './campaign.ts'
import { openTill, type Till } from './till.ts'

const KILLS = 5
/** Answers between two kills: enough for every till to be in the middle of something. */
const ANSWERS_BETWEEN = 12

let folder: string
let own: OwnPostgres
let centre: Centre
let port: number
let journal: IntentJournal
let tills: Till[]

const start = () =>
  startCentre({
    dataDir: path.join(folder, 'centre'),
    port,
    persons: 40,
    databaseUrl: own.url,
    env: {
      RATE_PER_SECOND: '0',
      VAULT_DATA_KEY: VAULT_KEYS.data.toString('hex'),
      VAULT_INDEX_KEY: VAULT_KEYS.index.toString('hex'),
    },
  })

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'settlement-faults-'))
  own = await ownPostgres()
  port = await freePort()
  centre = await start()
  journal = openIntentJournal(path.join(folder, 'intentions.jsonl'))
  const url = () => `http://127.0.0.1:${port}`
  tills = Array.from({ length: 8 }, (_, index) => openTill(url, journal, 1 + (index % 2)))
})
afterAll(async () => {
  await centre.kill()
  journal.close()
  await own.remove()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs load, lets the fault happen again and again, and waits until every outcome is known. */
async function under(fault: () => Promise<void>): Promise<number> {
  const load = startLoad(tills)
  for (let kill = 0; kill < KILLS; kill += 1) {
    const seen = load.answered()
    await until('tills are answered', () => load.answered() >= seen + ANSWERS_BETWEEN)
    await fault()
  }
  const seen = load.answered()
  await until('tills are answered again', () => load.answered() > seen)
  await load.stop()
  return load.answered()
}

async function nothingIsWrong(): Promise<void> {
  const sql = connect(own.url)
  try {
    expect(await differences(sql, journal)).toEqual([])
  } finally {
    await sql.end({ timeout: 1 })
  }
  expect(await checkInvariants(own.url)).toEqual([])
}

describe('killed under load', { timeout: 240_000 }, () => {
  it(`the centre, ${KILLS} times: nothing is lost, nothing happens twice`, async () => {
    const answered = await under(async () => {
      await centre.kill()
      centre = await start()
    })
    expect(answered).toBeGreaterThan(KILLS * ANSWERS_BETWEEN)
    await nothingIsWrong()
  })

  it(`PostgreSQL, ${KILLS} times: the centre heals by itself, nothing is lost`, async () => {
    const { pid } = centre
    await under(() => own.killAndStart())
    expect(centre.pid).toBe(pid)
    process.kill(pid, 0)
    await nothingIsWrong()
  })

  it('after all of it the centre still hears what the agency changes', async () => {
    const sql = connect(own.url, 1)
    await sql`insert into suspension values (${newId()}, ${SHOP}, '[2016-01-01,)', '核查')`
    await sql`notify reference_changed`
    await sql.end({ timeout: 1 })
    const sell = async () => {
      const sale = claimFor('retired', [{ item: 'plain' }])
      return (await tills[0]?.send('/v1/settlements', sale))?.status
    }
    await until('the suspension is heard of', async () => (await sell()) === 403)
  })

  it('the comparison finds an answer that was given and is not stored', async () => {
    const sql = connect(own.url, 1)
    const [gone] = await sql<{ key: string }[]>`
      select key from idempotency where verdict = 'refused' limit 1`
    await sql`set session_replication_role = replica`
    await sql`delete from idempotency where key = ${gone?.key ?? ''}`
    const found = await differences(sql, journal)
    await sql.end({ timeout: 1 })
    expect(found).toEqual([expect.stringContaining(`I24 ${gone?.key}`)])
  })

  it('no transaction was ever torn: PostgreSQL’s log holds no warning of one', async () => {
    const log = readFileSync(own.server().logFile, 'utf8')
    expect(log).toContain('automatic recovery in progress')
    expect(log).not.toMatch(/already a transaction in progress|no transaction in progress|PANIC/)
  })
})
