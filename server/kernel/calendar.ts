/**
 * Days, years and periods. Instants are UTC; service days are days in Asia/Shanghai, which has
 * stood at UTC+8 without summer time since 1992 (decisions.md 16). Periods are half-open.
 */
import { invariant } from './invariant.ts'

declare const brand: unique symbol

/** A calendar day in Asia/Shanghai, `YYYY-MM-DD`; comparable as text. */
export type ServiceDay = string & { readonly [brand]: 'day' }
/** A benefit year; the calendar year unless a policy names another (decisions.md 1). */
export type BenefitYear = number & { readonly [brand]: 'benefit year' }
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number & { readonly [brand]: 'instant' }
/** From a day up to, but not including, another; open-ended where `until` is null. */
export type Period = { readonly from: ServiceDay; readonly until: ServiceDay | null }

const DAY_PATTERN = /^(\d{4})-(\d{2})-(\d{2})$/
const DAY_MS = 86_400_000
const SHANGHAI_OFFSET_MS = 8 * 3_600_000

export function instant(epochMs: number): Instant {
  invariant(Number.isSafeInteger(epochMs), 'an instant is whole milliseconds')
  return epochMs as Instant
}

export const instantText = (at: Instant): string => new Date(at).toISOString()

const INSTANT_PATTERN =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)(Z|[+-]\d{2}(?::\d{2})?)$/

/**
 * Instant from text with a day, a time and a zone, as ISO 8601 or PostgreSQL writes it; null for
 * any other text, a day that the calendar does not have included. `Date.parse` alone would take
 * `2025`, `1 Mar` and the 30th of February.
 */
export function parseInstant(text: string): Instant | null {
  const [, dayText = '', time = '', zone = ''] = INSTANT_PATTERN.exec(text) ?? []
  if (parseDay(dayText) === null) return null
  const at = Date.parse(`${dayText}T${time}${zone.length === 3 ? `${zone}:00` : zone}`)
  return Number.isNaN(at) ? null : instant(at)
}

/** The text as a day that exists in the calendar, or null. */
export function parseDay(text: string): ServiceDay | null {
  if (!DAY_PATTERN.test(text)) return null
  const at = Date.parse(`${text}T00:00:00Z`)
  if (Number.isNaN(at)) return null
  return new Date(at).toISOString().slice(0, 10) === text ? (text as ServiceDay) : null
}

/** A day that is known to be good, such as a literal in a test. */
export function day(text: string): ServiceDay {
  const parsed = parseDay(text)
  invariant(parsed !== null, `${text} is a day of the calendar`)
  return parsed
}

/** The service day of an instant: the day on a wall clock in Asia/Shanghai. */
export const dayOf = (at: Instant): ServiceDay =>
  new Date(at + SHANGHAI_OFFSET_MS).toISOString().slice(0, 10) as ServiceDay

/** The instant at which a day begins in Asia/Shanghai. */
export const startOfDay = (d: ServiceDay): Instant =>
  instant(Date.parse(`${d}T00:00:00Z`) - SHANGHAI_OFFSET_MS)

export const addDays = (d: ServiceDay, days: number): ServiceDay =>
  new Date(Date.parse(`${d}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10) as ServiceDay

export const daysBetween = (from: ServiceDay, until: ServiceDay): number =>
  Math.round((Date.parse(`${until}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS)

/** The calendar year of a day. */
export const benefitYearOf = (d: ServiceDay): BenefitYear =>
  Number.parseInt(d.slice(0, 4), 10) as BenefitYear

export const benefitYear = (year: number): BenefitYear => {
  invariant(Number.isInteger(year) && year >= 1990 && year < 2200, 'a benefit year is a year')
  return year as BenefitYear
}

export const periodCovers = (period: Period, d: ServiceDay): boolean =>
  period.from <= d && (period.until === null || d < period.until)

/** Whole years of age on a day; a birthday counts from its own day on. */
export function ageOn(birthDay: ServiceDay, d: ServiceDay): number {
  const years = benefitYearOf(d) - benefitYearOf(birthDay)
  return d.slice(5) < birthDay.slice(5) ? years - 1 : years
}

/** `2026-11-23 14:05:09` in Asia/Shanghai, for tables and receipts. */
export const localTimeText = (at: Instant): string =>
  new Date(at + SHANGHAI_OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ')
