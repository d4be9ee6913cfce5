/**
 * Every campaign in a short form: it catches its planted fault, and finds nothing without it. Where
 * a test of test/faults injects the same fault already, only the planted one is left to do here.
 */
import { afterAll, describe, expect, it } from 'vitest'
import { type Campaign, runOf } from './campaign.ts'
import { killedCentre } from './killed-centre.ts'
import { closeWorlds } from './world.ts'

const SEED = 20_261_125

type Short = {
  readonly campaign: Campaign
  /** Injections within which the planted fault must be caught. */
  readonly planted: number
  /** Injections of the short run, or the test that is one. */
  readonly n: number | 'test/faults/kills.test.ts'
}
const SHORT: readonly Short[] = [
  { campaign: killedCentre, planted: 30, n: 'test/faults/kills.test.ts' },
]

afterAll(closeWorlds)

const short = (n: number) => runOf({ n, seed: SEED, seconds: Infinity, say: () => {} })

describe.each(SHORT)('$campaign.name', { timeout: 90_000 }, ({ campaign, planted, n }) => {
  it(`catches ${campaign.control} (seed ${SEED})`, async () => {
    expect((await campaign.catchPlanted(short(planted))).breaches).not.toEqual([])
  })

  if (typeof n === 'number') {
    it(`finds nothing: ${campaign.injects}, ${n} times (seed ${SEED})`, async () => {
      const result = await campaign.run(short(n))
      expect(result).toMatchObject({ n, breaches: [] })
    })
  }
})
