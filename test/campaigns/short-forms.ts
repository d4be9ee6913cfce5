/**
 * Campaigns in a short form: each catches its planted fault, and finds nothing without it. Where a
 * test elsewhere injects the same fault already, only the planted one is left to do here.
 */
import { afterAll, describe, expect, it } from 'vitest'
import { type Campaign, runOf } from './campaign.ts'
import { closeWorlds } from './world.ts'

const SEED = 20_261_125
/** Ends what hangs; a start takes many seconds where busy cores run other tests as well. */
const TIMEOUT_MS = 900_000

export type ShortForm = {
  readonly campaign: Campaign
  /** Injections within which it must be caught; what takes long is planted in long forms only. */
  readonly planted: number | 'long form'
  /** Injections of the short run, or the test that is one. */
  readonly n: number | `test/${string}.test.ts`
}

/** Times are not judged: other tests run beside this one. */
const short = (n: number) =>
  runOf({ n, seed: SEED, seconds: Infinity, timed: false, say: () => {} })

/** The tests of some campaigns; a file of tests calls it once. */
export function testShortForms(forms: readonly ShortForm[]): void {
  afterAll(closeWorlds)
  describe.each(forms)('$campaign.name', { timeout: TIMEOUT_MS }, ({ campaign, planted, n }) => {
    if (planted !== 'long form') {
      it(`catches ${campaign.control} (seed ${SEED})`, async () => {
        expect((await campaign.catchPlanted(short(planted))).breaches).not.toEqual([])
      })
    }

    if (typeof n === 'number') {
      it(`finds nothing: ${campaign.injects}, ${n} times (seed ${SEED})`, async () => {
        const result = await campaign.run(short(n))
        expect(result.breaches).toEqual([])
        expect(result.n).toBeGreaterThanOrEqual(n)
      })
    }
  })
}
