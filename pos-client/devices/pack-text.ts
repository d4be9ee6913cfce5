/**
 * Batch and last day of goods (批号 / 有效期至) as a pharmacist reads them off the pack. Not covered:
 * the GS1 DataMatrix that carries both.
 */
import type { Batch } from '../../server/contract/claims.ts'
import { parseDay } from '../../server/kernel/calendar.ts'

const EXPIRY = /^(20\d{2})[-./年]?(\d{2})[-./月]?(\d{2})?日?$/

/**
 * The last day of use: 2028-07-31, 20280731 or 2028.07.31; 2028-07, 202807 or 2028.07 mean the last
 * day of that month. Null for any other text.
 */
export function expiryIn(text: string): string | null {
  const [, year, month, date] = EXPIRY.exec(text.replace(/\s/g, '')) ?? []
  const dates = date === undefined ? ['31', '30', '29', '28'] : [date]
  const days = dates.map((one) => `${year}-${month}-${one}`)
  return days.find((one) => parseDay(one) !== null) ?? null
}

/** What two fields name: a batch, nothing at all, or something that cannot stand. */
export function batchIn(number: string, expiry: string): Batch | null | 'wrong' {
  if (number === '' && expiry === '') return null
  const expiresOn = expiryIn(expiry)
  return number === '' || expiresOn === null ? 'wrong' : { number, expiresOn }
}
