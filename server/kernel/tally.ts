/**
 * A tally of durations or sizes by ascending bounds: what a histogram is made of when somebody asks
 * for one. Counting costs a few comparisons and makes nothing, so that every request can afford it.
 */
export class Tally {
  /** Upper bounds, ascending; what lies above the last is only in `count`. */
  readonly bounds: readonly number[]
  /** How many lie at or under the bound of the same place and above the one before it. */
  readonly within: number[]
  count = 0
  sum = 0

  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.within = bounds.map(() => 0)
  }

  observe(value: number): void {
    this.count += 1
    this.sum += value
    const { bounds } = this
    for (let place = 0; place < bounds.length; place += 1) {
      if (value <= (bounds[place] as number)) {
        this.within[place] = (this.within[place] as number) + 1
        return
      }
    }
  }
}

/** Bounds of durations on the hot path, in seconds. */
export const SECONDS_BOUNDS = [
  0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, 8,
] as const
