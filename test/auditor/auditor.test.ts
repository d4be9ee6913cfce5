import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Area, smallArea } from '../support/area.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { Auditor } from './auditor.ts'
import { compareBooks } from './compare.ts'
import { RandomDay } from './random-day.ts'
import { recomputeAll } from './recompute.ts'

const SEED = Number(process.env.AUDITOR_SEED ?? randomInt(1, 2 ** 31))
const STEPS = 300

let database: FreshDatabase
let area: Area
beforeAll(async () => {
  database = await freshDatabase()
  area = await smallArea(database.url)
})
afterAll(async () => {
  await area.close()
  await database.drop()
})

describe(`a random day of ${STEPS} steps, seed ${SEED}`, { timeout: 240_000 }, () => {
  const auditor = new Auditor()

  it('leaves the centre’s books as an outsider keeps them from the answers alone', async () => {
    const day = new RandomDay(area.runtime, auditor, SEED)
    await day.open(database.sql)
    for (let step = 0; step < STEPS; step += 1) await day.step()
    expect(auditor.complaints).toEqual([])
    expect(await compareBooks(auditor, database.sql)).toEqual([])
    for (const kind of ['settle', 'replay', 'reverse', 'return', 'compensate', 'credit']) {
      expect([kind, (day.happened[kind] ?? 0) > 0]).toEqual([kind, true])
    }
  })

  it('recomputes to the fen from what was stored, under the policies of then', async () => {
    expect(await recomputeAll(area.runtime, database.sql)).toEqual([])
  })

  it('leaves books in which every invariant holds', async () => {
    expect(await checkInvariants(database.url)).toEqual([])
  })

  it('is not believed where one answer is tampered with', async () => {
    const tampered = new Auditor()
    const day = new RandomDay(area.runtime, tampered, SEED + 1, (document, index) => {
      if (index !== 3) return document
      const cash = `${Number(document.payers.cash ?? '0') + 0.01}`
      return { ...document, payers: { ...document.payers, cash } }
    })
    await day.open(database.sql)
    for (let step = 0; step < 40; step += 1) await day.step()
    expect(tampered.complaints).not.toEqual([])
  })

  it('is not believed where an account was changed behind the centre’s back', async () => {
    const honest = new Auditor()
    const day = new RandomDay(area.runtime, honest, SEED + 2)
    await day.open(database.sql)
    await day.step()
    await database.sql`update year_balances set amounts_fen[1] = amounts_fen[1] + 1
      where slots[1] = 'employee/past-year-account' and owner_id = ${day.firstPerson()}`
    expect(await compareBooks(honest, database.sql)).toHaveLength(1)
  })

  it('does not recompute where a stored part was changed', async () => {
    await database.sql.begin(async (sql) => {
      await sql`set local session_replication_role = replica`
      await sql`update settlement
        set cash_fen = cash_fen + 1, pooling_fund_fen = pooling_fund_fen - 1
        where document_id = (select document_id from settlement
          where kind = 'settlement' and pooling_fund_fen > 0 limit 1)`
    })
    expect(await recomputeAll(area.runtime, database.sql)).toHaveLength(2)
  })
})
