import { expect, it } from 'vitest'
import { allSourceFiles, sourceFile } from '../architecture/source-files.ts'
import { SEED } from '../properties/seed.ts'
import {
  BUILT,
  everyPattern,
  filesThatBuild,
  PLANTED,
  patternsIn,
  runPatterns,
} from './patterns.ts'

const wish = { n: 1, seed: SEED, log: () => {} }

it(`no pattern takes long, however nearly a text fits it (PROPERTY_SEED=${SEED})`, () => {
  expect(everyPattern().length).toBeGreaterThan(50)
  expect(runPatterns(wish).faults).toEqual([])
})

it('a pattern that goes back and forth is found out', () => {
  expect(runPatterns(wish, [PLANTED]).faults).toHaveLength(1)
})

it('a pattern is seen wherever it stands in a file', () => {
  const file = sourceFile('server/kernel/x.ts', 'const a = (b) => /^(a+)+$/u.test(b)')
  expect(patternsIn([file])).toMatchObject([{ place: 'server/kernel/x.ts:1' }])
})

it('every file that builds a pattern from text is known', () => {
  expect(filesThatBuild(allSourceFiles())).toEqual(Object.keys(BUILT))
})
