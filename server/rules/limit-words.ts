/**
 * 限定支付 in codes and in words. A note of a line keeps the code, e.g. `level-min 2`, for ever; what
 * people read is made of it here and nowhere else: receipt, page, catalogue and refusals alike.
 */
import { unreachable } from '../kernel/invariant.ts'
import type { ItemLimit, LineNote } from './types.ts'

export type Language = 'zh' | 'en'

/** A limit as the note of a line keeps it. */
export function limitCode(limit: ItemLimit): string {
  switch (limit.kind) {
    case 'sex':
      return `sex ${limit.sex}`
    case 'age-min':
    case 'age-max':
      return `${limit.kind} ${limit.years}`
    case 'level-min':
      return `level-min ${limit.level}`
    case 'inpatient-only':
    case 'prescription':
      return limit.kind
    case 'diagnosis':
      return `diagnosis ${limit.prefixes.join(' ')}`
    case 'days-supply-max':
      return `days-supply-max ${limit.days}`
    default:
      return unreachable(limit)
  }
}

/** The limit of a code; null where the code is none of ours. */
export function limitOf(code: string): ItemLimit | null {
  const [kind, ...rest] = code.split(' ')
  const figure = Number.parseInt(rest[0] ?? '', 10)
  switch (kind) {
    case 'sex':
      return rest[0] === 'F' || rest[0] === 'M' ? { kind, sex: rest[0] } : null
    case 'age-min':
    case 'age-max':
      return figure >= 0 ? { kind, years: figure } : null
    case 'level-min':
      return figure === 1 || figure === 2 || figure === 3 ? { kind, level: figure } : null
    case 'inpatient-only':
    case 'prescription':
      return { kind }
    case 'diagnosis':
      return { kind, prefixes: rest }
    case 'days-supply-max':
      return figure >= 0 ? { kind, days: figure } : null
    default:
      return null
  }
}

const LEVELS = { zh: ['', '一', '二', '三'], en: ['', 'one', 'two', 'three'] } as const

/** A limit in the catalogue's own words. */
export const limitWords = (limit: ItemLimit, language: Language): string =>
  language === 'zh' ? limitZh(limit) : limitEn(limit)

function limitZh(limit: ItemLimit): string {
  switch (limit.kind) {
    case 'sex':
      return limit.sex === 'F' ? '限女性' : '限男性'
    case 'age-min':
      return `限 ${limit.years} 岁及以上`
    case 'age-max':
      return `限 ${limit.years} 岁及以下`
    case 'level-min':
      return `限${LEVELS.zh[limit.level]}级及以上医疗机构`
    case 'inpatient-only':
      return '限住院'
    case 'prescription':
      return '限凭处方'
    case 'diagnosis':
      return `限诊断 ${limit.prefixes.join('、')}`
    case 'days-supply-max':
      return `限 ${limit.days} 天用量`
    default:
      return unreachable(limit)
  }
}

function limitEn(limit: ItemLimit): string {
  switch (limit.kind) {
    case 'sex':
      return limit.sex === 'F' ? 'for women' : 'for men'
    case 'age-min':
      return `from the age of ${limit.years}`
    case 'age-max':
      return `up to the age of ${limit.years}`
    case 'level-min':
      return `at institutions of level ${LEVELS.en[limit.level]} or above`
    case 'inpatient-only':
      return 'for in-patients'
    case 'prescription':
      return 'on prescription'
    case 'diagnosis':
      return `for the diagnoses ${limit.prefixes.join(', ')}`
    case 'days-supply-max':
      return `for at most ${limit.days} days' supply`
    default:
      return unreachable(limit)
  }
}

/** Why part of a line is not in scope, or not pooled, in a few words. */
export function noteWords({ code, detail }: LineNote, language: Language): string {
  const zh = language === 'zh'
  switch (code) {
    case 'class-c':
      return zh ? '丙类,全自费' : 'class C, wholly your own'
    case 'limit-not-met': {
      const limit = limitOf(detail)
      const named = limit === null ? '' : `${zh ? ':' : ': only '}${limitWords(limit, language)}`
      return `${zh ? '不符合限定支付范围' : 'outside its limit'}${named}`
    }
    case 'over-price-ceiling':
      return zh ? `超过最高支付限价 ${detail} 元` : `above the price ceiling of ${detail} yuan`
    case 'preliminary-share':
      return zh ? `先行自付比例 ${detail}` : `preliminary share of ${detail}`
    case 'no-prescription':
      return zh ? '无处方,不进入统筹' : 'without a prescription, not pooled'
    case 'pharmacy-not-pooled':
      return zh ? '药店购药不进入统筹' : 'pharmacy purchases are not pooled'
    default:
      return unreachable(code)
  }
}
