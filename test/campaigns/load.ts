/** What clients do while faults happen: few persons, so that they meet on them. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SettlementAnswer } from '../../server/contract/claims.ts'
import { cashierOf, claimFor, newCodes, PERSONS_WHO_MEET, SHOP } from '../support/area.ts'
import type { Outcome } from '../support/journal.ts'
import type { Random } from '../support/random.ts'
import { type Attempt, type Client, type ClientOptions, openClient } from './client.ts'

/** One of them is refused always. */
const PERSONS = [...PERSONS_WHO_MEET, 'resident-tier-a', 'balance-zero', 'arrears'] as const

export type LoadOptions = Omit<ClientOptions, 'till' | 'onSend' | 'onAttempt'> & {
  readonly clients: number
  readonly random: Random
  /** The longest pause of a client between two operations. */
  readonly pauseMs?: number
  /** How long whose outcome is unknown at the end goes on asking; a minute unless told. */
  readonly patienceMs?: number
  readonly onAttempt?: (attempt: Attempt) => void
}

export type Load = {
  readonly figures: LoadFigures
  /** Resolves with the next request that is sent. */
  nextSend(): Promise<void>
  /** Ends it; whose outcome is unknown goes on asking as long as its patience lasts. */
  stop(): Promise<void>
}
export type LoadFigures = {
  /** Operations whose outcome is known. */
  known: number
  /** Operations that needed more than one attempt. */
  retried: number
  attempts: number
  /** Attempts that waited in vain until the client's limit. */
  hung: number
  statuses: Record<string, number>
}

export const QUIET_MS = 60_000

export function startLoad(options: LoadOptions): Load {
  const figures: LoadFigures = { known: 0, retried: 0, attempts: 0, hung: 0, statuses: {} }
  let going = true
  let onSend: (() => void)[] = []
  const clients = Array.from({ length: options.clients }, (_, index) =>
    openClient({
      ...options,
      till: 1 + (index % 2),
      onSend() {
        for (const tell of onSend) tell()
        onSend = []
      },
      onAttempt(attempt) {
        count(figures, attempt)
        options.onAttempt?.(attempt)
      },
    }),
  )
  const work = clients.map(async (client, index) => {
    const random = options.random.fork(index)
    while (going) {
      for (const outcome of await operate(client, random)) {
        figures.known += 1
        if (outcome.sends > 1) figures.retried += 1
      }
      await sleep(random.below(options.pauseMs ?? 30))
    }
  })
  return {
    figures,
    nextSend: () => new Promise((resolve) => onSend.push(resolve)),
    async stop() {
      going = false
      for (const client of clients)
        client.giveUpAt(performance.now() + (options.patienceMs ?? QUIET_MS))
      await Promise.all(work)
      for (const client of clients) client.close()
    },
  }
}

function count(figures: LoadFigures, { answer, timedOut }: Attempt): void {
  figures.attempts += 1
  if (timedOut) figures.hung += 1
  if (answer === null) return
  figures.statuses[answer.status] = (figures.statuses[answer.status] ?? 0) + 1
}

export const saleOf = (random: Random, person: (typeof PERSONS)[number] = random.pick(PERSONS)) =>
  claimFor(person, [
    { item: 'plain', quantity: String(2 + random.below(3)) },
    ...(random.chance(0.5) ? [{ item: 'traced', codes: newCodes(1) } as const] : []),
  ])

/** A sale, and now and then its reversal or the return of a part of it. */
async function operate(client: Client, random: Random): Promise<Outcome[]> {
  const sold = await client.send('/v1/settlements', saleOf(random))
  if (sold === null) return []
  if (sold.status !== 201 || random.chance(0.6)) return [sold]
  const { settlementId } = JSON.parse(sold.text) as SettlementAnswer
  const taken = await takeBack(client, settlementId, random)
  return taken === null ? [sold] : [sold, taken]
}

function takeBack(client: Client, id: string, random: Random): Promise<Outcome | null> {
  const why = { operatorCode: cashierOf(SHOP), reason: '错收' }
  if (random.chance(0.5)) return client.send(`/v1/settlements/${id}/reversal`, why)
  const lines = [{ lineNo: 1, quantity: '1', traceCodes: [] }]
  return client.send(`/v1/settlements/${id}/returns`, { ...why, lines })
}
