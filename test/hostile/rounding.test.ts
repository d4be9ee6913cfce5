import { expect, it } from 'vitest'
import { SEED } from '../properties/seed.ts'
import { aFenTooMuch, B8, runRounding } from './rounding.ts'

const wish = { n: B8.shortN, seed: SEED, log: () => {} }

it(`no fen is lost or found at the edges of rounding (PROPERTY_SEED=${SEED})`, () => {
  expect(runRounding(wish).faults).toEqual([])
})

it('a fen from nowhere is found out', () => {
  expect(runRounding({ ...wish, n: 5 }, aFenTooMuch).faults.join()).toMatch(B8.plantFinds)
})
