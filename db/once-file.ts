/** Small files that are made once and then kept, such as keys and passwords nobody chose. */
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

/**
 * The file's content, or what `make` gives where there is none yet. Readable by the owner only, and
 * whole or not there at all: it is written beside and linked into place, so that two processes at
 * once end with one and the same file.
 */
export function readOrMake(file: string, make: () => unknown): unknown {
  if (!existsSync(file)) create(file, `${JSON.stringify(make())}\n`)
  return JSON.parse(readFileSync(file, 'utf8'))
}

function create(file: string, text: string): void {
  const beside = `${file}.${process.pid}`
  writeFileSync(beside, text, { mode: 0o600 })
  try {
    linkSync(beside, file)
  } catch (error) {
    if (!existsSync(file)) throw error
  } finally {
    rmSync(beside)
  }
}
