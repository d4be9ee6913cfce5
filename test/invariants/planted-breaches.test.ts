import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fillBooks } from '../support/busy-books.ts'
import {
  type Breach,
  breachesIn,
  checkInvariants,
  invariantQueries,
} from '../support/invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { PLANTS } from './plants.ts'
import type { Plant } from './plants-of-proof.ts'

let database: FreshDatabase
let books: Awaited<ReturnType<typeof fillBooks>>
beforeAll(async () => {
  database = await freshDatabase()
  books = await fillBooks(database)
})
afterAll(() => database.drop())

/** Plants in a transaction that is taken back whatever happens, and says what was found. */
async function found(plant: Plant): Promise<Breach[]> {
  let breaches: Breach[] = []
  const undone = new Error('undone')
  await database.sql
    .begin(async (sql) => {
      await sql`set local session_replication_role = replica`
      await plant(sql)
      breaches = await breachesIn(sql)
      throw undone
    })
    .catch((error: unknown) => {
      if (error !== undone) throw error
    })
  return breaches
}

describe('the invariants', () => {
  it('find nothing in books that were written through the door', async () => {
    expect(books.settlements).toBeGreaterThan(5)
    expect(await checkInvariants(database.url)).toEqual([])
  })

  it.each(PLANTS)('%s finds a planted breach: %s', async (invariant, _, plant) => {
    const names = (await found(plant)).map((breach) => breach.invariant)
    expect(names).toContain(invariant)
  })

  it('are each tried by at least one planted breach', () => {
    const planted = new Set(PLANTS.map(([invariant]) => invariant))
    const missing = invariantQueries().filter(({ name }) => !planted.has(name))
    expect(missing.map(({ name }) => name)).toEqual([])
  })

  it('find nothing once the plants are taken out again', async () => {
    expect(await checkInvariants(database.url)).toEqual([])
  })
})
