/** Load of several tills, and what must be true of journal and tables once it is over. */
import type postgres from 'postgres'
import { cashierOf, claimFor, newCodes, PERSONS_WHO_MEET, SHOP } from '../support/area.ts'
import type { IntentJournal, Outcome } from '../support/journal.ts'
import type { Till } from './till.ts'

/** One of them is refused always. */
const PERSONS = [...PERSONS_WHO_MEET, 'resident-tier-a', 'arrears'] as const

export type Load = {
  /** Sales and takings-back that are answered for good. */
  answered(): number
  stop(): Promise<void>
}

/** Every till sells, and takes back every third sale, until it is stopped. */
export function startLoad(tills: readonly Till[]): Load {
  let going = true
  let answered = 0
  const operatorCode = cashierOf(SHOP)
  const work = tills.map(async (till, index) => {
    for (let round = index; going; round += 1) {
      const person = PERSONS[round % PERSONS.length] ?? 'retired'
      const sale = claimFor(person, [
        { item: 'plain', quantity: '2' },
        { item: 'traced', codes: newCodes(1) },
      ])
      const { status, text } = await till.send('/v1/settlements', sale)
      answered += 1
      if (status !== 201 || round % 3 !== 0) continue
      const { settlementId } = JSON.parse(text) as { settlementId: string }
      const reversal = { operatorCode, reason: '错收' }
      await till.send(`/v1/settlements/${settlementId}/reversal`, reversal)
      answered += 1
    }
  })
  return {
    answered: () => answered,
    async stop() {
      going = false
      await Promise.all(work)
    },
  }
}

type Row = {
  readonly key: string
  readonly verdict: string
  readonly status: number
  readonly answer: string
  readonly effects: number
}

/** A tombstone holds no answer: each time it is the same refusal, with the request's own id. */
const isStored = (row: Row, { status, text }: Outcome): boolean =>
  row.status === status &&
  (row.verdict === 'tombstone'
    ? (JSON.parse(text) as { code?: string }).code === 'compensated-before'
    : row.answer === text)

/** Documents behind an answer: what was made, or the reversal by which a compensation undid it. */
const effectsOf = ({ status, text }: Outcome): number =>
  status === 201 ||
  (status === 200 && (JSON.parse(text) as { state?: string }).state === 'reversed')
    ? 1
    : 0

/**
 * Compares the client's journal with the tables. Every line says what is wrong: an acknowledged
 * answer that is not stored (I24), an intention without outcome (I25), a refusal with money (I26),
 * a row that nobody intended (I27).
 */
export async function differences(sql: postgres.Sql, journal: IntentJournal): Promise<string[]> {
  const { intentions, outcomes } = journal.read()
  const clients = [...new Set([...intentions.values()].map((one) => one.clientId))]
  const rows = await sql<Row[]>`
    select i.key, i.verdict, i.status, stored_answer(i) as answer,
           (select count(*)::int from settlement s where s.document_id = i.posting_id) as effects
      from idempotency i where i.client_id in ${sql(clients)}`
  const stored = new Map(rows.map((row) => [row.key, row]))
  const found: string[] = []
  for (const key of intentions.keys()) {
    const outcome = outcomes.get(key)
    const row = stored.get(key)
    if (outcome === undefined) found.push(`I25 ${key} has no outcome`)
    else if (row === undefined) found.push(`I24 ${key} was answered ${outcome.status}, not stored`)
    else if (!isStored(row, outcome)) {
      found.push(`I24 ${key} was answered otherwise than it is stored`)
    } else if (row.effects !== effectsOf(outcome)) {
      found.push(`I26 ${key} with status ${outcome.status} has ${row.effects} documents`)
    }
  }
  for (const key of stored.keys()) {
    if (!intentions.has(key)) found.push(`I27 ${key} was intended by nobody`)
  }
  return found
}
