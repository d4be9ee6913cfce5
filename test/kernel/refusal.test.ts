import { describe, expect, it } from 'vitest'
import { SITUATIONS } from '../../fixtures/people/situations.ts'
import { done, refused } from '../../server/kernel/outcome.ts'
import {
  foremost,
  REFUSAL_CODES,
  REFUSALS,
  type RefusalCode,
  type RefusalEntry,
  refusal,
  refusalSentence,
} from '../../server/kernel/refusal.ts'

const entryOf = (code: RefusalCode): RefusalEntry => REFUSALS[code]
const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
const paramsFor = (code: RefusalCode): Record<string, string> =>
  Object.fromEntries(placeholders(entryOf(code).zh.join()).map((name) => [name, `<${name}>`]))
const given = (code: RefusalCode) => refusal(code, paramsFor(code))

describe.each(REFUSAL_CODES)('refusal %s', (code) => {
  it('says in Chinese and in English what happened, what of the money and what to do', () => {
    const { zh, en } = entryOf(code)
    expect([zh.length, en.length]).toEqual([3, 3])
    expect(zh.filter((part) => !/\p{Script=Han}/u.test(part))).toEqual([])
    expect(en.filter((part) => !/[a-z]{3}/.test(part) || /\p{Script=Han}/u.test(part))).toEqual([])
  })

  it('has a code in words and a number to quote', () => {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(entryOf(code).number).toMatch(/^E-[A-Z]{3,4}-\d{3}$/)
  })

  it('names in English no particular that the Chinese sentence does not name', () => {
    const { zh, en } = entryOf(code)
    const known = placeholders(zh.join())
    expect(placeholders(en.join()).filter((name) => !known.includes(name))).toEqual([])
  })

  it('leaves no gap in either language once its particulars are given', () => {
    for (const language of ['zh', 'en'] as const) {
      expect(refusalSentence(given(code), language).join()).not.toMatch(/[{}]/)
    }
  })
})

it('a particular that is words is told in the language of the sentence', () => {
  const limits = { line: '2', limit: '限住院', limitEn: 'for in-patients' }
  const outside = refusal('item-outside-limit', limits)
  expect(refusalSentence(outside, 'zh')[0]).toBe('第 2 行超出限定支付范围:限住院')
  expect(refusalSentence(outside, 'en')[0]).toBe('Line 2 is covered only for in-patients')
})

describe('the English of a refusal', () => {
  const whereChineseSays = (words: string): [RefusalCode, string][] =>
    REFUSAL_CODES.filter((code) => entryOf(code).zh.join().includes(words)).map((code) => [
      code,
      entryOf(code).en.join(),
    ])

  it.each([
    ['可自费', /sell for cash/, 6],
    ['自费销售', /sell for cash/, 3],
    ['请勿重复刷卡', /do not swipe the card again/, 2],
    ['请勿当作失败', /do not take it for a failure/, 3],
    ['勿收此卡', /do not accept it; the holder goes to the agency/, 1],
    ['口令', /PIN/, 1],
    ['勿出售', /do not sell|keep this pack back/, 2],
  ])('says as much where the Chinese says %s', (words, wanted, least) => {
    const found = whereChineseSays(words)
    expect(found.length).toBeGreaterThanOrEqual(least)
    expect(found.filter(([, english]) => !wanted.test(english))).toEqual([])
  })
})

it('Chinese texts of refusals and demo cards are punctuated alike', () => {
  const texts = [
    ...REFUSAL_CODES.flatMap((code) => entryOf(code).zh),
    ...SITUATIONS.map((s) => s.zh),
  ]
  expect(texts.filter((text) => /[，；：（）]/.test(text))).toEqual([])
})

describe('the list of refusals', () => {
  it('gives every number once', () => {
    const numbers = REFUSAL_CODES.map((code) => entryOf(code).number)
    expect(numbers.filter((number, index) => numbers.indexOf(number) !== index)).toEqual([])
  })

  it('loses none where its parts are put together', () => {
    expect(REFUSAL_CODES).toHaveLength(new Set(REFUSAL_CODES).size)
    expect(REFUSAL_CODES).toContain('server-busy')
    expect(REFUSAL_CODES).toContain('operation-not-possible')
  })

  it.each([
    ['server-busy', 'signature-invalid'],
    ['signature-invalid', 'schema-invalid'],
    ['schema-invalid', 'institution-without-agreement'],
    ['institution-without-agreement', 'card-unknown'],
    ['card-unknown', 'coverage-arrears'],
    ['coverage-arrears', 'item-unknown'],
  ] as const)('%s is reported before %s, whichever was found first', (first, second) => {
    const both = [given(second), given(first)]
    expect(foremost(both)?.code).toBe(first)
    expect(foremost(both.reverse())?.code).toBe(first)
  })

  it('reports nothing when nothing is wrong', () => {
    expect(foremost([])).toBeNull()
  })

  it('a refusal without a particular that its sentence names is our own mistake', () => {
    expect(() => refusal('card-lost')).toThrow('refusal card-lost is given its since')
  })

  it('puts the particulars where the sentence names them', () => {
    const lost = refusal('card-lost', { since: '2025-03-01' })
    expect(refusalSentence(lost, 'en')[0]).toBe('This card was reported lost on 2025-03-01')
    expect(refusalSentence(lost, 'zh')[0]).toBe('此卡已于 2025-03-01 挂失')
  })

  it('what can be retried unchanged is the fault of nobody at the counter', () => {
    const retryable = REFUSAL_CODES.filter((code) => entryOf(code).retryable)
    const families = new Set(retryable.map((code) => entryOf(code).number.slice(0, 5)))
    expect([...families].sort()).toEqual(['E-REQ', 'E-SIG', 'E-SYS'])
  })
})

describe('outcomes', () => {
  it('are a value or a refusal, never both', () => {
    expect(done(1)).toEqual({ ok: true, value: 1 })
    expect(refused(given('card-unknown'))).toMatchObject({
      ok: false,
      refusal: { code: 'card-unknown' },
    })
  })
})
