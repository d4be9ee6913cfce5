/** B3 and B4: too much of everything. What the server keeps of it is measured from outside. */
import { gzipSync } from 'node:zlib'
import { claimFor } from '../support/area.ts'
import { type Attack, overSockets } from './campaign.ts'
import { headOf } from './client.ts'
import { type Outgoing, sign, withHeaders } from './signing.ts'

const SETTLE = '/v1/settlements'
const MEGABYTE = 2 ** 20
const HUNDRED_MB = 100 * MEGABYTE
const PIECE = Buffer.alloc(64 * 1024, 0x20)

const claim = () => claimFor('retired', [{ item: 'plain' }])
const good = (): Outgoing => sign({ path: SETTLE, body: claim() })

function* pieces(bytes: number): Generator<Buffer> {
  for (let sent = 0; sent < bytes; sent += PIECE.length) yield PIECE
}
function* inChunks(bytes: number): Generator<string | Buffer> {
  const size = `${PIECE.length.toString(16)}\r\n`
  for (const piece of pieces(bytes)) {
    yield size
    yield piece
    yield '\r\n'
  }
  yield '0\r\n\r\n'
}
function* after(head: string, rest: Iterable<string | Buffer>): Generator<string | Buffer> {
  yield head
  yield* rest
}

/** The sender may still be sending when the refusal leaves, and then sees only the end. */
const TOO_LARGE = ['413 body-too-large', 'closed']
const NO_LENGTH = ['400', 'closed']

const bodyPieces = (): Iterable<Buffer> => [Buffer.from(JSON.stringify(claim()))]
const SHAPES: [string, readonly string[], () => Iterable<string | Buffer>][] = [
  [
    '100 MB announced',
    TOO_LARGE,
    () => after(headOf(good(), { 'content-length': HUNDRED_MB }), pieces(HUNDRED_MB)),
  ],
  [
    '100 MB in chunks',
    TOO_LARGE,
    () => after(headOf(good(), { 'transfer-encoding': 'chunked' }), inChunks(HUNDRED_MB)),
  ],
  [
    'a length in words',
    NO_LENGTH,
    () => after(headOf(good(), { 'content-length': 'abc' }), bodyPieces()),
  ],
  [
    'a negative length',
    NO_LENGTH,
    () => after(headOf(good(), { 'content-length': -1 }), bodyPieces()),
  ],
]

/** 100 MB of nothing, packed into as little as it will go. */
const bomb = (): Outgoing =>
  withHeaders(sign({ path: SETTLE, body: gzipSync(Buffer.alloc(HUNDRED_MB)) }), {
    'content-encoding': 'gzip',
  })

async function bodies({ n, client, recorder, ground, more, limits }: Attack): Promise<void> {
  const zipped = bomb()
  let mostMb = 0
  const { rssMb: startMb } = await ground.centre.figures()
  for (let sent = 0; sent < n; sent += 1) {
    const shape = SHAPES[sent % (SHAPES.length + 1)]
    if (shape === undefined) {
      const allow = ['415 schema-invalid', '413 body-too-large']
      recorder.note({ label: 'a gzip bomb', allow, isWrite: true }, await client.send(zipped))
    } else {
      const [label, allow, parts] = shape
      recorder.note({ label, allow, isWrite: true }, await client.talk(parts()))
    }
    mostMb = Math.max(mostMb, (await ground.centre.figures()).rssMb - startMb)
  }
  more.rssMostMb = Math.round(mostMb)
  if (mostMb > limits.rssMb) recorder.fault(`memory rose by ${Math.round(mostMb)} MB at most`)
}

const text = (length: number): string => 'x'.repeat(length)
const manyKeys = (count: number): string =>
  `{${Array.from({ length: count }, (_, index) => `"k${index}":0`).join(',')}}`
const withLines = (lines: string): string =>
  JSON.stringify({ ...claim(), lines: 0 }).replace('"lines":0', `"lines":${lines}`)

/** Each as large as it is wanted, and once more as large as just fits. */
const HEAVY: [string, readonly string[], () => string][] = [
  ['100,000 brackets', ['400 syntax-invalid'], () => '['.repeat(100_000)],
  ['100,000 brackets closed', ['400 syntax-invalid'], () => '['.repeat(1e5) + ']'.repeat(1e5)],
  ['objects in objects', ['400 syntax-invalid'], () => '{"a":'.repeat(40_000)],
  ['a million keys', TOO_LARGE, () => manyKeys(1_000_000)],
  ['as many keys as fit', ['400 schema-invalid'], () => manyKeys(22_000)],
  ['a text of 10 MB', TOO_LARGE, () => JSON.stringify({ a: text(10 * MEGABYTE) })],
  ['a text that fits', ['400 schema-invalid'], () => JSON.stringify({ a: text(250_000) })],
  ['a million lines', TOO_LARGE, () => withLines(`[${'{},'.repeat(999_999)}{}]`)],
  ['as many lines as fit', ['400 schema-invalid'], () => withLines(`[${'{},'.repeat(80_000)}{}]`)],
  ['escapes that fit', ['400 syntax-invalid'], () => `"${'\\'.repeat(250_000)}`],
  ['quotes that fit', ['400 syntax-invalid'], () => '"'.repeat(250_001)],
]

async function heavy({ n, client, recorder, ground, more, limits }: Attack): Promise<void> {
  let mostMs = 0
  for (let sent = 0; sent < n; sent += 1) {
    const [label, allow, make] = HEAVY[sent % HEAVY.length] as (typeof HEAVY)[number]
    const request = sign({ path: SETTLE, body: make() })
    const before = await ground.centre.figures()
    const heard = await client.send(request)
    const spentMs = (await ground.centre.figures()).cpuMs - before.cpuMs
    recorder.note({ label, allow, isWrite: true }, heard)
    mostMs = Math.max(mostMs, spentMs)
    if (spentMs > limits.cpuMs) recorder.fault(`${label}: ${Math.round(spentMs)} ms of processor`)
  }
  more.cpuMostMs = Math.round(mostMs)
}

export const B3 = overSockets({
  name: 'b3',
  holds: 'a body beyond the limit is refused at the limit and never kept',
  shortN: 10,
  fullN: 250,
  plantN: 2,
  plantFinds: /memory rose/,
  attack: bodies,
})

export const B4 = overSockets({
  name: 'b4',
  holds: 'depth, breadth and length cost little and reach nobody',
  shortN: 11,
  fullN: 1_100,
  plantN: 3,
  plantFinds: /an error of ours|answered 200/,
  attack: heavy,
})
