/**
 * Where backups lie: a folder of files that are written whole or not at all. With a key every file
 * is encrypted (AES-256-GCM with a key of its own, derived from a salt), and bound to its name, so
 * that neither a flipped byte nor a swapped file goes unseen.
 */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import {
  appendFileSync,
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
} from 'node:fs'
import path from 'node:path'
import { Readable, Transform, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { syncFolder } from '../embedded/data-folder.ts'

export type Stored = { readonly bytes: number; readonly sha256: string }
export type BackupPlace = {
  readonly encrypted: boolean
  /** Stores a file, or parts, under a name such as `wal/0000…`; tells of the stored bytes. */
  put(name: string, source: string | Iterable<Buffer>): Promise<Stored>
  /** Copies out. Throws where the tag does not fit, which shows only at the end. */
  get(name: string, target: string | Writable): Promise<void>
  /** Of the stored bytes as they lie there now; null where the file is missing. */
  checksum(name: string): Promise<Stored | null>
  list(folder: string): string[]
  /** Adds a line to a list that only grows, durably. */
  append(name: string, line: string): void
  lines(name: string): string[]
}

const MAGIC = Buffer.from('MSB1')
const SALT_BYTES = 32
const TAG_BYTES = 16
const ENDING = '.enc'

/** The key in a file of 64 hex digits. */
export function readBackupKey(file: string): Buffer {
  const text = readFileSync(file, 'utf8').trim()
  if (!/^[0-9a-f]{64}$/.test(text)) throw new Error(`${file} does not hold 64 hex digits`)
  return Buffer.from(text, 'hex')
}

export function openPlace(root: string, key: Buffer | null): BackupPlace {
  const fileOf = (name: string): string => path.join(root, key === null ? name : name + ENDING)
  return {
    encrypted: key !== null,
    async put(name, given) {
      const file = fileOf(name)
      mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
      const part = `${file}.${process.pid}.part`
      const digest = createHash('sha256')
      const noting = noted(digest)
      const target = createWriteStream(part, { mode: 0o600, flush: true })
      const source = typeof given === 'string' ? createReadStream(given) : Readable.from(given)
      if (key === null) await pipeline(source, noting, target)
      else await pipeline(source, sealing(key, name), noting, target)
      renameSync(part, file)
      syncFolder(path.dirname(file))
      return { bytes: statSync(file).size, sha256: digest.digest('hex') }
    },
    async get(name, given) {
      const file = fileOf(name)
      const target = typeof given === 'string' ? createWriteStream(given, { mode: 0o600 }) : given
      if (key === null) await pipeline(createReadStream(file), target)
      else await unseal(key, name, file, target)
    },
    async checksum(name) {
      const file = fileOf(name)
      if (!existsSync(file)) return null
      const digest = createHash('sha256')
      for await (const part of createReadStream(file)) digest.update(part as Buffer)
      return { bytes: statSync(file).size, sha256: digest.digest('hex') }
    },
    list(folder) {
      const full = path.join(root, folder)
      if (!existsSync(full)) return []
      const names = readdirSync(full).filter((name) => !name.endsWith('.part'))
      return names.map((name) => (name.endsWith(ENDING) ? name.slice(0, -4) : name)).sort()
    },
    append(name, line) {
      const file = path.join(root, name)
      mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
      appendFileSync(file, `${line}\n`, { mode: 0o600, flush: true })
    },
    lines(name) {
      const file = path.join(root, name)
      if (!existsSync(file)) return []
      return readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    },
  }
}

const noted = (digest: { update(part: Buffer): unknown }): Transform =>
  new Transform({
    transform(part: Buffer, _, done) {
      digest.update(part)
      done(null, part)
    },
  })

function cipherKeys(key: Buffer, salt: Buffer): { key: Buffer; iv: Buffer } {
  const bytes = Buffer.from(hkdfSync('sha256', key, salt, 'settlement backup', 44))
  return { key: bytes.subarray(0, 32), iv: bytes.subarray(32) }
}

/** magic ‖ salt ‖ sealed bytes ‖ tag */
function sealing(key: Buffer, name: string): Transform {
  const salt = randomBytes(SALT_BYTES)
  const own = cipherKeys(key, salt)
  const cipher = createCipheriv('aes-256-gcm', own.key, own.iv).setAAD(Buffer.from(name))
  let begun = false
  return new Transform({
    transform(part: Buffer, _, done) {
      if (!begun) this.push(Buffer.concat([MAGIC, salt]))
      begun = true
      done(null, cipher.update(part))
    },
    flush(done) {
      if (!begun) this.push(Buffer.concat([MAGIC, salt]))
      this.push(cipher.final())
      done(null, cipher.getAuthTag())
    },
  })
}

async function unseal(key: Buffer, name: string, file: string, target: Writable): Promise<void> {
  const size = statSync(file).size
  const first = MAGIC.length + SALT_BYTES
  const handle = openSync(file, 'r')
  const head = Buffer.alloc(first)
  const tag = Buffer.alloc(TAG_BYTES)
  readSync(handle, head, 0, first, 0)
  readSync(handle, tag, 0, TAG_BYTES, Math.max(0, size - TAG_BYTES))
  closeSync(handle)
  if (size < first + TAG_BYTES || !head.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new Error(`${name} is no encrypted backup file`)
  }
  const own = cipherKeys(key, head.subarray(MAGIC.length))
  const open = createDecipheriv('aes-256-gcm', own.key, own.iv)
  open.setAAD(Buffer.from(name)).setAuthTag(tag)
  const end = size - TAG_BYTES - 1
  if (end < first) {
    open.final()
    return pipeline(Readable.from([]), target)
  }
  await pipeline(createReadStream(file, { start: first, end }), open, target)
}
