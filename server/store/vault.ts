/**
 * Personal data at rest (decisions.md 22): AES-256-GCM for what must be read again, a keyed hash
 * (blind index) for exact search. Keys are handed in; they never stand in the database.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
} from 'node:crypto'
import { invariant } from '../kernel/invariant.ts'
import { cardPinHash } from './pin-hash.ts'

export type VaultKeys = {
  readonly data: Uint8Array
  readonly index: Uint8Array
  /**
   * Pepper of the cards' PINs. Installations from before there were PINs name none: theirs is
   * derived from the index key.
   */
  readonly pepper?: Uint8Array | undefined
}

export type Vault = {
  /** `place` is table, column and row: the cipher can be read there and nowhere else. */
  encrypt(text: string, place: string): Buffer
  decrypt(cipher: Uint8Array, place: string): string
  encryptBytes(plain: Uint8Array, place: string): Buffer
  /** Throws where a bit was changed, or the cipher was written for another place. */
  decryptBytes(cipher: Uint8Array, place: string): Buffer
  /** Blind index of a text: equal texts give equal bytes, nothing else can be told. */
  blindIndex(text: string): Buffer
  /**
   * What a card's PIN is compared with, 32 bytes: scrypt over a hash keyed with the pepper, away
   * from the main thread.
   */
  cardPinHash(personId: string, pin: string, salt: Uint8Array): Promise<Buffer>
  /** Tells whether a database was written under these keys, without showing them. */
  readonly fingerprint: string
}

const NONCE_BYTES = 12
const TAG_BYTES = 16
/** First byte of a cipher that is bound to its place; those written before begin with any byte. */
const BOUND = 1

const boundTo = (place: string): Buffer => Buffer.from(`${BOUND}\n${place}`, 'utf8')

function opened(key: Uint8Array, bytes: Buffer, place: Buffer | null): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
  if (place !== null) decipher.setAAD(place)
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES))
  const body = bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES)
  return Buffer.concat([decipher.update(body), decipher.final()])
}

/** A cipher of the first form opens too: it is bound to no place, but to the key. */
function openedAnyForm(key: Uint8Array, bytes: Buffer, place: string): Buffer {
  if (bytes[0] !== BOUND) return opened(key, bytes, null)
  try {
    return opened(key, bytes.subarray(1), boundTo(place))
  } catch (notBound) {
    try {
      return opened(key, bytes, null)
    } catch {
      throw notBound
    }
  }
}

const derivedPepper = (index: Uint8Array): Buffer =>
  Buffer.from(hkdfSync('sha256', index, new Uint8Array(0), 'card-pin pepper', 32))

export function openVault(keys: VaultKeys): Vault {
  invariant(keys.data.length === 32 && keys.index.length === 32, 'vault keys are 32 bytes each')
  const pepper = keys.pepper ?? derivedPepper(keys.index)
  invariant(pepper.length === 32, 'the pepper of PINs is 32 bytes')
  const encryptBytes = (plain: Uint8Array, place: string): Buffer => {
    const nonce = randomBytes(NONCE_BYTES)
    const cipher = createCipheriv('aes-256-gcm', keys.data, nonce)
    cipher.setAAD(boundTo(place))
    const body = [cipher.update(plain), cipher.final(), cipher.getAuthTag()]
    return Buffer.concat([Buffer.of(BOUND), nonce, ...body])
  }
  const decryptBytes = (stored: Uint8Array, place: string): Buffer =>
    openedAnyForm(keys.data, Buffer.from(stored), place)
  return {
    encryptBytes,
    decryptBytes,
    encrypt: (text, place) => encryptBytes(Buffer.from(text, 'utf8'), place),
    decrypt: (cipher, place) => decryptBytes(cipher, place).toString('utf8'),
    blindIndex: (text) => createHmac('sha256', keys.index).update(text).digest(),
    cardPinHash: (personId, pin, salt) => cardPinHash(pepper, personId, pin, salt),
    // Without the pepper: an installation from before there were PINs keeps its fingerprint.
    fingerprint: createHash('sha256')
      .update(keys.data)
      .update(keys.index)
      .digest('hex')
      .slice(0, 16),
  }
}
