import { describe, expect, it } from 'vitest'
import { explainSteps } from '../../server/rules/explain.ts'
import { limitCode, limitOf, limitWords, noteWords } from '../../server/rules/limit-words.ts'
import type { ItemLimit } from '../../server/rules/types.ts'
import { adjudicateDemo, claim, line, WHO } from './claims.ts'

const LIMITS: [limit: ItemLimit, code: string, zh: string, en: string][] = [
  [{ kind: 'sex', sex: 'F' }, 'sex F', '限女性', 'for women'],
  [{ kind: 'sex', sex: 'M' }, 'sex M', '限男性', 'for men'],
  [{ kind: 'age-min', years: 18 }, 'age-min 18', '限 18 岁及以上', 'from the age of 18'],
  [{ kind: 'age-max', years: 14 }, 'age-max 14', '限 14 岁及以下', 'up to the age of 14'],
  [
    { kind: 'level-min', level: 2 },
    'level-min 2',
    '限二级及以上医疗机构',
    'at institutions of level two or above',
  ],
  [{ kind: 'inpatient-only' }, 'inpatient-only', '限住院', 'for in-patients'],
  [{ kind: 'prescription' }, 'prescription', '限凭处方', 'on prescription'],
  [
    { kind: 'diagnosis', prefixes: ['I10', 'E11'] },
    'diagnosis I10 E11',
    '限诊断 I10、E11',
    'for the diagnoses I10, E11',
  ],
  [
    { kind: 'days-supply-max', days: 7 },
    'days-supply-max 7',
    '限 7 天用量',
    "for at most 7 days' supply",
  ],
]

describe('a limit of the catalogue', () => {
  it.each(LIMITS)('%j is kept as %s and read as %s, %s', (limit, code, zh, en) => {
    expect(limitCode(limit)).toBe(code)
    expect(limitOf(code)).toEqual(limit)
    expect([limitWords(limit, 'zh'), limitWords(limit, 'en')]).toEqual([zh, en])
    const note = { code: 'limit-not-met', detail: code } as const
    expect(noteWords(note, 'zh')).toBe(`不符合限定支付范围:${zh}`)
    expect(noteWords(note, 'en')).toBe(`outside its limit: only ${en}`)
  })

  it.each(['', 'sex', 'sex X', 'level-min 4', 'level-min', 'age-min x', 'moon-phase 3'])(
    'the code %j is none of ours, and a note of it still reads',
    (detail) => {
      expect(limitOf(detail)).toBeNull()
      expect(noteWords({ code: 'limit-not-met', detail }, 'zh')).toBe('不符合限定支付范围')
    },
  )
})

describe('what a person reads of a line', () => {
  const lines = [
    line({ lineNo: 1, price: '40', limits: [{ kind: 'level-min', level: 3 }] }),
    line({ lineNo: 2, price: '30', catalogueClass: 'C' }),
    line({ lineNo: 3, price: '20', catalogueClass: 'B', preliminary: '0.1', ceiling: '15' }),
  ]
  const result = adjudicateDemo(claim({ lines, prescription: false }), WHO['active, 33'], {})
  const notes = result.lines.flatMap((one) => one.notes)

  it('the explanation names the line and its limit, in words', () => {
    expect(explainSteps(result, 'zh').at(-1)).toBe(
      '第 1 行不符合限定支付范围:限三级及以上医疗机构。',
    )
    expect(explainSteps(result, 'en').at(-1)).toBe(
      'Line 1: outside its limit: only at institutions of level three or above.',
    )
  })

  it('no note shows a code: Chinese in Chinese, English in English', () => {
    expect(new Set(notes.map(({ code }) => code)).size).toBeGreaterThan(3)
    for (const note of notes) {
      expect(noteWords(note, 'zh')).toMatch(/^[\p{Script=Han}\d.,: 、]+$/u)
      expect(noteWords(note, 'en')).toMatch(/^[A-Za-z\d.,: ]+$/)
    }
  })
})
