/**
 * Seeds the demo area, deterministically: reference data once, persons up to a number. Run as an
 * owner of the database; balances come in as opening balances, so the posting door is not passed.
 */
import postgres from 'postgres'
import { BLOCK_SIZE } from '../fixtures/people/population.ts'
import { seedCatalogue } from './seed/catalogue.ts'
import { seedInstitutions } from './seed/institutions.ts'
import { type SeedVault, seedPeople } from './seed/people.ts'
import { seedPolicies } from './seed/policies.ts'

export { demoFacts } from './seed/demo-facts.ts'
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

/** Households never cross a block of indexes, so whole blocks can be added one after the other. */
const wholeBlocks = (persons: number): number => Math.ceil(persons / BLOCK_SIZE) * BLOCK_SIZE

/** Adds what is missing; a second call adds nothing. */
export async function seedDemo(options: SeedOptions): Promise<SeedReport> {
  const sql = postgres(options.url, { max: 1, onnotice: () => {} })
  try {
    const [counted] = await sql<{ institutions: number; persons: number }[]>`
      select (select count(*)::int from institution) as institutions,
             (select count(*)::int from person) as persons`
    const { institutions, persons } = counted ?? { institutions: 0, persons: 0 }
    if (institutions === 0) {
      await seedInstitutions(sql, options.fixturesRoot, options.vault)
      await seedCatalogue(sql, options.fixturesRoot)
    }
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
    return {
      referenceSeeded: institutions === 0,
      personsBefore: persons,
      personsAdded: Math.max(0, wanted - persons),
      policiesAdded,
    }
  } finally {
    await sql.end({ timeout: 5 })
  }
}
