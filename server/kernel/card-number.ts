/** Numbers of social-security cards (社会保障卡号), and the check digit they share with others. */

/** Check digit of a digit string after Luhn (ISO/IEC 7812-1, annex B). */
export function luhnDigit(digits: string): string {
  let total = 0
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48
    const doubled = index % 2 === 0 ? digit * 2 : digit
    total += doubled > 9 ? doubled - 9 : doubled
  }
  return String((10 - (total % 10)) % 10)
}

/**
 * Whether a card may bear this number: 18 digits, the first a 7, which begins no identity number,
 * and the last the Luhn digit of the others.
 */
export const isCardNumber = (text: string): boolean =>
  /^7\d{17}$/.test(text) && luhnDigit(text.slice(0, 17)) === text.charAt(17)
