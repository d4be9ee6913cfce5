/** C10: lines that are reset, half open, or swallow everything. */
import type { Fault } from '../support/fault-proxy.ts'
import { type Campaign, type Result, type Run, timesOf } from './campaign.ts'
import { sellOverFaultyLines } from './faulty-lines.ts'
import { breachesOf } from './verdict.ts'
import { openWorld } from './world.ts'

const LINES = 16
/** The client gives an attempt up after this time; no attempt may take a second more. */
const LIMIT_MS = 1_000
const OVER_LIMIT_MS = 1_000

const FAULTS: readonly Fault[] = [
  { kind: 'reset' },
  { kind: 'black-hole' },
  { kind: 'half-open' },
  { kind: 'drop-answer' },
]

/** `limitMs` is what the client keeps to, which is LIMIT_MS unless a fault is planted. */
async function sellOverBroken(run: Run, limitMs: number): Promise<Result> {
  const world = await openWorld()
  try {
    const times: number[] = []
    let timedOut = 0
    let unknown = 0
    const faults = { ...run, n: run.n * FAULTS.length }
    const hits = await sellOverFaultyLines(world, faults, {
      lines: LINES,
      limitMs,
      faultOf: (n) => FAULTS[n % FAULTS.length] ?? { kind: 'reset' },
      onAttempt(attempt) {
        times.push(attempt.tookMs)
        if (attempt.timedOut) timedOut += 1
      },
      onHit(_, { sends }) {
        if (sends === null) unknown += 1
      },
    })
    const breaches = await breachesOf(world)
    const late = times.filter((ms) => ms > LIMIT_MS + OVER_LIMIT_MS).length
    if (run.timed && late > 0) breaches.push(`${late} attempts outlasted the client’s limit`)
    if (unknown > 0) breaches.push(`${unknown} outcomes stayed unknown`)
    const full = run.seconds === Infinity
    if (full && hits < faults.n) breaches.push(`only ${hits} of ${faults.n} faults hit`)
    const n = Math.floor(hits / FAULTS.length)
    return { n, breaches, figures: { hits, given_up: timedOut, attempt: timesOf(times) } }
  } finally {
    await world.close()
  }
}

export const brokenLines: Campaign = {
  name: 'C10',
  injects: 'reset, black hole, half-open line, cut before the answer: n times each',
  control: 'a client that does not keep to its limit',
  usual: 1_000,
  table: 1_000,
  catchPlanted: (run) =>
    sellOverBroken({ ...run, n: 4, timed: true }, 2 * (LIMIT_MS + OVER_LIMIT_MS)),
  run: (run) => sellOverBroken(run, LIMIT_MS),
}
