/**
 * The seed of random tests: another one each run, printed in the title; PROPERTY_SEED repeats one.
 */
import { randomInt } from 'node:crypto'
import fc from 'fast-check'

const given = process.env.PROPERTY_SEED
export const SEED = given === undefined ? randomInt(2 ** 31) : Number.parseInt(given, 10)

/** Checks a property with the run's seed; a failure shows the smallest case found and the seed. */
export const holds = <T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void, runs = 300): void =>
  fc.assert(fc.property(arbitrary, check), { seed: SEED, numRuns: runs })
