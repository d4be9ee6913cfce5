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

/** A phrase with its particulars, e.g. `word('age', { age: '61' })`. */
export const word = (key: WordKey, particulars: Record<string, string> = {}): string =>
  DICTIONARIES[language][key].replace(/\{(\w+)\}/g, (_, name: string) => particulars[name] ?? '')
