/** Identity numbers (GB 11643-1999): 18 characters, birth day and sex inside, check digit last. */
import { parseDay, type ServiceDay } from '../kernel/calendar.ts'
import type { FaultCode } from './faults.ts'

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const
const CHECK_CHARACTERS = '10X98765432'

type Read =
  | { readonly ok: true; readonly birthDay: ServiceDay; readonly sex: 'M' | 'F' }
  | { readonly ok: false; readonly code: FaultCode }

const fault = (code: FaultCode): Read => ({ ok: false, code })

/**
 * Reads a number in capitals. A number of 15 digits is refused by rule: those cards are void since
 * 2013-01-01 (居民身份证法, 2011), and completing it would guess the century.
 */
export function readIdNumber(text: string): Read {
  if (/^\d{15}$/.test(text)) return fault('id-number-15-digits')
  const [, year = '', month = '', dayOfMonth = '', order = ''] =
    /^[1-9]\d{5}(\d{4})(\d{2})(\d{2})(\d{3})[\dX]$/.exec(text) ?? []
  if (year === '') return fault('id-number-form')
  const birthDay = parseDay(`${year}-${month}-${dayOfMonth}`)
  if (birthDay === null || birthDay < '1850-01-01') return fault('id-number-form')
  if (checkCharacter(text) !== text.charAt(17)) return fault('id-number-check-digit')
  return { ok: true, birthDay, sex: Number.parseInt(order, 10) % 2 === 1 ? 'M' : 'F' }
}

function checkCharacter(text: string): string {
  const sum = WEIGHTS.reduce((all, weight, at) => all + weight * (text.charCodeAt(at) - 48), 0)
  return CHECK_CHARACTERS.charAt(sum % 11)
}
