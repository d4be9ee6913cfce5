/** Keys of personal data at rest for an installation that names none: made once, kept in a file. */
import { randomBytes } from 'node:crypto'
import { readOrMake } from './once-file.ts'

export type StoredKeys = {
  readonly data: Uint8Array
  readonly index: Uint8Array
  /** Of the cards' PINs; files from before there were PINs do not have it. */
  readonly pepper: Uint8Array | undefined
}

/** Reads the keys, or makes them. */
export function loadOrCreateKeys(file: string): StoredKeys {
  const fresh = () => randomBytes(32).toString('hex')
  const stored = readOrMake(file, () => ({ data: fresh(), index: fresh(), pepper: fresh() }))
  const { data, index, pepper } = stored as Record<string, unknown>
  const isPepper = pepper === undefined || typeof pepper === 'string'
  if (typeof data !== 'string' || typeof index !== 'string' || !isPepper) {
    throw new Error(`${file} does not hold the keys; restore it from a backup`)
  }
  return {
    data: Buffer.from(data, 'hex'),
    index: Buffer.from(index, 'hex'),
    pepper: pepper === undefined ? undefined : Buffer.from(pepper, 'hex'),
  }
}
