/** B5, B6 and B7: JSON that is none or says two things, amounts that are none, odd quantities. */
import { cashierOf, claimFor, ITEMS, newCodes, SHOP } from '../support/area.ts'
import { type Attack, forEachAtOnce, overSockets } from './campaign.ts'
import { settled } from './envelopes.ts'
import { type Good, goodRequests } from './good.ts'
import { sign } from './signing.ts'

const SETTLE = '/v1/settlements'
const SYNTAX = ['400 syntax-invalid']
const OPERATOR = /"operatorCode":"[^"]*"/

const putting = (token: string) => (text: string) =>
  Buffer.from(text.replace(OPERATOR, `"operatorCode":${token}`))
const inside = (more: string) => (text: string) => Buffer.from(text.replace('{', `{${more},`))

/** What is done to the text of a good body, and what must be said to it. */
const ODDITIES: [string, readonly string[], (text: string) => Buffer][] = [
  ['a key given twice', SYNTAX, (text) => Buffer.from(text.replace(OPERATOR, '$&,$&'))],
  ['a key given twice, once escaped', SYNTAX, inside('"\\u006fperatorCode":"x"')],
  ...['1E400', '-1E400', '1e400'].map(
    (token): [string, readonly string[], (text: string) => Buffer] => [
      token,
      SYNTAX,
      putting(token),
    ],
  ),
  ...['01', 'NaN', 'Infinity', '-Infinity', '+1', '.5', '1.', '0x10', "'x'", 'undefined', '-'].map(
    (token): [string, readonly string[], (text: string) => Buffer] => [
      token,
      SYNTAX,
      putting(token),
    ],
  ),
  ['-0 is a number like 0, and no text', ['400 schema-invalid'], putting('-0')],
  ['a mark of byte order', SYNTAX, (text) => Buffer.from(`\uFEFF${text}`)],
  ['UTF-16', SYNTAX, (text) => Buffer.from(text, 'utf16le')],
  ['UTF-16 with its mark', SYNTAX, (text) => Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ['no UTF-8', SYNTAX, (text) => Buffer.concat([Buffer.from(text), Buffer.from([0xc0, 0xaf])])],
  ['text behind the end', SYNTAX, (text) => Buffer.from(`${text}x`)],
  ['a second value', SYNTAX, (text) => Buffer.from(text + text)],
  ['a comma too many', SYNTAX, (text) => Buffer.from(text.replace(/}$/, ',}'))],
  ['a comment', SYNTAX, (text) => Buffer.from(text.replace('{', '{/* no */'))],
  ['a comment to the end', SYNTAX, (text) => Buffer.from(`${text}// no`)],
  ['NUL behind the end', SYNTAX, (text) => Buffer.from(`${text}\u0000`)],
  ['NUL in a text', SYNTAX, putting('"C\\u0000"')],
  ['half a character', SYNTAX, putting('"\\ud800"')],
  ['a bare line end in a text', SYNTAX, putting('"a\nb"')],
  ['the key __proto__', SYNTAX, inside('"__proto__":{"polluted":true}')],
  ['the key __proto__, escaped', SYNTAX, inside('"\\u005f_proto__":{"polluted":true}')],
  ['the key constructor', SYNTAX, inside('"constructor":{"prototype":{"polluted":true}}')],
  ['nothing', SYNTAX, () => Buffer.alloc(0)],
  ['only space', SYNTAX, () => Buffer.from('  \n')],
  ['no object', ['400 schema-invalid'], () => Buffer.from('[]')],
  ['null', ['400 schema-invalid'], () => Buffer.from('null')],
]

async function oddJson({ n, client, recorder }: Attack): Promise<void> {
  const id = await settled({ client, recorder })
  const good = goodRequests(id).filter(({ body }) => 'operatorCode' in body)
  function* cases(): Generator<[Good, (typeof ODDITIES)[number]]> {
    for (let made = 0; made < n; made += 1) {
      const one = good[Math.floor(made / ODDITIES.length) % good.length]
      const oddity = ODDITIES[made % ODDITIES.length]
      if (one !== undefined && oddity !== undefined) yield [one, oddity]
    }
  }
  await forEachAtOnce(cases(), async ([{ path, body, isWrite }, [label, allow, change]]) => {
    const key = isWrite ? {} : { key: null }
    const request = sign({ path, body: change(JSON.stringify(body)), ...key })
    recorder.note({ label, allow, isWrite }, await client.send(request))
  })
}

const NO_AMOUNTS: readonly string[] = [
  ...['1e1000000000', '0x10', '0b1', '1_000', 'Infinity', '-Infinity', 'NaN', '+1', ' 1 ', '１２'],
  ...[
    '1,000',
    '1.',
    '.5',
    '',
    '-',
    '--1',
    '1.234',
    '00',
    '01.00',
    '1e2',
    '٣',
    '一',
    '1\n',
    '1\u2028',
  ],
  ...['-', '0.', '1.0.0', '10^3', '1/2', '99999999999999.00', '１２.００', '壹', '1e-7', '0o17'],
  ...['0'.repeat(200_000), '9'.repeat(200_000), `1.${'0'.repeat(200_000)}`],
]
const A_MILLION_DIGITS = '9'.repeat(1_000_000)

/** An amount in one of its places, in a question and in a settlement. */
async function noAmounts({ n, random, client, recorder, ground, more }: Attack): Promise<void> {
  const start = await ground.centre.figures()
  const cases = Array.from({ length: n }, () => (random.below(100) === 0 ? A_MILLION_DIGITS : null))
  await forEachAtOnce(cases, async (huge) => {
    const text = huge ?? random.pick(NO_AMOUNTS)
    const isWrite = random.below(2) === 0
    const claim = claimFor('retired', [{ item: 'plain' }])
    const [line] = claim.lines
    const body =
      random.below(2) === 0
        ? { ...claim, totalExpense: text }
        : { ...claim, lines: [{ ...line, amount: text }] }
    const path = isWrite ? SETTLE : '/v1/presettlements'
    const request = sign({ path, body, ...(isWrite ? {} : { key: null }) })
    const allow = huge === null ? ['400 schema-invalid'] : ['413 body-too-large', 'closed']
    recorder.note(
      { label: `the amount ${text.slice(0, 16)}`, allow, isWrite },
      await client.send(request),
    )
  })
  const spentMs = (await ground.centre.figures()).cpuMs - start.cpuMs
  more.cpuPerRequestMs = Math.round((spentMs / n) * 100) / 100
}

const operatorCode = cashierOf(SHOP)
type Odd = readonly [label: string, allow: readonly string[], path: string, body: unknown]

const claimWith = (change: Readonly<Record<string, unknown>>, total?: string): unknown => {
  const claim = claimFor('retired', [{ item: 'plain' }])
  const lines = [{ ...claim.lines[0], ...change }]
  return { ...claim, lines, ...(total === undefined ? {} : { totalExpense: total }) }
}
const NO_QUANTITY = ['422 quantity-invalid']
const NO_PRICE = ['422 price-invalid', '422 line-amount-differs']
const HIGHEST = '9999999999999.99'

const QUANTITIES = [
  '-1',
  '-0',
  '-0.5',
  '0',
  '0.0',
  '1000000000000',
  '0.0000001',
  '1.00001',
  '10000',
]
const PRICES = ['-1', '-0', '0', '1000000000000', '0.0000001', '10.0010001', '99999999999']

const oddFigures = (settlementId: string): Odd[] => {
  const returns = `${SETTLE}/${settlementId}/returns`
  const back = (quantity: unknown) => ({
    operatorCode,
    reason: '退药',
    lines: [{ lineNo: 1, quantity, traceCodes: [] }],
  })
  const sold = (units: unknown) => ({
    operatorCode,
    lines: [
      { lineNo: 1, itemCode: ITEMS.traced.code, unit: 'pack', units, traceCodes: newCodes(1) },
    ],
  })
  const many = Array.from({ length: 200 }, (_, index) => ({
    ...claimFor('retired', [{ item: 'plain' }]).lines[0],
    lineNo: index + 1,
    amount: HIGHEST,
  }))
  const highest = { quantity: '9999', unitPrice: '1000000', amount: '9999000000.00' }
  return [
    ...QUANTITIES.map((quantity): Odd => [quantity, NO_QUANTITY, SETTLE, claimWith({ quantity })]),
    ...PRICES.map((unitPrice): Odd => [unitPrice, NO_PRICE, SETTLE, claimWith({ unitPrice })]),
    ['the highest price times the most', NO_PRICE, SETTLE, claimWith(highest, '9999000000.00')],
    [
      'amounts that cannot be added up',
      NO_PRICE,
      SETTLE,
      { ...claimFor('retired', []), lines: many },
    ],
    ['a total of all money', ['422 total-differs'], SETTLE, claimWith({}, HIGHEST)],
    [
      'a negative sale',
      NO_QUANTITY,
      SETTLE,
      claimWith({ quantity: '-1', amount: '-10.00' }, '-10.00'),
    ],
    ...['-1', '1e12', '0.00001', '1000000000'].map(
      (quantity): Odd => [`${quantity} back`, ['400 schema-invalid'], returns, back(quantity)],
    ),
    ...['0', '0.0'].map(
      (quantity): Odd => [`${quantity} back`, NO_QUANTITY, returns, back(quantity)],
    ),
    ['more back than sold', ['422 return-exceeds-sale'], returns, back('3')],
    ...[-1, 0, 10_001, 1.5, '1'].map(
      (units): Odd => [
        `${units} packs`,
        ['400 schema-invalid'],
        '/v1/trace-code-sales',
        sold(units),
      ],
    ),
  ]
}

async function odd({ n, client, recorder }: Attack): Promise<void> {
  const list = oddFigures(await settled({ client, recorder }))
  const cases = Array.from({ length: n }, (_, index) => list[index % list.length] as Odd)
  await forEachAtOnce(cases, async ([label, allow, path, body]) => {
    const heard = await client.send(sign({ path, body }))
    recorder.note({ label, allow, isWrite: true }, heard)
  })
}

export const B5 = overSockets({
  name: 'b5',
  holds: 'JSON that is none, or says two things at once, is refused as such',
  shortN: ODDITIES.length * 3,
  fullN: ODDITIES.length * 16,
  plantFinds: /an error of ours|answered 200/,
  attack: oddJson,
})
export const B6 = overSockets({
  name: 'b6',
  holds: 'a text that is no amount is refused before it is computed with',
  shortN: 200,
  fullN: 1_000,
  plantFinds: /answered 200/,
  attack: noAmounts,
})
export const B7 = overSockets({
  name: 'b7',
  holds: 'no line has a negative, empty or endless quantity or price',
  shortN: 66,
  fullN: 1_000,
  plantFinds: /answered 200/,
  attack: odd,
})
