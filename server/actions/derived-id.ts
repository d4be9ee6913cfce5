import { createHash } from 'node:crypto'

/**
 * A UUID of version 8 that follows from a text: whoever derives it again gets the same, so that
 * what is written under it can be written once only.
 */
export function derivedId(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`]
  return [...parts, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')
}
