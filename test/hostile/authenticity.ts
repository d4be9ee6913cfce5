/** B14, B15 and B16: messages sent again, borrowed or altered; clocks that are off; odd keys. */
import { contentDigestOf } from '../../server/contract/signature.ts'
import { newId } from '../../server/kernel/ids.ts'
import { cashierOf, claimFor, OTHER_SHOP, SHOP, terminalOf } from '../support/area.ts'
import { type Attack, forEachAtOnce, overSockets } from './campaign.ts'
import { type Heard, headOf } from './client.ts'
import { createdAt, type Outgoing, sign, type Terminal, TILL, withHeaders } from './signing.ts'

const SETTLE = '/v1/settlements'
const SECOND_TILL: Terminal = terminalOf(SHOP, 2)
const OTHER_TILL: Terminal = terminalOf(OTHER_SHOP, 1)
const FORGED = ['401 signature-invalid']
const USED = ['401 nonce-used']

/** A claim that is refused by the business: it has an answer to store, and moves no money. */
const claim = () => claimFor('arrears', [{ item: 'plain' }])
const good = (wish: { key?: string; nonce?: string; terminal?: Terminal } = {}): Outgoing =>
  sign({ path: SETTLE, body: claim(), ...wish })

const replaced = (request: Outgoing, name: string, from: string | RegExp, to: string): Outgoing =>
  withHeaders(request, { [name]: (request.headers[name] ?? '').replace(from, to) })

type Fraud = readonly [label: string, allow: readonly string[], make: (first: Outgoing) => Outgoing]

/** What can be made of a message that was seen on the wire. */
const FRAUDS: readonly Fraud[] = [
  ['the whole message again', USED, (first) => first],
  ['the nonce with a new body', USED, (first) => good({ nonce: nonceOf(first) })],
  [
    'the body changed',
    FORGED,
    (first) => ({
      ...first,
      body: Buffer.from(JSON.stringify({ ...claim(), totalExpense: '1.00' })),
    }),
  ],
  [
    'the body changed and its digest too',
    FORGED,
    (first) => {
      const body = Buffer.from(JSON.stringify({ ...claim(), totalExpense: '1.00' }))
      return withHeaders({ ...first, body }, { 'content-digest': contentDigestOf(body) })
    },
  ],
  [
    'the time edited',
    FORGED,
    (first) => replaced(first, 'signature-input', /created=\d+/, `created=${createdAt(1)}`),
  ],
  [
    'the key id of another till',
    FORGED,
    (first) => replaced(first, 'signature-input', TILL.keyId, SECOND_TILL.keyId),
  ],
  [
    'the nonce edited',
    FORGED,
    (first) => replaced(first, 'signature-input', /nonce="[^"]+"/, `nonce="${newId()}"`),
  ],
  [
    'another key of the same sale',
    FORGED,
    (first) => withHeaders(first, { 'idempotency-key': newId() }),
  ],
  [
    'the signature stripped',
    ['401 signature-missing'],
    (first) => withHeaders(first, { signature: undefined }),
  ],
  [
    'its input stripped',
    ['401 signature-missing'],
    (first) => withHeaders(first, { 'signature-input': undefined }),
  ],
  ['the digest stripped', FORGED, (first) => withHeaders(first, { 'content-digest': undefined })],
  [
    'no algorithm',
    FORGED,
    (first) => replaced(first, 'signature-input', /alg="[^"]+"/, 'alg="none"'),
  ],
  ['another algorithm', FORGED, (first) => replaced(first, 'signature-input', 'sha256', 'sha512')],
  [
    'fewer components',
    FORGED,
    (first) => replaced(first, 'signature-input', ' "idempotency-key"', ''),
  ],
  [
    'no path among the components',
    FORGED,
    (first) => replaced(first, 'signature-input', ' "@path"', ''),
  ],
  [
    'components twice',
    FORGED,
    (first) => replaced(first, 'signature-input', '"@path"', '"@path" "@path"'),
  ],
  ['an empty signature', FORGED, (first) => withHeaders(first, { signature: 'sig=::' })],
  ['another label', FORGED, (first) => replaced(first, 'signature', 'sig=', 'sig2=')],
  ['at another address', FORGED, (first) => ({ ...first, path: '/v1/presettlements' })],
  ['with a query', FORGED, (first) => ({ ...first, query: '?a=1' })],
  [
    'signed with no secret',
    FORGED,
    () => good({ terminal: { ...TILL, secret: new Uint8Array(32) } }),
  ],
  [
    "signed with another shop's secret",
    FORGED,
    () => good({ terminal: { ...TILL, keyId: terminalOf(OTHER_SHOP, 2).keyId } }),
  ],
  ['a key that never was', FORGED, () => good({ terminal: { ...TILL, keyId: newId() } })],
]

const nonceOf = (request: Outgoing): string =>
  /nonce="([^"]+)"/.exec(request.headers['signature-input'] ?? '')?.[1] ?? ''

async function replays({ n, client, recorder }: Attack): Promise<void> {
  const first = good()
  const refused = { allow: ['422 coverage-arrears'], isWrite: true }
  const told = await client.send(first)
  recorder.note({ label: 'the first of all', ...refused }, told)
  await forEachAtOnce(
    Array.from({ length: n }, (_, index) => index),
    async (index) => {
      const [label, allow, make] = FRAUDS[index % FRAUDS.length] as Fraud
      recorder.note({ label, allow, isWrite: true }, await client.send(make(first)))
    },
  )
  await honestRepetition({ client, recorder }, first, told)
}

/** Signed anew, the same key and body get the stored answer; another body under it is refused. */
async function honestRepetition(
  { client, recorder }: Pick<Attack, 'client' | 'recorder'>,
  first: Outgoing,
  told: Heard,
): Promise<void> {
  const key = first.headers['idempotency-key'] ?? ''
  const again = await client.send(sign({ path: SETTLE, body: first.body, key }))
  const check = ({ text, headers }: Heard) =>
    text === told.text && headers['idempotency-replayed'] === 'true' ? null : 'has another answer'
  recorder.note(
    { label: 'the same sale again', allow: ['422 coverage-arrears'], isWrite: true, check },
    again,
  )
  const other = await client.send(
    sign({ path: SETTLE, body: { ...claim(), diagnoses: ['I10'] }, key }),
  )
  recorder.note(
    { label: 'another sale under its key', allow: ['422 key-conflict'], isWrite: true },
    other,
  )
  const elsewhere = await client.send(
    sign({
      path: '/v1/compensations',
      body: { originalKey: newId(), operatorCode: cashierOf(SHOP), reason: '冲正' },
      key,
    }),
  )
  recorder.note(
    { label: 'its key elsewhere', allow: ['422 key-conflict'], isWrite: true },
    elsewhere,
  )
  const independent = await client.send(
    sign({ path: SETTLE, body: first.body, key, terminal: SECOND_TILL }),
  )
  recorder.note(
    { label: 'its key at another till', allow: ['422 coverage-arrears'], isWrite: true },
    independent,
  )
  const { operatorCode } = claimFor('arrears', [], { at: OTHER_SHOP })
  const other2 = await client.send(
    sign({ path: SETTLE, body: { ...claim(), operatorCode }, key, terminal: OTHER_TILL }),
  )
  recorder.note(
    { label: 'its key at another shop', allow: ['422 coverage-arrears'], isWrite: true },
    other2,
  )
}

const STALE = ['401 signature-stale']
const CREATED: readonly (readonly [number, readonly string[]])[] = [
  ...[-301, -302, -3_600, -86_400, 61, 62, 3_600, 86_400].map(
    (s) => [createdAt(s), STALE] as const,
  ),
  ...[-300, -299, 0, 59, 60].map((s) => [createdAt(s), ['422 coverage-arrears']] as const),
  [0, STALE],
  [1, STALE],
  [9_999_999_999_999, STALE],
  [10_000_000_000_000, STALE.concat(FORGED)],
  [100_000_000_000_000, FORGED],
]
const NO_TIMES = [
  'now',
  '-1',
  '1e9',
  '0x10',
  '',
  '1.5',
  '2026-06-15T02:00:00Z',
  '１７８１',
  'NaN',
  '+1',
  '01x',
]

async function clocks({ n, client, recorder }: Attack): Promise<void> {
  const total = CREATED.length + NO_TIMES.length
  await forEachAtOnce(
    Array.from({ length: n }, (_, index) => index % total),
    async (index) => {
      const known = CREATED[index]
      if (known !== undefined) {
        const [createdS, allow] = known
        const check = ({ headers, status }: Heard) =>
          status === 401 && allow === STALE && headers['server-time'] !== '2026-06-15T02:00:00.000Z'
            ? 'does not say the time of the centre'
            : null
        const heard = await client.send(sign({ path: SETTLE, body: claim(), createdS }))
        recorder.note({ label: `made at ${createdS}`, allow, isWrite: true, check }, heard)
        return
      }
      const text = NO_TIMES[index - CREATED.length] ?? ''
      const request = replaced(good(), 'signature-input', /created=\d+/, `created=${text}`)
      const bytes = [
        headOf(request, { 'content-length': request.body?.length ?? 0 }),
        request.body ?? '',
      ]
      const allow = [...FORGED, '400', 'closed']
      recorder.note({ label: `made at ${text}`, allow, isWrite: true }, await client.talk(bytes))
    },
  )
}

const KEYS: readonly (readonly [string, string | null])[] = [
  ['missing', null],
  ['empty', ''],
  ['256 characters', 'x'.repeat(256)],
  ['in capitals', newId().toUpperCase()],
  ['a number', '17'],
  ['a UUID in braces', `{${newId()}}`],
  ['two of them', `${newId()}, ${newId()}`],
  ['a UUID of no version', '00000000-0000-0000-0000-000000000000'],
  ['with a space behind', `${newId()} x`],
]

async function keys({ n, client, recorder }: Attack): Promise<void> {
  await forEachAtOnce(
    Array.from({ length: n }, (_, index) => index),
    async (index) => {
      const [label, key] = KEYS[index % KEYS.length] ?? ['', null]
      const heard = await client.send(sign({ path: SETTLE, body: claim(), key }))
      recorder.note({ label: `a key ${label}`, allow: ['400 key-missing'], isWrite: true }, heard)
    },
  )
  for (const [label, value] of [
    ['of other scripts', '键键键'],
    ['with a line end', 'a\r\nx-other: b'],
    ['with NUL', 'a\u0000b'],
  ] as const) {
    const request = good()
    const spoiled = withHeaders(request, { 'idempotency-key': value })
    const head = headOf(spoiled, { 'content-length': request.body?.length ?? 0 })
    // What is no HTTP is answered and closed; an answer may be lost on the way to who still sends.
    const allow = ['400', '400 key-missing', '401 signature-invalid', 'closed']
    const heard = await client.talk([head, request.body ?? ''])
    recorder.note({ label: `a key ${label}`, allow, isWrite: true }, heard)
  }
}

export const B14 = overSockets({
  name: 'b14',
  holds: 'a message that was sent before, borrowed or altered has no effect',
  shortN: FRAUDS.length * 8,
  fullN: FRAUDS.length * 1_000,
  plantFinds: /answered 200/,
  attack: replays,
})
export const B15 = overSockets({
  name: 'b15',
  holds: 'a message made too early or too late is refused with the time of the centre',
  shortN: CREATED.length + NO_TIMES.length,
  fullN: 3_000,
  plantFinds: /answered 200/,
  attack: clocks,
})
export const B16 = overSockets({
  name: 'b16',
  holds: 'a write without a key of its own is not begun',
  shortN: KEYS.length * 3,
  fullN: KEYS.length * 100,
  plantFinds: /answered 200/,
  attack: keys,
})
