/** How large a packed workbook says it becomes, before anything is unpacked. */

const END_SIGNATURE = 0x06054b50
const ENTRY_SIGNATURE = 0x02014b50
const ENTRY_BYTES = 46
const END_BYTES = 22

/** Sum of the unpacked sizes in the central directory; null where that directory is not whole. */
export function unpackedSize(zip: Buffer): number | null {
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end < 0 || end + END_BYTES > zip.length || zip.readUInt32LE(end) !== END_SIGNATURE)
    return null
  const entries = zip.readUInt16LE(end + 10)
  let at = zip.readUInt32LE(end + 16)
  let sum = 0
  for (let entry = 0; entry < entries; entry += 1) {
    if (at + ENTRY_BYTES > zip.length || zip.readUInt32LE(at) !== ENTRY_SIGNATURE) return null
    sum += zip.readUInt32LE(at + 24)
    at += ENTRY_BYTES
    at += zip.readUInt16LE(at - 18) + zip.readUInt16LE(at - 16) + zip.readUInt16LE(at - 14)
  }
  return sum
}
