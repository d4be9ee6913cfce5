/**
 * Seeds the demo area, deterministically: reference data once, persons up to a number. Run as an
 * owner of the database; balances come in as opening balances, so the posting door is not passed.
 */
import postgres from 'postgres'
import { PERSONS_MAX, uuidOf } from '../fixtures/people/identity.ts'
import { BLOCK_SIZE } from '../fixtures/people/population.ts'
import { SITUATION_INDEXES } from '../fixtures/people/situations.ts'
import { seedCardPins } from './seed/card-pins.ts'
import { seedCatalogue } from './seed/catalogue.ts'
import { checkedAtEnd } from './seed/copy.ts'
import { hashDemoPins, seedInstitutions, seedOperators } from './seed/institutions.ts'
import { type SeedVault, seedPeople } from './seed/people.ts'
import { seedPolicies } from './seed/policies.ts'

export { demoFacts, replayCards } from './seed/demo-facts.ts'
export { demoOperatorId } from './seed/demo-ids.ts'
export { demoOperators, demoTerminals } from './seed/institutions.ts'
export type { SeedVault } from './seed/people.ts'

export type SeedOptions = {
  readonly url: string
  readonly vault: SeedVault
  /** How many persons there shall be in all. */
  readonly persons: number
  /** Day and benefit year that coverage and balances refer to. */
  readonly clockToday: string
  readonly benefitYear: number
  /** The fixtures folder, with a slash at its end. */
  readonly fixturesRoot: URL
  readonly onProgress?: (done: number, total: number) => void
}

export type SeedReport = {
  readonly referenceSeeded: boolean
  readonly personsBefore: number
  readonly personsAdded: number
  readonly policiesAdded: number
}

/**
 * Households never cross a block of indexes, those of the named persons apart: so all of these come
 * first, and whole blocks can be added one after the other.
 */
const wholeBlocks = (persons: number): number =>
  Math.ceil(Math.max(persons, SITUATION_INDEXES) / BLOCK_SIZE) * BLOCK_SIZE

/** Adds what is missing; a second call adds nothing. */
export async function seedDemo(options: SeedOptions): Promise<SeedReport> {
  const sql = postgres(options.url, { max: 1, onnotice: () => {} })
  try {
    const referenceSeeded = await seedReference(sql, options)
    const persons = await personsSeeded(sql)
    const policiesAdded = await seedPolicies(sql, options.fixturesRoot)
    const wanted = wholeBlocks(options.persons)
    if (persons < wanted) {
      await seedPeople(sql, {
        vault: options.vault,
        from: persons,
        until: wanted,
        today: options.clockToday,
        benefitYear: options.benefitYear,
        onProgress: options.onProgress ?? (() => {}),
      })
      await sql`analyze`
    }
    await seedCardPins(sql, options.vault)
    return {
      referenceSeeded,
      personsBefore: persons,
      personsAdded: Math.max(0, wanted - persons),
      policiesAdded,
    }
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** Institutions and catalogue, together or not at all; false where an institution is known. */
async function seedReference(sql: postgres.Sql, options: SeedOptions): Promise<boolean> {
  const [known] = await sql`select from institution limit 1`
  if (known !== undefined) return false
  const hashes = hashDemoPins(options.fixturesRoot)
  await sql.begin(async (together) => {
    await seedInstitutions(together, options.fixturesRoot, options.vault)
    await checkedAtEnd(together, 'institution_item_one_price_a_day', () =>
      seedCatalogue(together, options.fixturesRoot),
    )
    await seedOperators(together, options.fixturesRoot, await hashes)
  })
  return true
}

/**
 * How many persons of the fixtures are there. Imported persons do not count: the seeded ones are
 * known by their ids, and lie without a gap from index 0, so that halving finds the first absent.
 */
async function personsSeeded(sql: postgres.Sql): Promise<number> {
  let there = 0
  let absent = PERSONS_MAX / BLOCK_SIZE
  while (there < absent) {
    const middle = Math.floor((there + absent) / 2)
    const id = uuidOf(middle * BLOCK_SIZE, 'person')
    const [known] = await sql`select from person where person_id = ${id}`
    if (known === undefined) absent = middle
    else there = middle + 1
  }
  return there * BLOCK_SIZE
}
