/**
 * One journal record on disk: `length checksum payload` and a line end, length in eight hex digits
 * (bytes of the payload), checksum the first sixteen hex digits of the payload's SHA-256. A person
 * can read the file; a machine can tell a whole record from a torn one.
 */
import { createHash } from 'node:crypto'

const HEADER_BYTES = 26
const HEADER_PATTERN = /^[0-9a-f]{8} [0-9a-f]{16} $/
const LINE_END = 0x0a
/** No record comes near this; a longer length is damage. */
const PAYLOAD_BYTES_MAX = 8 * 1024 * 1024

const checksumOf = (payload: Uint8Array): string =>
  createHash('sha256').update(payload).digest('hex').slice(0, 16)

export function frameOf(payload: string): Uint8Array {
  const bytes = Buffer.from(payload, 'utf8')
  const header = `${bytes.length.toString(16).padStart(8, '0')} ${checksumOf(bytes)} `
  return Buffer.concat([Buffer.from(header, 'latin1'), bytes, Buffer.of(LINE_END)])
}

/** The record that begins at an offset, or null where none does in full. */
function readFrame(bytes: Buffer, offset: number): { payload: string; next: number } | null {
  const header = bytes.toString('latin1', offset, offset + HEADER_BYTES)
  if (!HEADER_PATTERN.test(header)) return null
  const length = Number.parseInt(header.slice(0, 8), 16)
  const start = offset + HEADER_BYTES
  const end = start + length
  if (length > PAYLOAD_BYTES_MAX || end >= bytes.length || bytes[end] !== LINE_END) return null
  const payload = bytes.subarray(start, end)
  if (checksumOf(payload) !== header.slice(9, 25)) return null
  return { payload: payload.toString('utf8'), next: end + 1 }
}

export type FramesRead = {
  readonly payloads: readonly string[]
  /** Bytes that belong to no whole record: a torn tail, or damage in the middle. */
  readonly damagedBytes: number
}

/** Every whole record of a file. Damage is stepped over line by line: what follows it is kept. */
export function readFrames(content: Uint8Array): FramesRead {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  const payloads: string[] = []
  let damagedBytes = 0
  let offset = 0
  while (offset < bytes.length) {
    const frame = readFrame(bytes, offset)
    if (frame === null) {
      const lineEnd = bytes.indexOf(LINE_END, offset)
      const next = lineEnd < 0 ? bytes.length : lineEnd + 1
      damagedBytes += next - offset
      offset = next
    } else {
      payloads.push(frame.payload)
      offset = frame.next
    }
  }
  return { payloads, damagedBytes }
}
