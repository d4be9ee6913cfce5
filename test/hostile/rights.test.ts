import { afterAll, beforeAll, expect, it } from 'vitest'
import { SEED } from '../properties/seed.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { RELAXED } from './campaign.ts'
import { carelessGround } from './careless.ts'
import { type Ground, startHostileCentre } from './ground.ts'
import { B17, seedActors, unlisted } from './rights.ts'

let database: FreshDatabase
let ground: Ground
beforeAll(async () => {
  database = await freshDatabase()
  await seedActors(database.sql)
  ground = { ...database, centre: await startHostileCentre(database.url) }
})
afterAll(async () => {
  await ground.centre.stop()
  await database.drop()
})
const wish = { n: 1, seed: SEED, log: () => {}, limits: RELAXED }

it('every operation is done for whom the table says, and refused to everybody else', async () => {
  expect((await B17.run(wish, ground)).faults).toEqual([])
})

it('a server that believes everybody is found out', async () => {
  const careless = await carelessGround(ground)
  try {
    expect((await B17.run(wish, careless)).faults.join('\n')).toMatch(B17.plantFinds)
  } finally {
    await careless.centre.stop()
  }
})

it('a route that stands in no table is named', () => {
  expect(unlisted(['GET /healthz', 'ALL /v1/settlements/:settlementId'])).toEqual([])
  expect(unlisted(['GET /healthz', 'POST /v1/all-accounts'])).toEqual(['POST /v1/all-accounts'])
})
