/** What an operator wants to know of the door, counted as it happens and read when asked for. */
import { SECONDS_BOUNDS, Tally } from '../kernel/tally.ts'
import type { Verdict } from './posting.ts'

export type DoorFigures = {
  /** Postings in a batch, and seconds from sending it to its verdicts. */
  readonly sizes: Tally
  readonly seconds: Tally
  /** Verdicts by name: `stale` is a decision that has to be made again. */
  readonly verdicts: Map<Verdict['verdict'], number>
  /** Postings that wait for a batch, and batches under way, at this moment. */
  waiting: number
  running: number
}

const SIZE_BOUNDS = [1, 2, 4, 8, 16, 32, 64, 128] as const

export const openDoorFigures = (): DoorFigures => ({
  sizes: new Tally(SIZE_BOUNDS),
  seconds: new Tally(SECONDS_BOUNDS),
  verdicts: new Map(),
  waiting: 0,
  running: 0,
})

export function noteBatch(figures: DoorFigures, verdicts: readonly Verdict[], ms: number): void {
  figures.sizes.observe(verdicts.length)
  figures.seconds.observe(ms / 1000)
  for (const { verdict } of verdicts) {
    figures.verdicts.set(verdict, (figures.verdicts.get(verdict) ?? 0) + 1)
  }
}
