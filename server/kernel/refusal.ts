/**
 * The business says no with a value. One numbered list, in order of precedence: when several things
 * are wrong, the first on the list is reported. Each says what happened, what it means for the
 * money and what to do now, in Chinese and English.
 */
import { invariant } from './invariant.ts'
import { ACCESS_REFUSALS } from './refusals/access.ts'
import { CLAIM_REFUSALS } from './refusals/claim.ts'
import { COVERAGE_REFUSALS } from './refusals/coverage.ts'

/** What happened · what it means for the money · what to do now. */
export type RefusalSentence = readonly [what: string, money: string, next: string]
export type RefusalEntry = {
  /** Stable number to quote, e.g. `E-CARD-102`. */
  readonly number: string
  /** Whether the same request may succeed later without being changed. */
  readonly retryable: boolean
  readonly zh: RefusalSentence
  readonly en: RefusalSentence
}

export const REFUSALS = {
  ...ACCESS_REFUSALS,
  ...COVERAGE_REFUSALS,
  ...CLAIM_REFUSALS,
} as const satisfies Record<string, RefusalEntry>

export type RefusalCode = keyof typeof REFUSALS
export const REFUSAL_CODES = Object.keys(REFUSALS) as RefusalCode[]

/**
 * Said at the door, or of this moment only: these are never stored under a key, so that the same
 * request can end otherwise once the cause is gone (decisions.md 5). A till goes on asking after
 * them; stored, they would be its answer for ever.
 */
export const NEVER_STORED: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'server-busy',
  'database-unavailable',
  'internal-error',
  'body-too-large',
  'syntax-invalid',
  'not-found',
  'signature-missing',
  'signature-invalid',
  'signature-stale',
  'nonce-used',
  'rate-limited',
  'key-missing',
  'schema-invalid',
  'key-conflict',
  'key-running',
  'account-busy',
  'terminal-not-enrolled',
  'compensated-before',
  'position-moved',
  'constraint-refused',
  'card-pin-guessing',
])

/** A refusal with the particulars its sentence names, e.g. `{ line: '2', left: '1' }`. */
export type Refusal = {
  readonly code: RefusalCode
  readonly params: Readonly<Record<string, string>>
}

/** Particulars are plain facts of the request; never a name, a card or an ID number. */
export function refusal(code: RefusalCode, params: Record<string, string> = {}): Refusal {
  const wanted = placeholders(REFUSALS[code].zh.join(' '))
  for (const name of wanted) invariant(name in params, `refusal ${code} is given its ${name}`)
  return { code, params }
}

const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')

/**
 * The three sentences in a language, with their particulars filled in. A particular that is words
 * and not a figure is given twice, e.g. as `limit` in Chinese and `limitEn` in English.
 */
export function refusalSentence(given: Refusal, language: 'zh' | 'en'): RefusalSentence {
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => particular(given, name, language))
  const [what, money, next] = REFUSALS[given.code][language]
  return [fill(what), fill(money), fill(next)]
}

const particular = ({ params }: Refusal, name: string, language: 'zh' | 'en'): string =>
  (language === 'en' ? params[`${name}En`] : undefined) ?? params[name] ?? ''

/** Of several refusals the one that stands first in the list. */
export function foremost(refusals: readonly Refusal[]): Refusal | null {
  let first: Refusal | null = null
  for (const candidate of refusals) {
    const before =
      first === null || REFUSAL_CODES.indexOf(candidate.code) < REFUSAL_CODES.indexOf(first.code)
    if (before) first = candidate
  }
  return first
}
