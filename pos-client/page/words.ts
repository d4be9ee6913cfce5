/** The words of the page in the language chosen. */
import { EN } from './words-en.ts'
import { ZH } from './words-zh.ts'

export type Language = 'zh' | 'en'
export type WordKey = keyof typeof ZH

const DICTIONARIES: Record<Language, Record<WordKey, string>> = { zh: ZH, en: EN }
let language: Language = localStorage.getItem('language') === 'en' ? 'en' : 'zh'

export const currentLanguage = (): Language => language

export function chooseLanguage(chosen: Language): void {
  language = chosen
  localStorage.setItem('language', chosen)
  document.documentElement.lang = chosen === 'zh' ? 'zh-CN' : 'en'
}

const PARTICULAR = /\{(\w+)\}/
const escaped = (literal: string): string => literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** What was said in the other language, in the chosen one; as it was where it is none of ours. */
export function reworded(text: string): string {
  const before = DICTIONARIES[language === 'zh' ? 'en' : 'zh']
  const keys = Object.keys(before) as WordKey[]
  // Whole phrases first: a phrase with particulars might fit them too.
  for (const key of keys.sort(
    (a, b) => before[a].split('{').length - before[b].split('{').length,
  )) {
    const parts = before[key].split(PARTICULAR)
    const pattern = parts.map((part, at) => (at % 2 === 0 ? escaped(part) : '(.*)')).join('')
    const found = new RegExp(`^${pattern}$`, 's').exec(text)
    if (found === null) continue
    const names = parts.filter((_, at) => at % 2 === 1)
    return word(key, Object.fromEntries(names.map((name, at) => [name, found[at + 1] ?? ''])))
  }
  return text
}

/** A phrase with its particulars, e.g. `word('age', { age: '61' })`. */
export const word = (key: WordKey, particulars: Record<string, string> = {}): string =>
  DICTIONARIES[language][key].replace(/\{(\w+)\}/g, (_, name: string) => particulars[name] ?? '')
