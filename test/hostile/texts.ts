/** B9, B10 and B25: names and words of every script, identity numbers, codes that look alike. */
import { claimFor, ITEMS, situation } from '../support/area.ts'
import { type Attack, forEachAtOnce, overSockets } from './campaign.ts'
import type { Client, Heard } from './client.ts'
import { sign } from './signing.ts'

const SETTLE = '/v1/settlements'

const TEXTS: readonly string[] = [
  ...[
    '𠮷野家',
    '\u{20BB7}',
    '\u{2A6A5}\u{2A6A5}',
    '\uE000\uE863',
    '阿卜杜拉·买买提',
    '阿卜杜拉•买买提',
  ],
  ...[
    '\u202Eevil',
    'a\u200Fb',
    'a\u200Bb',
    '\uFEFFa',
    'a\u00ADb',
    'e\u0301',
    '\u1112\u1161\u11AB',
    'ﬁ',
  ],
  ...['👩‍👩‍👧‍👦', '🇨🇳', '\u{1F468}\u{1F3FD}', 'Å', 'Ω', '㎏', '⁠', '\u2028', '\u2029', '\u0085'],
  ...['长'.repeat(64), '𠮷'.repeat(32), '\u0301\u0301', '\u0007', '\u001b[31m', '\uFFFF', '\uFFFD'],
  ...["O'Brien", 'a"b\\c', '\\u0000', '%00', '&lt;b&gt;', '\t', ' a ', 'ß', 'İ', 'ı'],
]
const NO_TEXTS: readonly string[] = [
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfff',
  'a\ud83d',
  '\udc00\ud800',
]

async function names({ n, random, client, recorder }: Attack): Promise<void> {
  await namedPeople(client, recorder)
  const cases = Array.from({ length: n }, (_, index) => index)
  const oneByOne = 1 // One person buys all of it, and two sales of one person meet.
  const tell = async (index: number) => {
    const holdsNone = index % 5 === 4
    const text = random.pick(holdsNone ? NO_TEXTS : TEXTS)
    const body = claimFor('big-balance', [{ item: 'plain' }], {
      prescription: { number: text, prescriber: text },
    })
    const heard = await client.send(sign({ path: SETTLE, body }))
    const label = `the text ${JSON.stringify(text).slice(0, 24)}`
    if (holdsNone) {
      recorder.note({ label, allow: ['400 syntax-invalid'], isWrite: true }, heard)
      return
    }
    const check = (answer: Heard) => keptFault(answer.text, text)
    recorder.note({ label, allow: ['201'], isWrite: true, check }, heard)
    if (heard.status !== 201 || index % 3 > 0) return
    const { settlementId } = JSON.parse(heard.text) as { settlementId: string }
    const path = `${SETTLE}/${settlementId}`
    const viewed = await client.send(sign({ method: 'GET', path }))
    const viewCheck = ({ text: view }: Heard) =>
      keptFault(JSON.stringify((JSON.parse(view) as { settlement: unknown }).settlement), text)
    recorder.note({ label: `${label}, read again`, allow: ['200'], check: viewCheck }, viewed)
  }
  await forEachAtOnce(cases, tell, oneByOne)
}

/** Stored and answered as it came, but for the one normal form (NFC). */
function keptFault(answer: string, text: string): string | null {
  const { prescriptionNumber } = JSON.parse(answer) as { prescriptionNumber: string }
  return prescriptionNumber === text.normalize('NFC') ? null : 'came back as another text'
}

/** Rare characters and dots in the names of persons come from their file as they stand. */
async function namedPeople(client: Client, recorder: Attack['recorder']): Promise<void> {
  for (const key of ['rare-name-jie', 'rare-name-extension-b', 'dotted-name']) {
    const { name, cardNumber } = situation(key)
    const identity = { kind: 'card', number: cardNumber }
    const { operatorCode } = claimFor(key, [])
    const body = { identity, serviceKind: 'pharmacy', operatorCode }
    const heard = await client.send(sign({ path: '/v1/entitlement-checks', body, key: null }))
    const check = ({ text }: Heard) =>
      (JSON.parse(text) as { person: { name: string } | null }).person?.name === name
        ? null
        : 'has another name'
    recorder.note({ label: `the person ${key}`, allow: ['200'], check }, heard)
  }
}

const ODD_FORM = ['400 schema-invalid']
const NOBODY = ['422 card-unknown']
const own = situation('retired').idNumber
const otherCheck = own.endsWith('1') ? '2' : '1'

/** Fifteen digits are none of ours: numbers were all changed to eighteen by 2013. */
const ID_NUMBERS: readonly (readonly [string, readonly string[], string])[] = [
  ['a wrong check digit', NOBODY, own.slice(0, 17) + otherCheck],
  ['a small x', ODD_FORM, `${own.slice(0, 17)}x`],
  ['fifteen digits', ODD_FORM, own.slice(0, 6) + own.slice(8, 17)],
  ['the thirtieth of February', NOBODY, `${own.slice(0, 6)}19900230001X`],
  ['a month of thirteen', NOBODY, `${own.slice(0, 6)}199013010010`],
  ['a birth to come', NOBODY, `${own.slice(0, 6)}209901010010`],
  ['a birth long ago', NOBODY, `${own.slice(0, 6)}180001010010`],
  [
    'full-width digits',
    ODD_FORM,
    [...own].map((c) => String.fromCodePoint(0xfee0 + c.charCodeAt(0))).join(''),
  ],
  ['Arabic digits', ODD_FORM, '٣٣٠٢٨٢١٩٩٠٠١٠١٠٠١٠'],
  ['a space before', ODD_FORM, ` ${own}`],
  ['a line end behind', ODD_FORM, `${own}\n`],
  ['nineteen digits', ODD_FORM, `${own}0`],
  ['letters', ODD_FORM, 'ABCDEFGHIJKLMNOPQR'],
  ['nothing', ODD_FORM, ''],
  ['no area', NOBODY, `000000${own.slice(6)}`],
]

async function identityNumbers({ n, client, recorder }: Attack): Promise<void> {
  const cases = Array.from({ length: n }, (_, i) => ID_NUMBERS[i % ID_NUMBERS.length])
  await forEachAtOnce(cases, async (one) => {
    const [label, allow, number] = one ?? ['', [], '']
    const identity = { kind: 'id-number' as const, number, reason: '卡片读不出' }
    const body = claimFor('retired', [{ item: 'plain' }], { identity })
    recorder.note({ label, allow, isWrite: true }, await client.send(sign({ path: SETTLE, body })))
  })
}

const fullWidth = (text: string): string =>
  [...text].map((c) => String.fromCodePoint(0xfee0 + c.charCodeAt(0))).join('')
const CODE = ITEMS.plain.code
const UNKNOWN = ['422 item-unknown', '400 schema-invalid']

const LOOKALIKES: readonly (readonly [string, readonly string[], string])[] = [
  ['full-width letters', ODD_FORM, fullWidth(CODE)],
  ['small letters', UNKNOWN, CODE.toLowerCase()],
  ['a zero before', UNKNOWN, `0${CODE}`],
  ['a zero behind', UNKNOWN, `${CODE}0`],
  ['a Cyrillic letter', ODD_FORM, CODE.replace('A', 'А')],
  ['one for I', UNKNOWN, CODE.replaceAll('I', '1')],
  ['a small l for I', UNKNOWN, CODE.replaceAll('I', 'l')],
  ['a space behind', ODD_FORM, `${CODE} `],
  ['a space before', ODD_FORM, ` ${CODE}`],
  ['another dash', ODD_FORM, CODE.replace('-', '‐')],
  ['a long dash', ODD_FORM, CODE.replace('-', '–')],
  ['no dash', UNKNOWN, CODE.replace('-', '')],
  ['a joiner inside', ODD_FORM, CODE.replace('-', '-\u200D')],
  ['a line end', ODD_FORM, `${CODE}\n`],
  ['NUL behind', ['400 syntax-invalid'], `${CODE}\u0000`],
  ['the version of another year', ['422 item-expired'], ITEMS.expired.code],
  ['an item not in the price list', ['422 item-not-mapped'], ITEMS.unmapped.code],
  ['a part of the code', UNKNOWN, CODE.slice(0, -1)],
  ['a wildcard', ODD_FORM, 'ITEM-%'],
  ['an underscore for any letter', ODD_FORM, 'ITEM_PLAIN'],
]

/** The code of an item, or of an operator, whose code begins with the institution's. */
async function lookalikes({ n, client, recorder }: Attack): Promise<void> {
  const cases = Array.from({ length: n }, (_, index) => index)
  await forEachAtOnce(cases, async (index) => {
    const claim = claimFor('retired', [{ item: 'plain' }])
    if (index % 4 === 3) {
      const { operatorCode } = claim
      const alike = [fullWidth(operatorCode), operatorCode.replace('0', 'O'), `0${operatorCode}`]
      const label = 'an operator that looks alike'
      const allow = ['400 schema-invalid', '403 operator-unknown']
      const body = { ...claim, operatorCode: alike[index % alike.length] ?? '' }
      recorder.note(
        { label, allow, isWrite: true },
        await client.send(sign({ path: SETTLE, body })),
      )
      return
    }
    const [label, allow, itemCode] = LOOKALIKES[index % LOOKALIKES.length] ?? ['', [], '']
    const body = { ...claim, lines: claim.lines.map((line) => ({ ...line, itemCode })) }
    recorder.note({ label, allow, isWrite: true }, await client.send(sign({ path: SETTLE, body })))
  })
}

export const B9 = overSockets({
  name: 'b9',
  holds: 'a text is kept as it was written, or refused where it cannot be kept',
  shortN: 120,
  fullN: 500,
  plantFinds: /came back as another text|answered 200/,
  attack: names,
})
export const B10 = overSockets({
  name: 'b10',
  holds: 'an identity number that is none finds nobody',
  shortN: ID_NUMBERS.length,
  fullN: 1_500,
  plantFinds: /answered 200/,
  attack: identityNumbers,
})
export const B25 = overSockets({
  name: 'b25',
  holds: 'a code that looks like another is never read as it',
  shortN: 100,
  fullN: 500,
  plantFinds: /answered 200/,
  attack: lookalikes,
})
