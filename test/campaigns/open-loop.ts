/**
 * Sales that begin at a fixed rate, whatever became of the ones before. Whoever is turned away does
 * as the till does: comes again after the pause it was told, later each time, and tells the cashier
 * after some seconds that nothing is sold.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { SITUATIONS } from '../../fixtures/people/situations.ts'
import { waitAfter } from '../../pos-client/queue/sender.ts'
import { newId } from '../../server/kernel/ids.ts'
import { isFinal } from '../faults/till.ts'
import { claimFor } from '../support/area.ts'
import type { IntentJournal } from '../support/journal.ts'
import type { Random } from '../support/random.ts'
import type { Attempt, Client } from './client.ts'

/** How long a till waits before its next attempt, in ms. */
export type Pause = (attempt: number, made: Attempt, random: Random) => number
export const asTheTill: Pause = (attempt, { retryAfter }, random) =>
  waitAfter(attempt, 1_000 * Number.parseInt(retryAfter ?? '0', 10), random.below(1_000) / 1_000)
/** A till without pauses and without jitter. */
export const atOnce: Pause = () => 20

/** What became of the sales of one rate. */
export type Step = {
  begun: number
  attempts: number
  settled: number
  /** The cashier was told that nothing is sold. */
  withdrawn: number
  readonly tookMs: number[]
}
export const newStep = (): Step => ({ begun: 0, attempts: 0, settled: 0, withdrawn: 0, tookMs: [] })

export type Tally = {
  readonly waits: number[]
  readonly statuses: Record<string, number>
  /** Turned away by anything but a clear word to come again, and when. */
  unclear: number
}

export const newTally = (): Tally => ({ waits: [], statuses: {}, unclear: 0 })

/** What says that nothing was done, and that the same may be asked again. */
const NOTHING_DONE = /"code":"(?:server-busy|position-moved)"/

export function note(tally: Tally, { answer, retryAfter, tookMs }: Attempt): void {
  tally.waits.push(tookMs)
  const status = `${answer?.status ?? 'none'}`
  tally.statuses[status] = (tally.statuses[status] ?? 0) + 1
  if (answer !== null && isFinal(answer)) return
  // That several sell to one person at once is no matter of load, and has no time to be told.
  const isTold = /^[1-9]\d*$/.test(retryAfter ?? '') || answer?.status === 409
  if (answer === null || !NOTHING_DONE.test(answer.text) || !isTold) tally.unclear += 1
}

export type Shop = {
  readonly journal: IntentJournal
  readonly clients: readonly Client[]
  readonly pause: Pause
  readonly patienceMs: number
  /** A storm is seen early, and need not be lived through: attempts for each sale. */
  readonly stormAt: number
}

/**
 * One sale, seen through. Nobody dies here, so it is written down when its outcome is known: a sale
 * that was withdrawn was then intended by nobody, and may not stand in the books (I27).
 */
export async function sell(shop: Shop, random: Random, step: Step, meant: number): Promise<void> {
  const { journal } = shop
  const client = random.pick(shop.clients)
  const person = random.pick(SITUATIONS).key
  const body = JSON.stringify(claimFor(person, [{ item: 'plain', quantity: '2' }]))
  const intention = { key: newId(), clientId: client.clientId, path: '/v1/settlements', body }
  let inDoubt = false
  let waitedMs = 0
  for (let attempt = 0; ; attempt += 1) {
    step.attempts += 1
    const made = await client.attempt(intention)
    const { answer } = made
    if (answer !== null && isFinal(answer)) {
      journal.intend(intention)
      journal.resolve({ key: intention.key, sends: attempt + 1, ...answer })
      step.settled += 1
      step.tookMs.push(performance.now() - meant)
      return
    }
    if (answer === null || !NOTHING_DONE.test(answer.text)) inDoubt = true
    const waitMs = shop.pause(attempt, made, random)
    waitedMs += waitMs
    const isStorm = step.attempts > shop.stormAt * step.begun
    if (!inDoubt && (waitedMs > shop.patienceMs || isStorm)) {
      step.withdrawn += 1
      return
    }
    await sleep(waitMs)
  }
}

/** As fast as some clients can, one sale after the other: what the centre is capable of. */
export async function capacityOf(shop: Shop, random: Random, ms: number): Promise<number> {
  const step = { ...newStep(), begun: Number.POSITIVE_INFINITY }
  const began = performance.now()
  const work = shop.clients.map(async (_, index) => {
    const own = random.fork(index)
    while (performance.now() < began + ms) await sell(shop, own, step, performance.now())
  })
  await Promise.all(work)
  return step.settled / ((performance.now() - began) / 1_000)
}

type Rate = { readonly perSecond: number; readonly ms: number }

/** Sales at a fixed rate; answers once all of them have an end, and how many settled meanwhile. */
export async function atRate(shop: Shop, random: Random, { perSecond, ms }: Rate) {
  const step = newStep()
  const under: Promise<void>[] = []
  const began = performance.now()
  const momentOf = (n: number) => began + (n / perSecond) * 1_000
  const all = Math.ceil((ms / 1_000) * perSecond)
  while (step.begun < all) {
    while (step.begun < all && momentOf(step.begun) <= performance.now()) {
      const meant = momentOf(step.begun)
      step.begun += 1
      under.push(sell(shop, random.fork(step.begun), step, meant))
    }
    await sleep(5)
  }
  const goodput = step.settled / ((performance.now() - began) / 1_000)
  await Promise.all(under)
  return { step, goodput }
}
