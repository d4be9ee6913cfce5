/** B1 and B2: good requests with something broken in them, and bodies cut at every byte. */

import type { Random } from '../support/random.ts'
import { type Attack, forEachAtOnce, overSockets } from './campaign.ts'
import { headOf } from './client.ts'
import { changedAt, DROP, type Good, goodRequests, placesIn, settleOne, valueAt } from './good.ts'
import { type Outgoing, sign, withHeaders } from './signing.ts'

/** A change may leave the request good, or make it good at another thing. */
const ANY_ANSWER = ['200', '201', '400', '401', '403', '404', '409', '415', '422']
const ODD_VALUES: readonly unknown[] = [
  ...[null, true, 0, -1, 1.5, 1e308, '', ' ', '0', '-1', 'x'.repeat(300), [], {}, [[]]],
  ...[{ kind: 'card' }, '1'.repeat(19), '\u0000', '\ud800', '９', '2026-02-30', [null]],
]

const jsonOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

/** One field dropped, given twice, of another type, nested, or with another's value. */
function changedFields(good: Good, random: Random): Buffer {
  const place = random.pick(placesIn(good.body))
  const old = valueAt(good.body, place)
  switch (random.below(6)) {
    case 0:
      return jsonOf(changedAt(good.body, place, DROP))
    case 1:
      return Buffer.from(JSON.stringify(good.body).replace(/"(\w+)":/, '"$1":null,"$1":'))
    case 2:
      return jsonOf(changedAt(good.body, place, [old]))
    case 3:
      return jsonOf(changedAt(good.body, place, { [String(place.at(-1))]: old }))
    case 4:
      return jsonOf(
        changedAt(good.body, place, valueAt(good.body, random.pick(placesIn(good.body)))),
      )
    default:
      return jsonOf(changedAt(good.body, place, random.pick(ODD_VALUES)))
  }
}

/** Some bytes replaced, taken out, put in or repeated, as zzuf would. */
export function changedBytes(whole: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(whole)
  for (let edits = 1 + random.below(6); edits > 0; edits -= 1) {
    const at = random.below(bytes.length + 1)
    const [head, tail] = [bytes.subarray(0, at), bytes.subarray(at)]
    const put = random.bytes(1 + random.below(3))
    bytes = [
      () => Buffer.concat([head, put, tail.subarray(put.length)]),
      () => Buffer.concat([head, tail.subarray(1 + random.below(8))]),
      () => Buffer.concat([head, put, tail]),
      () => Buffer.concat([head, head.subarray(-random.below(40)), tail]),
    ][random.below(4)]?.() as Buffer<ArrayBuffer>
  }
  return bytes
}

const SIGNED_HEADERS = ['signature', 'signature-input', 'content-digest', 'idempotency-key']

/** A header dropped, doubled, cut, or with a character changed. */
function changedHeader(request: Outgoing, random: Random): Outgoing {
  const name = random.pick([...SIGNED_HEADERS, 'content-type'])
  const value = request.headers[name] ?? ''
  const at = random.below(value.length + 1)
  const visible = String.fromCharCode(33 + random.below(94))
  const changed = random.pick([
    undefined,
    `${value}, ${value}`,
    value.slice(0, at),
    value.slice(0, at) + visible + value.slice(at + 1),
  ])
  return withHeaders(request, { [name]: changed })
}

/** A spoiled request: signed as it is in four cases of six, so that it is read to the end. */
function spoiled(good: Good, random: Random): Outgoing {
  const key = good.isWrite ? {} : { key: null }
  const honest = sign({ path: good.path, body: good.body, ...key })
  const body = random.below(4) > 0 ? changedFields(good, random) : undefined
  const changed = body ?? changedBytes(jsonOf(good.body), random)
  switch (random.below(6)) {
    case 0:
      return changedHeader(honest, random)
    case 1:
      return { ...honest, body: changed }
    default:
      return sign({ path: good.path, body: changed, ...key })
  }
}

async function envelopes({ n, random, client, recorder }: Attack): Promise<void> {
  const good = goodRequests(await settled({ client, recorder }))
  function* cases() {
    for (let made = 0; made < n; made += 1) yield random.pick(good)
  }
  await forEachAtOnce(cases(), async (one) => {
    const heard = await client.send(spoiled(one, random))
    recorder.note({ label: one.operation, allow: ANY_ANSWER, isWrite: one.isWrite }, heard)
  })
}

/** A settlement to attack, entered among the answers that the books must hold. */
export async function settled({ client, recorder }: Pick<Attack, 'client' | 'recorder'>) {
  const watched = {
    ...client,
    async send(request: Outgoing) {
      const heard = await client.send(request)
      recorder.note({ label: 'a good settlement', allow: ['201'], isWrite: true }, heard)
      return heard
    },
  }
  return settleOne(watched)
}

const cutAt = (one: Good, length: number): Buffer => jsonOf(one.body).subarray(0, length)

/** Every cut of every body where `n` allows it, else as many of them by chance. */
function* cutsOf(good: readonly Good[], n: number, random: Random) {
  const all = good.flatMap((one) => [...jsonOf(one.body).keys()].map((at) => [one, at] as const))
  if (n >= all.length) yield* all
  else for (let made = 0; made < n; made += 1) yield random.pick(all)
}

async function cuts({ n, random, client, recorder, more }: Attack): Promise<void> {
  const good = goodRequests(await settled({ client, recorder }))
  let cutsMade = 0
  await forEachAtOnce(cutsOf(good, n, random), async ([one, at]) => {
    cutsMade += 1
    const key = one.isWrite ? {} : { key: null }
    const body = cutAt(one, at)
    const signedCut = await client.send(sign({ path: one.path, body, ...key }))
    const label = `${one.operation} cut`
    recorder.note({ label, allow: ['400 syntax-invalid'], isWrite: one.isWrite }, signedCut)
    const whole = sign({ path: one.path, body: one.body, ...key })
    const cutOnTheWay = await client.send({ ...whole, body })
    const allow = ['400 syntax-invalid', '401 signature-invalid']
    recorder.note({ label, allow, isWrite: one.isWrite }, cutOnTheWay)
  })
  more.cuts = cutsMade
  await wrongLengths({ client, recorder, random, good, times: Math.max(6, Math.min(60, n / 20)) })
}

const NEVER_READ = ['400', '400 syntax-invalid', '401 signature-invalid', 'closed']

/** Lengths that are not the body's, and chunks without an end; the sender then hangs up. */
async function wrongLengths({
  client,
  recorder,
  random,
  good,
  times,
}: Pick<Attack, 'client' | 'recorder' | 'random'> & { good: readonly Good[]; times: number }) {
  for (let done = 0; done < times; done += 1) {
    const one = random.pick(good)
    const body = jsonOf(one.body)
    const request = sign({ path: one.path, body, ...(one.isWrite ? {} : { key: null }) })
    const chunk = Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body])
    const shapes: [string, Record<string, string | number>, Buffer][] = [
      ['a length beyond the body', { 'content-length': body.length + 9 }, body],
      ['a length short of the body', { 'content-length': 9 }, body],
      ['chunks without an end', { 'transfer-encoding': 'chunked' }, chunk],
      ['a chunk cut short', { 'transfer-encoding': 'chunked' }, chunk.subarray(0, -5)],
    ]
    for (const [label, headers, bytes] of shapes) {
      const heard = await client.talk([headOf(request, headers), bytes], true)
      recorder.note({ label, allow: NEVER_READ, isWrite: one.isWrite }, heard)
    }
  }
}

export const B1 = overSockets({
  name: 'b1',
  holds: 'a request with anything changed in it is answered, never with an error of ours',
  shortN: 800,
  fullN: 100_000,
  plantFinds: /an error of ours|tells of our insides/,
  attack: envelopes,
})

export const B2 = overSockets({
  name: 'b2',
  holds: 'a body cut at any byte moves nothing, whether the cut or the whole was signed',
  shortN: 400,
  fullN: 1_000_000,
  plantFinds: /an error of ours/,
  attack: cuts,
})
