/** Sales without pause from several tills, each with what it saw of the centre. */
import { cashierOf, claimFor, newCodes, PERSONS_WHO_MEET, SHOP } from '../support/area.ts'
import type { IntentJournal } from '../support/journal.ts'
import { type Heard, type KeepingTill, openKeepingTill } from './keeping-till.ts'

export type Seen = {
  readonly answers: number
  readonly settled: number
  readonly resets: number
  readonly failures: readonly string[]
  readonly longestMs: number
}
export type Crowd = {
  answers(): number
  stop(): Promise<Seen>
}

/** Every till sells and takes back every third sale; half of them keep their connection. */
export function startCrowd(url: () => string, journal: IntentJournal, tills: number): Crowd {
  let going = true
  const heard: Heard[] = []
  const crowd = Array.from({ length: tills }, (_, index) =>
    openKeepingTill(url, journal, 1 + (index % 2), index % 4 !== 3),
  )
  const work = crowd.map((till, index) => sell(till, index, () => going, heard))
  return {
    answers: () => heard.length,
    async stop() {
      going = false
      await Promise.all(work)
      for (const till of crowd) till.close()
      return {
        answers: heard.length,
        settled: heard.filter(({ status }) => status === 201).length,
        resets: crowd.reduce((sum, till) => sum + till.resets(), 0),
        failures: crowd.flatMap((till) => till.failures()),
        longestMs: Math.round(Math.max(0, ...heard.map(({ ms }) => ms))),
      }
    },
  }
}

async function sell(till: KeepingTill, first: number, going: () => boolean, heard: Heard[]) {
  const operatorCode = cashierOf(SHOP)
  for (let round = first; going(); round += 1) {
    const person = PERSONS_WHO_MEET[round % PERSONS_WHO_MEET.length] ?? 'retired'
    const sale = claimFor(person, [
      { item: 'plain', quantity: '1' },
      { item: 'traced', codes: newCodes(1) },
    ])
    const answer = await till.send('/v1/settlements', sale)
    heard.push(answer)
    if (answer.status !== 201 || round % 3 !== 0) continue
    const { settlementId } = JSON.parse(answer.text) as { settlementId: string }
    const reversal = { operatorCode, reason: '错收' }
    heard.push(await till.send(`/v1/settlements/${settlementId}/reversal`, reversal))
  }
}
