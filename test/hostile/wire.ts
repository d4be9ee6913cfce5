/** B20: what HTTP allows, half allows and forbids, as bytes on the socket. */
import { claimFor } from '../support/area.ts'
import { type Attack, forEachAtOnce, overSockets } from './campaign.ts'
import { type Heard, headOf } from './client.ts'
import { type Outgoing, sign } from './signing.ts'

const SETTLE = '/v1/settlements'
const READ = '/v1/presettlements'
const REFUSED = ['400', 'closed']
const NOT_FOUND = ['404 not-found']
const NO_METHOD = ['405 not-found']

type Odd = readonly [label: string, allow: readonly string[], parts: () => (string | Buffer)[]]

const body = (): Buffer => Buffer.from(JSON.stringify(claimFor('retired', [{ item: 'plain' }])))
const write = (bytes: Buffer): Outgoing => sign({ path: SETTLE, body: bytes })
const get = (): Outgoing => sign({ method: 'GET', path: '/v1/catalogue' })

/** A write with headers of its own beside the good ones; it must not be carried out. */
const withFraming = (label: string, headers: string, after = ''): Odd => [
  label,
  [...REFUSED, '413 body-too-large', '400 syntax-invalid', '401 signature-invalid'],
  () => {
    const bytes = body()
    return [headOf(write(bytes)).replace('\r\n\r\n', `\r\n${headers}\r\n\r\n`), bytes, after]
  },
]
const line = (text: string, allow: readonly string[]): Odd => [
  text.slice(0, 60),
  allow,
  () => [headOf(get(), {}, text)],
]
const withHeader = (name: string, value: string, allow: readonly string[]): Odd => [
  `${name}: ${value.slice(0, 30)}`,
  allow,
  () => [headOf(get(), { [name]: value })],
]

const SMUGGLED = 'GET /v1/nowhere HTTP/1.1\r\nhost: x\r\n\r\n'

const FRAMING: readonly Odd[] = [
  withFraming('two lengths', 'content-length: 5\r\ncontent-length: 6'),
  withFraming('two lengths in one', 'content-length: 5, 6'),
  withFraming('a length and chunks', 'content-length: 5\r\ntransfer-encoding: chunked', SMUGGLED),
  withFraming('chunks and a length', 'transfer-encoding: chunked\r\ncontent-length: 5', SMUGGLED),
  withFraming('chunks spelled wrong', 'transfer-encoding: xchunked\r\ncontent-length: 5', SMUGGLED),
  withFraming('chunks twice', 'transfer-encoding: chunked, chunked'),
  withFraming('chunks, then identity', 'transfer-encoding: chunked, identity', SMUGGLED),
  withFraming('chunks behind a tab', 'transfer-encoding:\tchunked\r\ncontent-length: 5', SMUGGLED),
  withFraming('a space before the colon', 'content-length : 5', SMUGGLED),
  withFraming('a folded header', 'x-a: b\r\n transfer-encoding: chunked'),
  withFraming('a length with a sign', 'content-length: +5'),
  withFraming('a length in hex', 'content-length: 0x5'),
  withFraming('a header without a name', ': 5'),
  withFraming('NUL in a header', 'x-a: b\u0000c'),
  withFraming('a bare return in a header', 'x-a: b\rc'),
]

const METHODS: readonly Odd[] = [
  ...['TRACE', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'PROPFIND', 'SEARCH', 'PURGE'].map(
    (method) => line(`${method} ${SETTLE} HTTP/1.1`, [...NO_METHOD, '405', ...REFUSED]),
  ),
  line('CONNECT centre:443 HTTP/1.1', REFUSED),
  line('BREW /v1/catalogue HTTP/1.1', REFUSED),
  line('get /v1/catalogue HTTP/1.1', [...REFUSED, ...NO_METHOD]),
  withHeader('x-http-method-override', 'DELETE', ['200']),
  withHeader('x-method-override', 'POST', ['200']),
]

const TARGETS: readonly Odd[] = [
  line('GET //v1/catalogue HTTP/1.1', NOT_FOUND),
  line('GET /v1//catalogue HTTP/1.1', NOT_FOUND),
  line('GET /v1/catalogue. HTTP/1.1', NOT_FOUND),
  line('GET /v1/catalogue/ HTTP/1.1', NOT_FOUND),
  line('GET /v1/CATALOGUE HTTP/1.1', NOT_FOUND),
  line('GET /v1/catalogue%00 HTTP/1.1', NOT_FOUND),
  line('GET /v1/%2e%2e/v1/catalogue HTTP/1.1', ['401 signature-invalid', ...NOT_FOUND]),
  line('GET /v1/x/../catalogue HTTP/1.1', ['401 signature-invalid', ...NOT_FOUND]),
  line('GET /v1/catalogue;a=b HTTP/1.1', NOT_FOUND),
  line('GET /docs/..%2f..%2fpackage.json HTTP/1.1', NOT_FOUND),
  line('GET /docs/%2e%2e/%2e%2e/etc/passwd HTTP/1.1', NOT_FOUND),
  line('GET /v1/%ff%fe HTTP/1.1', NOT_FOUND),
  line('GET /v1/%E0%A4%A HTTP/1.1', NOT_FOUND),
  line('GET http://elsewhere/v1/catalogue HTTP/1.1', ['200']),
  line('GET http:///v1/catalogue HTTP/1.1', [...REFUSED, ...NOT_FOUND, '401 signature-invalid']),
  line('GET file:///etc/passwd HTTP/1.1', [...REFUSED, ...NOT_FOUND]),
  line('GET v1/catalogue HTTP/1.1', [...REFUSED, ...NOT_FOUND]),
  line('GET * HTTP/1.1', [...REFUSED, ...NOT_FOUND]),
  line('OPTIONS * HTTP/1.1', [...REFUSED, ...NOT_FOUND]),
  line('GET ?a=b HTTP/1.1', [...REFUSED, ...NOT_FOUND]),
  line(`GET /${'a'.repeat(15_000)} HTTP/1.1`, NOT_FOUND),
  line(`GET /${'a'.repeat(60_000)} HTTP/1.1`, ['431', 'closed']),
]

const VERSIONS: readonly Odd[] = [
  ['HTTP/0.9', REFUSED, () => ['GET /v1/catalogue\r\n\r\n']],
  line('GET /v1/catalogue HTTP/1.0', ['200']),
  // Node reads the number and answers as HTTP/1.1, which is all that it speaks.
  line('GET /v1/catalogue HTTP/2.0', ['200', ...REFUSED]),
  line('GET /v1/catalogue HTTP/9.9', REFUSED),
  ['the preface of HTTP/2', REFUSED, () => ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']],
  ['a TLS hello', REFUSED, () => [Buffer.from([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]), '\r\n\r\n']],
  ['noise', REFUSED, () => [Buffer.from(Array.from({ length: 64 }, (_, i) => (i * 37) % 256))]],
  ['line ends without return', ['200', ...REFUSED], () => [headOf(get()).replaceAll('\r\n', '\n')]],
]

const HEADERS: readonly Odd[] = [
  ['no host', REFUSED, () => [headOf(get()).replace('host: centre\r\n', '')]],
  ['two hosts', [...REFUSED, '200'], () => [headOf(get()).replace('\r\n', '\r\nhost: other\r\n')]],
  ...['', 'elsewhere.example', 'a b', '[::', '%00', 'a@b:c', 'x'.repeat(10_000), '../..'].map(
    (host) => withHeader('host', host, ['200', '400']),
  ),
  withHeader('x-forwarded-for', '127.0.0.1', ['200']),
  withHeader('x-forwarded-host', 'elsewhere', ['200']),
  withHeader('x-forwarded-proto', 'https', ['200']),
  withHeader('forwarded', 'for=127.0.0.1;proto=https', ['200']),
  withHeader('x-original-url', '/metrics', ['200']),
  withHeader('x-rewrite-url', '/metrics', ['200']),
  withHeader('upgrade', 'h2c', ['200', ...REFUSED]),
  withHeader('expect', 'what', ['417', '200', ...REFUSED]),
  withHeader('range', 'bytes=0-18446744073709551615', ['200']),
  withHeader('x-long', 'x'.repeat(1_000_000), ['431', 'closed']),
  [
    '10,000 headers',
    ['431', 'closed'],
    () => {
      const many = Array.from({ length: 10_000 }, (_, index) => `x-${index}: a`).join('\r\n')
      return [headOf(get()).replace('\r\n\r\n', `\r\n${many}\r\n\r\n`)]
    },
  ],
]
const ODD = [...FRAMING, ...METHODS, ...TARGETS, ...VERSIONS, ...HEADERS]

/** One request, one answer: a second one would be the answer to what was smuggled in. */
const oneAnswer = ({ text }: Heard): string | null =>
  text.includes('HTTP/1.1 ') ? 'two answers to one request' : null

async function wire({ n, client, recorder }: Attack): Promise<void> {
  const cases = Array.from({ length: n }, (_, index) => ODD[index % ODD.length] as Odd)
  await forEachAtOnce(cases, async ([label, allow, parts]) => {
    const heard = await client.talk(parts(), true)
    recorder.note({ label, allow, check: oneAnswer }, heard)
  })
  const read = sign({ path: READ, body: body(), key: null })
  const heard = await client.send(read)
  recorder.note({ label: 'a good request afterwards', allow: ['200'] }, heard)
}

export const B20 = overSockets({
  name: 'b20',
  holds: 'what HTTP does not allow is refused, and one request never becomes two',
  shortN: ODD.length,
  fullN: ODD.length * 100,
  plantN: ODD.length,
  plantFinds: /two lengths: an error of ours/,
  attack: wire,
})
