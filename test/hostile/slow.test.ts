import { afterAll, beforeAll, expect, it } from 'vitest'
import { HTTP_LIMITS } from '../../server/rest/serve.ts'
import { SEED } from '../properties/seed.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { RELAXED } from './campaign.ts'
import { carelessGround } from './careless.ts'
import { type Ground, startHostileCentre } from './ground.ts'
import { B21, QUICK_LIMITS } from './slow.ts'

let database: FreshDatabase
let ground: Ground
beforeAll(async () => {
  database = await freshDatabase()
  ground = { ...database, centre: await startHostileCentre(database.url, QUICK_LIMITS) }
})
afterAll(async () => {
  await ground.centre.stop()
  await database.drop()
})

const wish = { n: B21.shortN, seed: SEED, log: () => {}, limits: RELAXED }

it('who sends or reads too slowly is let go, and others are served meanwhile', async () => {
  expect((await B21.run(wish, ground)).faults).toEqual([])
})

it('a server that waits for ever is found out', async () => {
  const careless = await carelessGround(ground)
  try {
    const plant = { ...wish, n: B21.plantN ?? 4, giveUpMs: 500 }
    expect((await B21.run(plant, careless)).faults.join('\n')).toMatch(B21.plantFinds)
  } finally {
    await careless.centre.stop()
  }
})

it('head, body and silence are waited for as long as the notes say', () => {
  expect(HTTP_LIMITS).toMatchObject({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    idleTimeout: 40_000,
  })
})
