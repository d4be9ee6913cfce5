/** Keys of personal data at rest for an installation that names none: made once, kept in a file. */
import { randomBytes } from 'node:crypto'
import { readOrMake } from './once-file.ts'

export type StoredKeys = { readonly data: Uint8Array; readonly index: Uint8Array }

/** Reads the keys, or makes them. */
export function loadOrCreateKeys(file: string): StoredKeys {
  const fresh = () => randomBytes(32).toString('hex')
  const stored = readOrMake(file, () => ({ data: fresh(), index: fresh() }))
  const { data, index } = stored as Record<string, unknown>
  if (typeof data !== 'string' || typeof index !== 'string') {
    throw new Error(`${file} does not hold the keys; restore it from a backup`)
  }
  return { data: Buffer.from(data, 'hex'), index: Buffer.from(index, 'hex') }
}
