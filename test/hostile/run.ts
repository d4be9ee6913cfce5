/** A campaign by its name on a PostgreSQL of its own: the negative control, then the attack. */
import { connect, ownPostgres } from '../support/postgres.ts'
import { CAMPAIGNS, OWN_GROUND } from './all.ts'
import { type Campaign, type Figures, STRICT, type Wish } from './campaign.ts'
import { carelessGround } from './careless.ts'
import { type Ground, startHostileCentre } from './ground.ts'
import { seedActors } from './rights.ts'

export type RunWish = {
  readonly n: number
  readonly seed: number
  readonly log: (line: string) => void
  readonly minutes?: number
  /** How long an answer may take, in milliseconds; more where the machine has other work. */
  readonly hangMs?: number
}

export const ALL: readonly Campaign[] = [...CAMPAIGNS, ...OWN_GROUND]

/** The full count of a campaign, for whoever names none. */
export const fullCountOf = (name: string): number | null =>
  ALL.find((one) => one.name === name)?.fullN ?? null

/** Runs a campaign; throws where none has the name, or where it misses the planted fault. */
export async function runCampaign(name: string, wish: RunWish): Promise<Figures> {
  const campaign = ALL.find((one) => one.name === name)
  if (campaign === undefined) throw new Error(`no campaign is called ${name}`)
  const own = await ownPostgres()
  const sql = connect(own.url)
  await seedActors(sql)
  const centre = await startHostileCentre(own.url)
  const ground: Ground = { url: own.url, sql, centre }
  try {
    const hangMs = wish.hangMs ?? STRICT.hangMs
    const limits = { ...STRICT, hangMs, isShared: hangMs > STRICT.hangMs }
    await findsThePlant(campaign, { ...wish, limits }, ground)
    return await campaign.run({ ...wish, limits }, ground)
  } finally {
    await centre.stop()
    await sql.end({ timeout: 1 })
    await own.server().stop('immediate')
    await own.remove()
  }
}

async function findsThePlant(campaign: Campaign, wish: Wish, ground: Ground): Promise<void> {
  const careless = await carelessGround(ground)
  try {
    const { minutes: _, ...rest } = wish
    const plant = { ...rest, n: campaign.plantN ?? 30, giveUpMs: 500 }
    const { faults } = await campaign.run(plant, careless)
    const found = faults.find((fault) => campaign.plantFinds.test(fault))
    if (found === undefined) throw new Error(`${campaign.name} misses the planted fault`)
    wish.log(`${campaign.name} finds the careless server out: ${found}`)
  } finally {
    await careless.centre.stop()
  }
}
