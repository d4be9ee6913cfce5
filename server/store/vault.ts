/**
 * Personal data at rest (decisions.md 22): AES-256-GCM for what must be read again, a keyed hash
 * (blind index) for exact search. Keys are handed in; they never stand in the database.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import { invariant } from '../kernel/invariant.ts'

export type VaultKeys = { readonly data: Uint8Array; readonly index: Uint8Array }

export type Vault = {
  encrypt(text: string): Buffer
  decrypt(cipher: Uint8Array): string
  encryptBytes(plain: Uint8Array): Buffer
  decryptBytes(cipher: Uint8Array): Buffer
  /** Blind index of a text: equal texts give equal bytes, nothing else can be told. */
  blindIndex(text: string): Buffer
  /** Tells whether a database was written under these keys, without showing them. */
  readonly fingerprint: string
}

const NONCE_BYTES = 12
const TAG_BYTES = 16

export function openVault(keys: VaultKeys): Vault {
  invariant(keys.data.length === 32 && keys.index.length === 32, 'vault keys are 32 bytes each')
  const encryptBytes = (plain: Uint8Array): Buffer => {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', keys.data, nonce)
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  }
  const decryptBytes = (stored: Uint8Array): Buffer => {
    const bytes = Buffer.from(stored)
    const decipher = createDecipheriv('aes-256-gcm', keys.data, bytes.subarray(0, NONCE_BYTES))
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES))
    const body = bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES)
    return Buffer.concat([decipher.update(body), decipher.final()])
  }
  return {
    encryptBytes,
    decryptBytes,
    encrypt: (text) => encryptBytes(Buffer.from(text, 'utf8')),
    decrypt: (cipher) => decryptBytes(cipher).toString('utf8'),
    blindIndex: (text) => createHmac('sha256', keys.index).update(text).digest(),
    fingerprint: createHash('sha256')
      .update(keys.data)
      .update(keys.index)
      .digest('hex')
      .slice(0, 16),
  }
}
