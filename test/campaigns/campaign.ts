/** The frame of a campaign: first it must catch a planted fault, then it runs. */
import type { Breath } from '../bench/until-the-end.ts'
import { openRandom, type Random } from '../support/random.ts'

export type Figures = Readonly<Record<string, number | string | Readonly<Record<string, number>>>>

export type Run = {
  /** How often the fault is injected. */
  readonly n: number
  readonly seed: number
  readonly random: Random
  /** The run ends early after this time; Infinity where none was asked for. */
  readonly seconds: number
  /** Whether times count as well; they do not in the suite, beside other tests. */
  readonly timed: boolean
  /** Whether the time is over; also lets signals be heard. */
  isOver(): Promise<boolean>
  say(line: string): void
}

export type Result = {
  /** How often the fault was injected in truth. */
  readonly n: number
  /** What is wrong, a line each; empty is the pass figure. */
  readonly breaches: readonly string[]
  readonly figures: Figures
}

export type Campaign = {
  readonly name: string
  /** The fault, in a line. */
  readonly injects: string
  /** The planted fault, in a line. */
  readonly control: string
  /** Injections of an ordinary run, and those of the table of our reliability notes. */
  readonly usual: number
  readonly table: number
  /** Runs with the fault planted; `n` is the most it may take. What it finds proves that it can. */
  catchPlanted(run: Run): Promise<Result>
  run(run: Run): Promise<Result>
}

export type Wanted = {
  readonly n: number
  readonly seed: number
  readonly seconds: number
  readonly say: (line: string) => void
  readonly breath: Breath
}

/** Injections within which a planted fault must be caught. */
const CONTROL_N = 30
const TOLD_MAX = 20

type Terms = Omit<Wanted, 'breath'> & { readonly breath?: Breath; readonly timed?: boolean }

export function runOf(wanted: Terms): Run {
  const until = performance.now() + wanted.seconds * 1000
  const { n, seed, seconds, say } = wanted
  return {
    n,
    seed,
    seconds,
    say,
    timed: wanted.timed ?? true,
    random: openRandom(seed),
    async isOver() {
      await wanted.breath?.()
      return performance.now() >= until
    },
  }
}

/** Both halves; the last line is one JSON object. Answers whether all is well. */
export async function conduct(campaign: Campaign, wanted: Wanted): Promise<boolean> {
  const { say, seed } = wanted
  say(`${campaign.name}  ${campaign.injects}`)
  say(`n ${wanted.n} (table: ${campaign.table})  seed ${seed}`)
  say(`planted fault: ${campaign.control}`)
  const began = performance.now()
  const planted = await campaign.catchPlanted(runOf({ ...wanted, n: CONTROL_N, seconds: Infinity }))
  const caught = planted.breaches.length > 0
  say(caught ? `  caught after ${planted.n}: ${planted.breaches[0]}` : '  NOT caught')
  const result = await campaign.run(runOf(wanted))
  for (const breach of result.breaches.slice(0, TOLD_MAX)) say(`  breach: ${breach}`)
  const ok = caught && result.breaches.length === 0
  const line = {
    campaign: campaign.name,
    ok,
    n: result.n,
    seed,
    breaches: result.breaches.length,
    ...result.figures,
    planted_fault: { caught, after_n: planted.n, breaches: planted.breaches.length },
    seconds: Math.round((performance.now() - began) / 1000),
    node: process.version,
  }
  say(JSON.stringify(line))
  return ok
}

/** Rounds of so many injections, until one finds something or `run.n` are spent. */
export async function untilCaught(
  run: Run,
  step: number,
  round: (run: Run) => Promise<Result>,
): Promise<Result> {
  let n = 0
  while (n < run.n) {
    const result = await round({ ...run, random: run.random.fork(n), n: step })
    n += step
    if (result.breaches.length > 0) return { ...result, n }
  }
  return { n, breaches: [], figures: {} }
}

/** Middle, 99th percentile and largest of some times, in whole milliseconds. */
export function timesOf(times: readonly number[]): Record<'p50_ms' | 'p99_ms' | 'max_ms', number> {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0)
  return { p50_ms: at(0.5), p99_ms: at(0.99), max_ms: at(1) }
}
