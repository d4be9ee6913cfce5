/**
 * A till whose disk fails for a while and which lives on, with a cashier who believes what it says:
 * told that nothing was sent, she sells again under a new key. One sale is ordinary, one finds the
 * centre out of reach at first and is given up, one is refused at the door at first.
 */
import { JournalWriteError } from '../../pos-client/queue/journal.ts'
import type { Entry } from '../../pos-client/queue/records.ts'
import { openSaleQueue, type SaleQueue } from '../../pos-client/queue/sale-queue.ts'
import { openSender, type Sender } from '../../pos-client/queue/sender.ts'
import { isDecided } from '../../pos-client/queue/states.ts'
import type { Gateway, GatewayAnswer } from '../../pos-client/server-gateway/gateway.ts'
import { problemOf } from '../../server/contract/problem.ts'
import { instant } from '../../server/kernel/calendar.ts'
import { fixedClock } from '../../server/kernel/clock.ts'
import { newId } from '../../server/kernel/ids.ts'
import { refusal } from '../../server/kernel/refusal.ts'
import { documentOf } from './entries.ts'
import { type Damage, type FaultyDisk, PowerCut } from './faulty-disk.ts'

const clock = fixedClock(instant(1_795_000_000_000))
const SALES = ['ordinary', 'out of reach', 'refused at the door'] as const
const ANSWER = { kind: 'answer', status: 201, text: JSON.stringify(documentOf()) } as const
const REFUSAL = {
  kind: 'answer',
  status: 401,
  text: JSON.stringify(problemOf(refusal('signature-invalid'), 'r')),
} as const
/** Sendings that fail before the centre takes a sale. */
const HINDRANCES: Readonly<Record<string, readonly GatewayAnswer[]>> = {
  'out of reach': [1, 2].map(() => ({ kind: 'unreached', cause: 'ECONNREFUSED' })),
  'refused at the door': [{ ...REFUSAL, retryAfterMs: null }],
}

export type MoodyCentre = { readonly settled: Map<string, string>; readonly gateway: Gateway }

/** Settles each key once; never loses power itself. */
export function moodyCentre(): MoodyCentre {
  const settled = new Map<string, string>()
  const sendings = new Map<string, number>()
  const gateway: Gateway = {
    async call({ key = '', body = '' }) {
      const sending = sendings.get(body) ?? 0
      sendings.set(body, sending + 1)
      const hindrance = HINDRANCES[body]?.[sending]
      if (hindrance !== undefined) return hindrance
      settled.set(key, body)
      return { ...ANSWER, retryAfterMs: null }
    },
    ping: () => Promise.resolve(),
    link: () => ({ up: true, skewS: 0, changedAt: null }),
  }
  return { settled, gateway }
}

type Parts = { readonly queue: SaleQueue; readonly sender: Sender }
export type Told = {
  /** What the cashier heard of a key at last. */
  readonly said: Map<string, 'nothing sent' | Entry['centre']>
  /** How many papers of a key came out. */
  readonly papers: Map<string, number>
}
const nothingYet = (): Told => ({ said: new Map(), papers: new Map() })

const breathe = () => new Promise<void>((resolve) => setImmediate(resolve))
const TURNS_MAX = 60
const TRIES_MAX = 5

async function openParts(fileSystem: FaultyDisk, centre: MoodyCentre): Promise<Parts> {
  const queue = await openSaleQueue({ fileSystem, folder: 'queue', clock, terminalId: 'T1' })
  const options = { queue, gateway: centre.gateway, pause: breathe, random: () => 0 }
  return { queue, sender: openSender({ ...options, patienceMs: 300 }) }
}

/** One sale under one key, until its outcome is told or nobody waits any longer. */
async function sellOnce({ queue, sender }: Parts, body: string, told: Told): Promise<Entry | null> {
  const key = newId()
  const path = '/v1/settlements'
  try {
    const stored = await queue.store({ operation: 'settle', path, body, amount: null, key })
    told.said.set(key, stored.centre)
  } catch (error) {
    if (!(error instanceof JournalWriteError)) throw error
    told.said.set(key, 'nothing sent')
    return null
  }
  sender.start(key)
  for (let turn = 0; turn < TURNS_MAX; turn += 1) {
    const centre = queue.entry(key)?.centre ?? 'stored'
    told.said.set(key, centre)
    if (isDecided(centre)) break
    await breathe()
  }
  await lookAndPrint(queue, key, told)
  return queue.entry(key)
}

/** A decided sale is looked at and printed; where that cannot be noted, no paper comes out. */
async function lookAndPrint(queue: SaleQueue, key: string, told: Told): Promise<void> {
  if (!isDecided(queue.entry(key)?.centre ?? 'stored')) return
  try {
    await queue.markShown(key)
    told.papers.set(key, await queue.countCopy(key, key))
    await queue.compact()
  } catch (error) {
    if (!(error instanceof JournalWriteError)) throw error
  }
}

/** Sells until all is sold, or until an outcome stays unknown: then she waits for help. */
async function sellAll(parts: Parts, bodies: readonly string[], told: Told): Promise<void> {
  for (const body of bodies) {
    for (let attempt = 0; attempt < TRIES_MAX; attempt += 1) {
      const entry = await sellOnce(parts, body, told)
      if (entry === null) continue
      if (entry.centre === 'answered') break
      if (!isDecided(entry.centre)) return
    }
  }
}

/** A working day on a failing disk, until the power goes or the day is over. */
export async function sellOn(fileSystem: FaultyDisk, centre: MoodyCentre): Promise<Told> {
  const told = nothingYet()
  let parts: Parts | null = null
  try {
    parts = await openParts(fileSystem, centre)
    await sellAll(parts, SALES, told)
  } catch (error) {
    if (parts !== null || !(error instanceof Error)) throw error
    // The till did not start; it says so and sells nothing.
    if (!(error instanceof PowerCut) && error.name !== 'DiskFailure') throw error
  }
  await parts?.sender.stop()
  return told
}

export type Harm = {
  /** Keys of which it was said, then or later, that nothing happened; and yet it did. */
  readonly denied: number
  /** Keys that were stored before the cut, and that nobody knows after it. */
  readonly lost: number
  /** Sales that the centre settled twice, or not at all. */
  readonly notOnce: readonly string[]
  /** Papers that came out and would come out once more without saying 补打. */
  readonly papersForgotten: number
}
export const NO_HARM: Harm = { denied: 0, lost: 0, notOnce: [], papersForgotten: 0 }

/** The power goes and comes back; all is seen through, and what is not known is sold anew. */
export async function harmAfter(
  disk: FaultyDisk,
  damage: Damage,
  centre: MoodyCentre,
  told: Told,
): Promise<Harm> {
  const parts = await openParts(disk.afterCut(damage), centre)
  const { queue, sender } = parts
  for (const { key } of queue.undecided()) sender.start(key)
  while (queue.undecided().length > 0) await breathe()
  const settledHere = queue.entries().filter((entry) => entry.centre === 'answered')
  const sold = new Set(settledHere.map(({ key }) => centre.settled.get(key)))
  const left = SALES.filter((body) => !sold.has(body))
  await sellAll(parts, left, nothingYet())
  await sender.stop()
  const denials = new Set(['nothing sent', 'withdrawn', 'refused'])
  const said = [
    ...told.said,
    ...queue.entries().map(({ key, centre: state }) => [key, state] as const),
  ]
  const kept = new Set(['stored', 'answered', 'refused', 'withdrawn'])
  return {
    denied: said.filter(([key, what]) => denials.has(what) && centre.settled.has(key)).length,
    lost: [...told.said].filter(([key, what]) => kept.has(what) && queue.entry(key) === null)
      .length,
    notOnce: SALES.filter(
      (body) => [...centre.settled.values()].filter((one) => one === body).length !== 1,
    ),
    papersForgotten: [...told.papers].filter(([key, papers]) => queue.copiesOf(key) < papers)
      .length,
  }
}
