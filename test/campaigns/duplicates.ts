/** C12: the same sale arrives many times at once, and again later. */
import { setTimeout as sleep } from 'node:timers/promises'
import { newId } from '../../server/kernel/ids.ts'
import { isFinal } from '../faults/till.ts'
import type { Intention } from '../support/journal.ts'
import type { Random } from '../support/random.ts'
import type { Campaign, Result, Run } from './campaign.ts'
import { type Attempt, type Client, openClient } from './client.ts'
import { saleOf } from './load.ts'
import { KEYS_UNCHECKED } from './planted.ts'
import { breachesOf } from './verdict.ts'
import { MOVED_CLOCK } from './weave.ts'
import { inWorld, type World, type WorldOptions } from './world.ts'

/** Sets that are under way at once. */
const LANES = 4
const HOUR_MS = 3_600_000
/** How much later everything is sent once more; the centre's and the tills' clocks go along. */
const LATER_MS = { '1_s': 1_000, '1_h': HOUR_MS, '25_h': 25 * HOUR_MS } as const

/** How often a key is asked for later, should the centre be busy with something else. */
const ASKED_MAX = 10

type Tally = { answers: Record<string, number>; readonly breaches: string[] }

/** Twice as a rule, five times often, fifty times now and then. */
const copiesOf = (random: Random): number => (random.chance(0.1) ? 50 : random.chance(0.5) ? 5 : 2)

/** Every final answer under a key is the same; what is not final only says to come again. */
function judge(tally: Tally, known: Map<string, string>, { key, answer }: Attempt): void {
  if (answer === null) return void tally.breaches.push(`${key} was not answered`)
  tally.answers[answer.status] = (tally.answers[answer.status] ?? 0) + 1
  if (answer.status === 500) tally.breaches.push(`${key} was answered 500`)
  if (!isFinal(answer)) return
  const said = `${answer.status} ${answer.text}`
  const first = known.get(key) ?? said
  known.set(key, first)
  if (said !== first) tally.breaches.push(`I16 ${key} has two different answers`)
}

async function sendSets(world: World, run: Run, client: Client, tally: Tally) {
  const known = new Map<string, string>()
  const sent: Intention[] = []
  const lane = async (random: Random): Promise<void> => {
    while (sent.length < run.n && !(await run.isOver())) {
      const body = JSON.stringify(saleOf(random))
      const { clientId } = client
      const intention = { key: newId(), clientId, path: '/v1/settlements', body }
      sent.push(intention)
      world.journal.intend(intention)
      const copies = Array.from({ length: copiesOf(random) }, () => client.attempt(intention))
      for (const attempt of await Promise.all(copies)) judge(tally, known, attempt)
      if (sent.length % 250 === 0) run.say(`  ${sent.length} sets`)
    }
  }
  await Promise.all(Array.from({ length: LANES }, (_, index) => lane(run.random.fork(index))))
  return { known, sent }
}

/** Once more after a time: by now every key has its answer. */
async function sendLater(
  client: Client,
  sent: readonly Intention[],
  known: Map<string, string>,
  tally: Tally,
): Promise<void> {
  for (const intention of sent) {
    let final = false
    for (let asked = 0; !final && asked < ASKED_MAX; asked += 1) {
      const attempt = await client.attempt(intention)
      judge(tally, known, attempt)
      final = attempt.answer !== null && isFinal(attempt.answer)
    }
    if (!final) tally.breaches.push(`${intention.key} has no answer later`)
  }
}

async function round(world: World, run: Run): Promise<Result> {
  let aheadMs = 0
  const { journal, url } = world
  const now = () => Date.now() + aheadMs
  const client = openClient({ url: () => url, journal, till: 1, keepAlive: true, now })
  const tally: Tally = { answers: {}, breaches: [] }
  const { known, sent } = await sendSets(world, run, client, tally)
  const atOnce = { ...tally.answers }
  for (const laterMs of Object.values(LATER_MS)) {
    if (laterMs === LATER_MS['1_s']) await sleep(laterMs)
    else aheadMs = laterMs
    world.centre().tell({ clockAheadMs: aheadMs })
    await sendLater(client, sent, known, tally)
  }
  client.close()
  for (const [key, said] of known) {
    const [status = '', text = ''] = [said.slice(0, 3), said.slice(4)]
    journal.resolve({ key, status: Number.parseInt(status, 10), text, sends: 2 })
  }
  const breaches = [...tally.breaches, ...(await breachesOf(world))]
  const figures = { answers_at_once: atOnce, answers_in_all: tally.answers }
  return { n: sent.length, breaches, figures }
}

const sellAgain = (options: WorldOptions, run: Run): Promise<Result> =>
  inWorld({ ...options, splices: [MOVED_CLOCK] }, (world) => round(world, run))

export const duplicates: Campaign = {
  name: 'C12',
  injects: 'every sale 2, 5 or 50 times at once, and once more 1 s, 1 h and 25 h later',
  control: 'keys are neither looked up nor unique',
  usual: 1_000,
  table: 1_000,
  catchPlanted: (run) => sellAgain({ plant: KEYS_UNCHECKED }, { ...run, n: Math.min(run.n, 8) }),
  run: (run) => sellAgain({}, run),
}
