/** One rule table for hiding personal data on screens, receipts and lists. */

/** Keeps the surname and, from three characters on, the last: 张*, 李*明, 阿***提. */
export function maskName(name: string): string {
  const characters = [...name]
  const [first = ''] = characters
  if (characters.length <= 1) return '*'
  if (characters.length === 2) return `${first}*`
  return `${first}${'*'.repeat(Math.min(characters.length - 2, 6))}${characters.at(-1) ?? ''}`
}

/** Keeps the last four characters of a card or voucher. */
export const maskCard = (number: string): string => `****${number.slice(-4)}`

/** Keeps area and check digits of an ID number: six, nine stars, three. */
export const maskIdNumber = (number: string): string =>
  `${number.slice(0, 6)}*********${number.slice(-3)}`
