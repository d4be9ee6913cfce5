/**
 * Every campaign in a short form: it catches its planted fault, and finds nothing without it. Where
 * a test of test/faults injects the same fault already, only the planted one is left to do here.
 */
import { afterAll, describe, expect, it } from 'vitest'
import { brokenLines } from './broken-lines.ts'
import { type Campaign, runOf } from './campaign.ts'
import { duplicates } from './duplicates.ts'
import { endedBackends } from './ended-backends.ts'
import { failpoints } from './failpoints.ts'
import { gentleStops } from './gentle-stops.ts'
import { killedCentre } from './killed-centre.ts'
import { killedPostgres } from './killed-postgres.ts'
import { CAMPAIGNS } from './list.ts'
import { lostAnswers } from './lost-answers.ts'
import { closeWorlds } from './world.ts'

const SEED = 20_261_125

type Short = {
  readonly campaign: Campaign
  /** Injections within which the planted fault must be caught. */
  readonly planted: number
  /** Injections of the short run, or the test that is one. */
  readonly n: number | `test/faults/${string}.test.ts`
}
const SHORT: readonly Short[] = [
  { campaign: killedCentre, planted: 30, n: 'test/faults/kills.test.ts' },
  { campaign: failpoints, planted: 20, n: 1 },
  { campaign: killedPostgres, planted: 30, n: 'test/faults/kills.test.ts' },
  { campaign: endedBackends, planted: 30, n: 20 },
  { campaign: lostAnswers, planted: 8, n: 'test/faults/lost-answers.test.ts' },
  { campaign: brokenLines, planted: 4, n: 8 },
  { campaign: duplicates, planted: 8, n: 12 },
  { campaign: gentleStops, planted: 6, n: 3 },
]

afterAll(closeWorlds)

/** Times are not judged: other tests run beside this one. */
const short = (n: number) =>
  runOf({ n, seed: SEED, seconds: Infinity, timed: false, say: () => {} })

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

it('no campaign is without its short form', () => {
  expect(SHORT.map(({ campaign }) => campaign.name)).toEqual(CAMPAIGNS.map(({ name }) => name))
})
