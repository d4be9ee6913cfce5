/** Identifiers and secrets of the demo area: the same on every machine, and worth nothing. */
import { createHash, createHmac } from 'node:crypto'

/** A UUID (version 8, RFC 9562) made from a name. */
export function demoId(name: string): string {
  const hex = createHash('sha256').update(`demo area 330282/${name}`).digest('hex')
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16)
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

export const demoTerminalId = (label: string): string => demoId(`terminal/${label}`)
export const demoTerminalKeyId = (label: string): string => demoId(`terminal-key/${label}`)
export const demoOperatorId = (code: string): string => demoId(`operator/${code}`)

/** Secret of a demo terminal in hex; known to everybody who has this source. */
export const demoTerminalSecret = (label: string): string =>
  createHmac('sha256', 'demo terminals of area 330282').update(label).digest('hex')
