/** C22: wrong clocks: a till's by minutes to decades, the centre's set back, a new year. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SettlementAnswer } from '../../server/contract/claims.ts'
import type { Problem } from '../../server/contract/common.ts'
import { dayOf, instant } from '../../server/kernel/calendar.ts'
import { newId } from '../../server/kernel/ids.ts'
import { isFinal } from '../faults/till.ts'
import type { Intention } from '../support/journal.ts'
import type { Campaign, Result, Run } from './campaign.ts'
import { type Client, openClient } from './client.ts'
import { saleOf } from './load.ts'
import { breachesOf } from './verdict.ts'
import { MOVED_CLOCK, type Splice } from './weave.ts'
import { inWorld, type World } from './world.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const SKEWS_MS = [-10, -1440, 10, 1440].map((minutes) => minutes * MINUTE_MS)
/** What a till whose battery is empty, or that counts seconds in 32 bits, may believe. */
const BELIEVED = ['1970-01-01T00:00:00Z', '2038-01-19T03:14:08Z', '2028-02-29T04:00:00Z'].map(
  (text) => Date.parse(text),
)
/** The centre's last seconds of a year, and noon of a leap day; Shanghai is eight hours ahead. */
const YEAR_ENDS = Date.parse('2026-12-31T15:59:30Z')
const LEAP_DAY = Date.parse('2028-02-29T04:00:00Z')
/** A place of another day for most of it. */
const OTHER_ZONE = 'Pacific/Honolulu'
const ASKED_MAX = 40
const ASK_AGAIN_MS = 25

/** The age of a signature is not looked at. */
const ANY_AGE: Splice = {
  file: 'server/rest/signature-check.ts',
  at: 'if (!isFresh(params.created, now))',
  put: 'if (isFresh(params.created, now) === null)',
}

const isNear = (told: number, at: number): boolean => Math.abs(told - at) < MINUTE_MS / 2

class Trial {
  readonly breaches: string[] = []
  readonly answers: Record<string, number> = {}
  readonly #said = new Map<string, string>()
  readonly #world: World
  readonly #run: Run
  readonly #client: Client
  #centreAheadMs = 0
  /** What the till's clock says; null where it goes with the centre's. */
  #believed: (() => number) | null = null

  constructor(world: World, run: Run) {
    this.#world = world
    this.#run = run
    this.#client = openClient({
      url: () => world.url,
      journal: world.journal,
      till: 1,
      keepAlive: true,
      now: () => this.#believed?.() ?? this.#centreNow(),
    })
  }

  #centreNow = (): number => Date.now() + this.#centreAheadMs

  /** Resolves once the centre itself tells the new time. */
  async setCentre(at: number): Promise<void> {
    this.#centreAheadMs = at - Date.now()
    this.#world.centre().tell({ clockAheadMs: this.#centreAheadMs })
    const { clientId } = this.#client
    for (let asked = 0; asked < ASKED_MAX; asked += 1) {
      const body = JSON.stringify(saleOf(this.#run.random))
      const intention = { key: newId(), clientId, path: '/v1/settlements', body }
      const told = await this.#refusalOf(intention, () => 0)
      if (isNear(told, this.#centreNow())) return
      if (Number.isNaN(told)) break
      await sleep(ASK_AGAIN_MS)
    }
    this.breaches.push('the centre does not take over its time')
  }

  /** A till with a wrong clock is told the time and nothing else; set right, it sells. */
  async sellSkewed(believed: () => number): Promise<void> {
    const intention = this.#intend()
    if (!isNear(await this.#refusalOf(intention, believed), this.#centreNow())) {
      this.breaches.push(`a clock of ${new Date(believed()).toISOString()} was believed`)
    }
    await this.#sell(intention)
  }

  /** Settled as of the centre's day, wherever the centre's process believes to be. */
  async sell(): Promise<void> {
    await this.#sell(this.#intend())
  }

  /** Every key once more: the answer is the first one's, its day and year with it. */
  async repeat(): Promise<void> {
    for (const intention of this.#world.journal.read().intentions.values()) {
      await this.#settle(intention)
    }
  }

  close(): void {
    this.#client.close()
  }

  /** The centre's time where it refused a signature for its age; NaN where it did not. */
  async #refusalOf(intention: Intention, believed: () => number): Promise<number> {
    this.#believed = believed
    const { answer } = await this.#client.attempt(intention)
    this.#believed = null
    const { code, params } = JSON.parse(answer?.text ?? '{}') as Partial<Problem>
    const isStale = answer?.status === 401 && code === 'signature-stale'
    return isStale ? Date.parse(`${params?.serverTime}`) : Number.NaN
  }

  #intend(): Intention {
    const { clientId } = this.#client
    const body = JSON.stringify(saleOf(this.#run.random))
    const intention = { key: newId(), clientId, path: '/v1/settlements', body }
    this.#world.journal.intend(intention)
    return intention
  }

  async #sell(intention: Intention): Promise<void> {
    const before = dayOf(instant(this.#centreNow()))
    const answer = await this.#settle(intention)
    const after = dayOf(instant(this.#centreNow()))
    if (answer?.status !== 201) return
    const { serviceDay } = JSON.parse(answer.text) as SettlementAnswer
    if (serviceDay !== before && serviceDay !== after) {
      this.breaches.push(`a sale of ${before} is settled as of ${serviceDay}`)
    }
  }

  async #settle(intention: Intention) {
    for (let asked = 0; asked < ASKED_MAX; asked += 1) {
      const { answer } = await this.#client.attempt(intention)
      if (answer === null || !isFinal(answer)) continue
      this.answers[answer.status] = (this.answers[answer.status] ?? 0) + 1
      const said = `${answer.status} ${answer.text}`
      const first = this.#said.get(intention.key)
      if (first === undefined) {
        this.#said.set(intention.key, said)
        this.#world.journal.resolve({ key: intention.key, sends: asked + 1, ...answer })
      } else if (first !== said) this.breaches.push(`I16 ${intention.key} has two answers`)
      return answer
    }
    this.breaches.push(`I25 ${intention.key} has no answer`)
    return null
  }
}

async function sellWithTills(trial: Trial): Promise<void> {
  for (const skew of SKEWS_MS) await trial.sellSkewed(() => Date.now() + skew)
  for (const at of BELIEVED) await trial.sellSkewed(() => at)
}

async function round(world: World, run: Run): Promise<Result> {
  const trial = new Trial(world, run)
  let n = 0
  const each = async (work: () => Promise<void>) => {
    for (let done = 0; done < n; done += 1) await work()
  }
  while (!(await run.isOver()) && n < run.n) {
    n += 1
    await sellWithTills(trial)
  }
  await trial.setCentre(Date.now() - 5 * MINUTE_MS)
  await each(() => trial.sellSkewed(() => Date.now() - MINUTE_MS))
  await each(() => trial.sell())
  await trial.setCentre(YEAR_ENDS)
  await each(() => trial.sell())
  await trial.setCentre(YEAR_ENDS + 10 * MINUTE_MS)
  await each(() => trial.sell())
  await trial.repeat()
  await trial.setCentre(LEAP_DAY)
  await each(() => trial.sell())
  await world.centre().stop()
  await world.start({ TZ: OTHER_ZONE })
  await trial.setCentre(LEAP_DAY + DAY_MS)
  await each(() => trial.sell())
  await trial.repeat()
  trial.close()
  const breaches = [...trial.breaches, ...(await breachesOf(world))]
  return { n, breaches, figures: { skews: SKEWS_MS.length + BELIEVED.length, ...trial.answers } }
}

export const skewedClocks: Campaign = {
  name: 'C22',
  injects:
    'a till’s clock minutes to decades off; the centre’s set back, at a year’s end, in a zone',
  control: 'a centre that takes a signature of any age',
  usual: 50,
  table: 50,
  catchPlanted: (run) =>
    inWorld({ splices: [MOVED_CLOCK, ANY_AGE] }, (world) => round(world, { ...run, n: 1 })),
  run: (run) => inWorld({ splices: [MOVED_CLOCK] }, (world) => round(world, run)),
}
