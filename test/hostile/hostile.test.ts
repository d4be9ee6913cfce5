import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SEED } from '../properties/seed.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { CAMPAIGNS } from './all.ts'
import { RELAXED } from './campaign.ts'
import { carelessGround } from './careless.ts'
import { type Ground, startHostileCentre } from './ground.ts'

let database: FreshDatabase
let ground: Ground
beforeAll(async () => {
  database = await freshDatabase()
  ground = { ...database, centre: await startHostileCentre(database.url) }
})
afterAll(async () => {
  await ground.centre.stop()
  await database.drop()
})

const log = (): void => {}

describe(`hostile input (PROPERTY_SEED=${SEED})`, () => {
  it.each(CAMPAIGNS.map((one) => [one.name, one.holds, one] as const))(
    '%s: %s',
    async (_, __, campaign) => {
      const wish = { n: campaign.shortN, seed: SEED, log, limits: RELAXED }
      const figures = await campaign.run(wish, ground)
      expect(figures.faults).toEqual([])
      expect(figures.answers).toBeGreaterThan(0)
    },
  )
})

describe('a careless server is found out', () => {
  it.each(CAMPAIGNS.map((one) => [one.name, one] as const))('by %s', async (_, campaign) => {
    const careless = await carelessGround(ground)
    try {
      const wish = { n: campaign.plantN ?? 30, seed: SEED, log, limits: RELAXED }
      const { faults } = await campaign.run(wish, careless)
      expect(faults.join('\n')).toMatch(campaign.plantFinds)
    } finally {
      await careless.centre.stop()
    }
  })
})
