/**
 * Checkpoints: what the newest seal was, signed, in a file outside of the database. Without them
 * whoever owns the database could cut its newest events together with their seals, or seal anew.
 * One line each, appended and fsynced; the key lies in a file of the installation.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { readOrMake } from '../../db/once-file.ts'
import { isObject } from './json-object.ts'

export type Checkpoint = {
  readonly sealNo: bigint
  readonly lastEventId: bigint
  /** Hash of the seal, in hex. */
  readonly hash: string
  /** ISO 8601 in UTC. */
  readonly at: string
}
/** A line of the file, and whether it is what our key signed. */
export type CheckpointLine = { readonly line: number; readonly checkpoint: Checkpoint | null }

export type CheckpointKey = {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** Beginning of the public key's hash, for a note on paper. */
  readonly fingerprint: string
}

/** The installation's key of checkpoints, made where there is none yet. */
export function loadOrCreateCheckpointKey(file: string): CheckpointKey {
  const fresh = () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    return { privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) }
  }
  const stored = readOrMake(file, fresh)
  if (!isObject(stored) || typeof stored.privateKey !== 'string') {
    throw new Error(`${file} does not hold the key of the audit; restore it from a backup`)
  }
  const privateKey = createPrivateKey(stored.privateKey)
  const publicKey = createPublicKey(privateKey)
  const der = publicKey.export({ type: 'spki', format: 'der' })
  const fingerprint = createHash('sha256').update(der).digest('hex').slice(0, 16)
  return { privateKey, publicKey, fingerprint }
}

const signedText = ({ sealNo, lastEventId, hash, at }: Checkpoint): Buffer =>
  Buffer.from(`settlement-audit-checkpoint/1\n${sealNo}\n${lastEventId}\n${hash}\n${at}\n`)

function lineOf(checkpoint: Checkpoint, key: CheckpointKey): string {
  const signature = sign(null, signedText(checkpoint), key.privateKey).toString('base64')
  const { sealNo, lastEventId, hash, at } = checkpoint
  const facts = { seal: String(sealNo), lastEvent: String(lastEventId), hash, at }
  return `${JSON.stringify({ ...facts, key: key.fingerprint, signature })}\n`
}

function checkpointOf(line: string, key: CheckpointKey): Checkpoint | null {
  let facts: unknown
  try {
    facts = JSON.parse(line)
  } catch {
    return null
  }
  if (!isObject(facts)) return null
  const { seal, lastEvent, hash, at, signature } = facts
  if (![seal, lastEvent, hash, at, signature].every((fact) => typeof fact === 'string')) return null
  if (!/^\d{1,19}$/.test(String(seal)) || !/^\d{1,19}$/.test(String(lastEvent))) return null
  const checkpoint: Checkpoint = {
    sealNo: BigInt(String(seal)),
    lastEventId: BigInt(String(lastEvent)),
    hash: String(hash),
    at: String(at),
  }
  const given = Buffer.from(String(signature), 'base64')
  return verify(null, signedText(checkpoint), key.publicKey, given) ? checkpoint : null
}

/** Every whole line of the file. A torn last line, as a power cut leaves it, is none. */
export function readCheckpoints(file: string, key: CheckpointKey): CheckpointLine[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines
    .slice(0, -1)
    .map((text, index) => ({ line: index + 1, checkpoint: checkpointOf(text, key) }))
}

export type CheckpointFile = {
  readonly newest: () => Checkpoint | null
  /** On disk when it returns. */
  append(checkpoint: Checkpoint): void
}

/** The file, for adding to it; what a power cut tore off its end is taken away first. */
export function openCheckpoints(file: string, key: CheckpointKey): CheckpointFile {
  takeAwayTornLine(file)
  let newest = newestOf(readCheckpoints(file, key))
  return {
    newest: () => newest,
    append(checkpoint) {
      const isNew = !existsSync(file)
      const descriptor = openSync(file, 'a', 0o600)
      try {
        writeSync(descriptor, lineOf(checkpoint, key))
        fsyncSync(descriptor)
      } finally {
        closeSync(descriptor)
      }
      if (isNew) syncFolder(dirname(file))
      newest = checkpoint
    },
  }
}

const newestOf = (lines: readonly CheckpointLine[]): Checkpoint | null =>
  lines.reduce<Checkpoint | null>(
    (found, { checkpoint }) =>
      checkpoint !== null && (found === null || checkpoint.sealNo > found.sealNo)
        ? checkpoint
        : found,
    null,
  )

function takeAwayTornLine(file: string): void {
  if (!existsSync(file)) return
  const content = readFileSync(file)
  const whole = content.lastIndexOf(0x0a) + 1
  if (whole === content.length) return
  const descriptor = openSync(file, 'r+')
  ftruncateSync(descriptor, whole)
  fsyncSync(descriptor)
  closeSync(descriptor)
}

/** A new file is there after a power cut only once its folder is written too. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
}
