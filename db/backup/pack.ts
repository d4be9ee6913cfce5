/** Many small files as one stream: before each a line with its name and length. */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import path from 'node:path'
import { Writable } from 'node:stream'

const CHUNK_BYTES = 1024 * 1024

/** A table may be dropped while it is copied: then it is left out, as the WAL will have it too. */
export function* packed(folder: string, names: readonly string[]): Generator<Buffer> {
  for (const name of names) {
    const handle = openUnlessGone(path.join(folder, name))
    if (handle === null) continue
    try {
      yield* oneFile(handle, name)
    } finally {
      closeSync(handle)
    }
  }
}

function openUnlessGone(file: string): number | null {
  try {
    return openSync(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** As long as it was when it was opened; what is cut off meanwhile is zeros, which WAL mends. */
function* oneFile(handle: number, name: string): Generator<Buffer> {
  const bytes = fstatSync(handle).size
  yield Buffer.from(`${JSON.stringify({ name, bytes })}\n`)
  for (let left = bytes; left > 0; ) {
    const part = Buffer.alloc(Math.min(left, CHUNK_BYTES))
    readSync(handle, part, 0, part.length, bytes - left)
    yield part
    left -= part.length
  }
}

/** Writes the files of a pack into a folder; `onFile` is told of each, e.g. to give it away. */
export function unpacking(folder: string, onFile: (file: string) => void): Writable {
  let head: Buffer = Buffer.alloc(0)
  let handle = -1
  let left = 0
  let file = ''
  const endFile = (): void => {
    closeSync(handle)
    handle = -1
    onFile(file)
  }
  const begin = (line: string): void => {
    const { name, bytes } = JSON.parse(line) as { name: string; bytes: number }
    if (path.posix.normalize(name) !== name || name.startsWith('.') || name.startsWith('/')) {
      throw new Error(`${name} is no name inside a data folder`)
    }
    file = path.join(folder, name)
    handle = openSync(file, 'w', 0o600)
    left = bytes
    if (left === 0) endFile()
  }
  const take = (given: Buffer): void => {
    let part = handle < 0 ? Buffer.concat([head, given]) : given
    head = Buffer.alloc(0)
    while (part.length > 0) {
      if (handle < 0) {
        const end = part.indexOf(10)
        if (end < 0) {
          head = part
          return
        }
        begin(part.toString('utf8', 0, end))
        part = part.subarray(end + 1)
        continue
      }
      const own = part.subarray(0, left)
      writeSync(handle, own)
      left -= own.length
      part = part.subarray(own.length)
      if (left === 0) endFile()
    }
  }
  return new Writable({
    write(part: Buffer, _, done) {
      take(part)
      done()
    },
    final(done) {
      done(handle < 0 && head.length === 0 ? null : new Error('the pack ends in the middle'))
    },
  })
}
