/** What became of the sales of one rate, in figures. */
import { median } from '../support/median.ts'
import type { Random } from '../support/random.ts'
import { timesOf } from './campaign.ts'
import { atRate, type Shop } from './open-loop.ts'

export type Rate = {
  readonly peak_per_s: number
  readonly per_s: number
  /** Settled in the time, as a share of what was possible. */
  readonly share: number
  readonly begun: number
  readonly settled: number
  readonly withdrawn: number
  readonly per_sale: number
  readonly per_settled: number
  readonly p50_ms: number
  readonly p99_ms: number
  readonly max_ms: number
}

/** One rate; `capacity` is the one just before it, `after` tells the one just after. */
export async function stepAt(
  factor: number,
  wish: { readonly capacity: number; readonly ms: number; after(): Promise<number> },
  shop: Shop,
  random: Random,
): Promise<{ rate: Rate; next: number }> {
  const { capacity, ms, after } = wish
  const { step, goodput } = await atRate(shop, random, { perSecond: factor * capacity, ms })
  const next = await after()
  // The machine is not ours alone: a rate is compared with what was possible on both sides of it.
  const peak = (capacity + next) / 2
  const { begun, attempts, settled, withdrawn } = step
  const rounded = (figure: number) => Number(figure.toFixed(2))
  const speed = { peak_per_s: rounded(peak), per_s: rounded(goodput) }
  const counts = { begun, settled, withdrawn, per_sale: rounded(attempts / begun) }
  const per_settled = rounded(attempts / Math.max(1, settled))
  const share = rounded(goodput / peak)
  return { next, rate: { ...speed, share, ...counts, per_settled, ...timesOf(step.tookMs) } }
}

/** The middle of each figure over the rounds. */
export const middleOf = (rates: readonly Rate[]): Rate => {
  const names = Object.keys(rates[0] ?? {}) as (keyof Rate)[]
  return Object.fromEntries(names.map((name) => [name, median(rates.map((r) => r[name]))])) as Rate
}
