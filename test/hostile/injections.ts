/** B11: texts that mean something to a database, a template, a directory, a sheet or a log. */
import { type Attack, forEachAtOnce, overSockets } from './campaign.ts'
import { settled } from './envelopes.ts'
import { changedAt, type Good, goodRequests, placesIn, valueAt } from './good.ts'
import { type Outgoing, sign, withHeaders } from './signing.ts'

/** Longer than any answer may take, so that one that is carried out shows. */
const SLEEP = 12
const PAYLOADS: readonly string[] = [
  ...[
    "' OR '1'='1",
    "' OR 1=1--",
    "'; DROP TABLE settlement;--",
    '" OR ""="',
    "1' UNION SELECT null--",
  ],
  ...[`'; SELECT pg_sleep(${SLEEP})--`, `' || pg_sleep(${SLEEP})--`, `1;SELECT pg_sleep(${SLEEP})`],
  ...[
    `' AND (SELECT 1 FROM pg_sleep(${SLEEP}))::text='1`,
    "'); DELETE FROM journal;--",
    "admin'--",
  ],
  ...[
    "' UNION SELECT secret_cipher FROM terminal_key--",
    "\\'; SELECT 1--",
    '$$; SELECT 1; $$',
    "E'\\x27'",
  ],
  ...[
    '{"$gt":""}',
    '{"$where":"sleep(9999)"}',
    '[$ne]=1',
    "';return true;var a='",
    '$regex',
    '{"$ne":null}',
  ],
  ...[
    '{{7*7}}',
    '\u0024{7*7}',
    '<%= 7*7 %>',
    '#{7*7}',
    '{{constructor.constructor("return 1")()}}',
    '@(1+1)',
  ],
  ...[
    '*)(uid=*))(|(uid=*',
    '*)(&',
    '(cn=*)',
    '\\2a',
    "' or count(/*)=1 or ''='",
    '<!ENTITY x SYSTEM "file:///">',
  ],
  ...["=cmd|'/C calc'!A0", '+1+1', '-2+3', '@SUM(A1)', '=HYPERLINK("http://x")', '\t=1+1', '=1+1'],
  ...[
    'a\r\nb',
    '\n{"level":60,"msg":"forged"}',
    '\u001b[2J\u001b[31m',
    '\r\nSet-Cookie: a=b',
    '%0d%0aX: y',
  ],
  ...[
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    'javascript:alert(1)',
    '<svg/onload=1>',
  ],
  ...[
    '../../../../etc/passwd',
    '..\\..\\win.ini',
    'file:///etc/passwd',
    '/proc/self/environ',
    '%2e%2e%2f',
  ],
  ...['| id', '; id', '`id`', '$(id)', '&& id', '\u0000id', '%s%s%s%n', '\u0024{jndi:ldap://x/a}'],
]

/** A payload may make nonsense of a field, or stand in a text that says anything. */
const ANY_ANSWER = ['200', '201', '400', '401', '403', '404', '405', '409', '415', '422']
const HEADERS = [
  ...['user-agent', 'cookie', 'accept-language', 'referer', 'x-request-id', 'x-forwarded-for'],
  ...[
    'idempotency-key',
    'signature',
    'signature-input',
    'content-digest',
    'content-type',
    'origin',
  ],
] as const
const PATHS = ['/v1/settlements/', '/v1/outcomes/', '/problems/', '/docs/', '/v1/', '/'] as const

type Shot = { readonly label: string; readonly isWrite: boolean; make(): Outgoing }

/** Every payload in every text of every body. */
function* inFields(good: readonly Good[]): Generator<Shot> {
  for (const { operation, path, body, isWrite } of good) {
    const places = placesIn(body).filter((place) => typeof valueAt(body, place) === 'string')
    const key = isWrite ? {} : { key: null }
    for (const place of places) {
      for (const payload of PAYLOADS) {
        const make = () => sign({ path, body: changedAt(body, place, payload), ...key })
        yield { label: `${operation} ${place.join('.')}`, isWrite, make }
      }
    }
  }
}

/** Every payload in headers, paths and queries, signed and not. */
function* around(good: readonly Good[]): Generator<Shot> {
  const [first] = good
  for (const payload of PAYLOADS) {
    const coded = encodeURIComponent(payload)
    for (const path of PATHS) {
      const get = () => sign({ method: 'GET', path: path + coded })
      yield { label: `the path ${path}…`, isWrite: false, make: get }
    }
    for (const query of [`?day=${coded}`, `?day=2026-06-15&cursor=${coded}`, `?${coded}=1`]) {
      const get = () => sign({ method: 'GET', path: '/v1/settlements', query })
      yield { label: 'a query', isWrite: false, make: get }
    }
    // Header lines with a line end cannot be sent as one header; B20 sends them as bytes.
    if (!/^[\t -~]+$/.test(payload) || first === undefined) continue
    for (const name of HEADERS) {
      const honest = () => sign({ path: first.path, body: first.body, key: null })
      const make = () => withHeaders(honest(), { [name]: payload })
      yield { label: `the header ${name}`, isWrite: false, make }
    }
  }
}

async function injections({ n, random, client, recorder, ground, more }: Attack): Promise<void> {
  const good = goodRequests(await settled({ client, recorder }))
  const firstLine = ground.centre.logLines.length
  const all = [...inFields(good), ...around(good)]
  const chosen = n >= all.length ? all : Array.from({ length: n }, () => random.pick(all))
  more.places = all.length
  await forEachAtOnce(chosen, async ({ label, isWrite, make }) => {
    recorder.note({ label, allow: ANY_ANSWER, isWrite }, await client.send(make()))
  })
  const forged = ground.centre.logLines.slice(firstLine).filter((line) => !isOneEntry(line))
  if (forged.length > 0) recorder.fault(`${forged.length} lines of the log are no entry of its own`)
  more.logLines = ground.centre.logLines.length - firstLine
}

/** One JSON object that the server wrote itself, without control characters. */
function isOneEntry(line: string): boolean {
  if ([...line].some((char) => char < ' ' || char === '\u007f')) return false
  try {
    const entry = JSON.parse(line) as { level?: unknown; msg?: unknown }
    return typeof entry.level === 'number' && entry.msg !== 'forged'
  } catch {
    return false
  }
}

export const B11 = overSockets({
  name: 'b11',
  holds: 'a text that another language would carry out is a text, and its line in the log is one',
  shortN: 1_200,
  fullN: 1_000_000,
  plantN: 100,
  plantFinds: /no entry of its own/,
  attack: injections,
})
