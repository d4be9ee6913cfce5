/** Sales at a till whose power goes at any one operation of its disk, and what is left of them. */
import { JournalWriteError } from '../../pos-client/queue/journal.ts'
import { type Intention, openSaleQueue } from '../../pos-client/queue/sale-queue.ts'
import { openSender } from '../../pos-client/queue/sender.ts'
import type { Gateway } from '../../pos-client/server-gateway/gateway.ts'
import { instant } from '../../server/kernel/calendar.ts'
import { fixedClock } from '../../server/kernel/clock.ts'
import { newId } from '../../server/kernel/ids.ts'
import { documentOf } from './entries.ts'
import { type Damage, type FaultyDisk, faultyDisk, PowerCut } from './faulty-disk.ts'

const clock = fixedClock(instant(1_795_000_000_000))
const SALES = ['first', 'second', 'third'] as const
/** A till does more than sell; whatever it is, it is written down first. */
const KIND_OF = {
  first: { operation: 'settle', path: '/v1/settlements' },
  second: { operation: 'compensate', path: '/v1/compensations' },
  third: { operation: 'record-trace-codes', path: '/v1/trace-code-sales' },
} as const satisfies Record<(typeof SALES)[number], Pick<Intention, 'operation' | 'path'>>
const ANSWERS: Readonly<Record<string, unknown>> = {
  '/v1/settlements': documentOf(),
  '/v1/compensations': { originalKey: newId(), state: 'nothing-to-undo', reversal: null },
  '/v1/trace-code-sales': { recorded: 1, recordedAt: '2026-11-23T06:05:09.000Z' },
}

/** A centre that settles each key once and repeats its answer; it never loses power. */
export function openCentre() {
  const settled = new Map<string, string>()
  const gateway: Gateway = {
    async call({ path, key = '', body = '' }) {
      if (!settled.has(key)) settled.set(key, body)
      const text = JSON.stringify(ANSWERS[path])
      return { kind: 'answer', status: 201, text, retryAfterMs: null }
    },
    ping: () => Promise.resolve(),
    link: () => ({ up: true, skewS: 0, changedAt: null }),
  }
  return { settled, gateway }
}
type Centre = ReturnType<typeof openCentre>

const openTill = async (fileSystem: FaultyDisk, centre: Centre) => {
  const queue = await openSaleQueue({
    fileSystem,
    folder: 'queue',
    clock,
    terminalId: 'T1',
    segmentBytesMax: 300,
  })
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve))
  const sender = openSender({ queue, gateway: centre.gateway, pause, random: () => 0 })
  return { queue, sender }
}

/** Three sales, one after the other, until all are done or the power goes. */
export async function sell(fileSystem: FaultyDisk, centre: Centre): Promise<Set<string>> {
  const stored = new Set<string>()
  try {
    const { queue, sender } = await openTill(fileSystem, centre)
    for (const body of SALES) {
      const intention = { ...KIND_OF[body], body, amount: null }
      const { key, centre: state } = await queue.store(intention)
      // Unknown from the start: the till says so and promises nothing.
      if (state === 'stored') stored.add(key)
      sender.start(key)
      await sender.settled(key, 200)
      if (queue.entry(key)?.centre !== 'answered') break
    }
    await sender.stop()
  } catch (error) {
    if (!(error instanceof JournalWriteError) && !(error instanceof PowerCut)) throw error
  }
  return stored
}

export type Findings = { lost: number; doubled: number; contiguous: boolean }

/** Start again, let everything resolve, and have the cashier sell anew what the till never knew. */
export async function restartAndCheck(
  disk: FaultyDisk,
  centre: Centre,
  stored: ReadonlySet<string>,
): Promise<Findings> {
  const { queue, sender } = await openTill(disk, centre)
  for (const { key } of queue.undecided()) sender.start(key)
  for (const { key } of queue.undecided()) {
    while (queue.entry(key)?.centre !== 'answered') await new Promise((go) => setImmediate(go))
  }
  const known = new Set(queue.entries().map((entry) => entry.key))
  const knownBodies = new Set([...known].map((key) => centre.settled.get(key)))
  const lost = [...stored].filter((key) => !known.has(key)).length
  for (const body of SALES.filter((sale) => !knownBodies.has(sale))) {
    const intention = { ...KIND_OF[body], body, amount: null }
    const { key } = await queue.store(intention)
    sender.start(key)
    while (queue.entry(key)?.centre !== 'answered') await new Promise((go) => setImmediate(go))
  }
  const sequences = queue.entries().map((entry) => entry.sequence)
  await sender.stop()
  return {
    lost,
    doubled: centre.settled.size - SALES.length,
    contiguous: sequences.toSorted((a, b) => a - b).every((number, index) => number === index + 1),
  }
}

/** Operations of an undisturbed run: every one of them is a place for a cut. */
export const stepsOf = async (): Promise<number> => {
  const disk = faultyDisk()
  await sell(disk, openCentre())
  return disk.count
}

export async function cutEverywhere(
  damage: Damage,
  omit: 'file' | 'folder' | null,
): Promise<Findings[]> {
  const findings: Findings[] = []
  const steps = await stepsOf()
  for (let cutAt = 1; cutAt <= steps + 1; cutAt += 1) {
    const centre = openCentre()
    const disk = faultyDisk(cutAt, omit)
    const stored = await sell(disk, centre)
    findings.push(await restartAndCheck(disk.afterCut(damage), centre, stored))
  }
  return findings
}

export const GOOD: Findings = { lost: 0, doubled: 0, contiguous: true }

/** Starts on a damaged disk and loses power again at one of the first operations. */
export async function cutAgain(
  left: FaultyDisk,
  cutAt: number,
  centre: Centre,
): Promise<FaultyDisk> {
  const names = await left.names('queue')
  const files = await Promise.all(
    names.map(async (name) => [name, Buffer.from(await left.read(name))] as const),
  )
  const disk = faultyDisk(cutAt, null, new Map(files))
  try {
    await openTill(disk, centre)
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error
  }
  return disk
}
