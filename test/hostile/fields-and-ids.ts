/** B18 and B19: fields that nobody asked for, and documents of somebody else or of nobody. */

import { newId } from '../../server/kernel/ids.ts'
import { claimFor, OTHER_SHOP, terminalOf } from '../support/area.ts'
import { median } from '../support/median.ts'
import { type Attack, forEachAtOnce, overSockets } from './campaign.ts'
import type { Heard } from './client.ts'
import { settled } from './envelopes.ts'
import { changedAt, type Good, goodRequests, type Place, placesIn, valueAt } from './good.ts'
import { sign } from './signing.ts'

const SETTLE = '/v1/settlements'
const FIELDS: readonly (readonly [string, unknown])[] = [
  ['status', 'done'],
  ['fund_part', '100.00'],
  ['payers', { 'pooling-fund': '100.00' }],
  ['price', '0.01'],
  ['person_type', 'retired'],
  ['personType', 'retired'],
  ['category', 'retired'],
  ['is_admin', true],
  ['id', 1],
  ['settlementId', newId()],
  ['settledAt', '2020-01-01T00:00:00Z'],
  ['institutionCode', 'H33028200001'],
  ['inScope', '10.00'],
  ['remaining', {}],
]

/** The root of a body and every object in it. */
const objectsIn = (body: unknown): Place[] => [
  [],
  ...placesIn(body).filter((place) => {
    const value = valueAt(body, place)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  }),
]

function withField({ body }: Good, place: Place, [name, value]: (typeof FIELDS)[number]): unknown {
  const inner = { ...(valueAt(body, place) as object), [name]: value }
  return place.length === 0 ? inner : changedAt(body, place, inner)
}

async function fields({ n, random, client, recorder, more }: Attack): Promise<void> {
  const good = goodRequests(await settled({ client, recorder }))
  const all = good.flatMap((one) =>
    objectsIn(one.body).flatMap((place) => FIELDS.map((field) => ({ one, place, field }))),
  )
  const chosen = n >= all.length ? all : Array.from({ length: n }, () => random.pick(all))
  more.places = all.length
  await forEachAtOnce(chosen, async ({ one, place, field }) => {
    const { path, isWrite } = one
    const body = withField(one, place, field)
    const heard = await client.send(sign({ path, body, ...(isWrite ? {} : { key: null }) }))
    const label = `${one.operation} with ${[...place, field[0]].join('.')}`
    recorder.note({ label, allow: ['400 schema-invalid'], isWrite }, heard)
  })
}

const NO_IDS = [
  '1',
  '0',
  '-1',
  '9007199254740993',
  '9223372036854775808',
  '1.5',
  '1e3',
  '%00',
  '%27',
]
const MALFORMED = ['400 schema-invalid', '404 not-found', '401 signature-invalid']
const NOWHERE = ['404 original-not-found']

/** A settlement of another shop, with the words a stranger's own guess is answered with. */
async function othersSettlement({ client, recorder }: Attack): Promise<string> {
  const body = claimFor('active-over-45', [{ item: 'plain' }], { at: OTHER_SHOP })
  const heard = await client.send(sign({ path: SETTLE, body, terminal: terminalOf(OTHER_SHOP) }))
  recorder.note({ label: 'a sale of the other shop', allow: ['201'], isWrite: true }, heard)
  if (heard.status !== 201) return newId()
  return (JSON.parse(heard.text) as { settlementId: string }).settlementId
}

const wordsOf = ({ status, text }: Heard): string =>
  `${status} ${text.replace(/"requestId":"[^"]*"/, '')}`

async function ids(attack: Attack): Promise<void> {
  const { n, random, client, recorder, more } = attack
  const others = await othersSettlement(attack)
  const nobodys = wordsOf(await client.send(sign({ method: 'GET', path: `${SETTLE}/${newId()}` })))
  const check = (heard: Heard) => (wordsOf(heard) === nobodys ? null : 'is answered in other words')
  const times = { others: [] as number[], nobodys: [] as number[] }
  await forEachAtOnce(
    Array.from({ length: n }, (_, index) => index),
    async (index) => {
      const kind = index % 4
      const guessed = guess(random.below(2 ** 30))
      const id = kind === 0 ? random.pick(NO_IDS) : kind === 1 ? others : guessed
      const path = index % 8 < 4 ? `${SETTLE}/${id}` : `/v1/outcomes/${id}`
      const isOutcome = path.startsWith('/v1/outcomes')
      const heard = await client.send(sign({ method: 'GET', path }))
      const label = `${isOutcome ? 'an outcome' : 'a document'} by ${kind === 1 ? 'its id' : id}`
      if (kind === 0) recorder.note({ label, allow: MALFORMED }, heard)
      else if (isOutcome) recorder.note({ label, allow: ['200'], check: neverArrived }, heard)
      else {
        recorder.note({ label, allow: NOWHERE, check }, heard)
        times[kind === 1 ? 'others' : 'nobodys'].push(heard.ms)
      }
    },
  )
  more.othersMedianMs = Math.round(median(times.others) * 100) / 100
  more.nobodysMedianMs = Math.round(median(times.nobodys) * 100) / 100
}

const neverArrived = ({ text }: Heard): string | null =>
  text.includes('"state":"never-arrived"') ? null : 'tells of a key that is not its own'

/** Ids in sequence, as somebody would try them who knows when they were made. */
const guess = (number: number): string => {
  const hex = number.toString(16).padStart(8, '0')
  return `${hex}-0000-7000-8000-000000000001`
}

export const B18 = overSockets({
  name: 'b18',
  holds: 'a field that nobody asked for is refused, wherever it stands',
  shortN: 400,
  fullN: 1_000_000,
  plantFinds: /answered 200/,
  attack: fields,
})
export const B19 = overSockets({
  name: 'b19',
  holds: "somebody else's document is not there, in the same words as one that never was",
  shortN: 400,
  fullN: 10_000,
  plantFinds: /answered 200/,
  attack: ids,
})
