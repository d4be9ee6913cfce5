/** Keys of personal data at rest for an installation that names none: made once, kept in a file. */
import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

export type StoredKeys = { readonly data: Uint8Array; readonly index: Uint8Array }

/** Reads the keys, or makes them: readable by the owner only, and whole or not there at all. */
export function loadOrCreateKeys(file: string): StoredKeys {
  if (!existsSync(file)) create(file)
  const stored: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const { data, index } = stored as Record<string, unknown>
  if (typeof data !== 'string' || typeof index !== 'string') {
    throw new Error(`${file} does not hold the keys; restore it from a backup`)
  }
  return { data: Buffer.from(data, 'hex'), index: Buffer.from(index, 'hex') }
}

/** Written beside and linked into place: two processes at once end with one and the same file. */
function create(file: string): void {
  const beside = `${file}.${process.pid}`
  const fresh = () => randomBytes(32).toString('hex')
  writeFileSync(beside, `${JSON.stringify({ data: fresh(), index: fresh() })}\n`, { mode: 0o600 })
  try {
    linkSync(beside, file)
  } catch (error) {
    if (!existsSync(file)) throw error
  } finally {
    rmSync(beside)
  }
}
