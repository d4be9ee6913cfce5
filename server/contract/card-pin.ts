/**
 * The PIN of a card on its way from the till to the centre (reliability notes S18): encrypted with
 * a key made of the terminal's own secret, and bound to who presents it, the key of the settlement
 * and the key of the terminal. Moved to another card or another sale it does not open. It travels
 * in a signed header and is made anew for every sending, so that nothing that is stored holds it.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** The header; its value is covered by the signature. */
export const CARD_PIN_HEADER = 'card-pin'

/** Six digits, as on the social security card. */
export const isCardPin = (text: string): boolean => /^\d{6}$/.test(text)

/** What a block is bound to. */
export type CardPinBond = {
  /** Who presents it: kind and number of the identity in the claim. */
  readonly identity: string
  readonly idempotencyKey: string
  /** Of the terminal's key. */
  readonly keyId: string
}

const NONCE_BYTES = 12
const TAG_BYTES = 16
const PIN_BYTES = 6
/** Form 1: AES-256-GCM, nonce, cipher and tag in base64url. */
const BLOCK_PATTERN = /^1\.([0-9A-Za-z_-]{46})$/

/** The one way to write an identity into the bond, alike at till and centre. */
export const identityBond = (
  identity:
    | { readonly kind: 'card' | 'id-number'; readonly number: string }
    | { readonly kind: 'voucher'; readonly token: string },
): string => `${identity.kind} ${identity.kind === 'voucher' ? identity.token : identity.number}`

const blockKey = (secret: Uint8Array): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, new Uint8Array(0), 'card-pin/1', 32))

const bondBytes = ({ identity, idempotencyKey, keyId }: CardPinBond): Buffer =>
  Buffer.from([identity, idempotencyKey, keyId].join('\n'), 'utf8')

/** The header's value for a PIN of six digits; the same PIN twice gives two different blocks. */
export function sealCardPin(pin: string, bond: CardPinBond, secret: Uint8Array): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', blockKey(secret), nonce)
  cipher.setAAD(bondBytes(bond))
  const body = [cipher.update(pin, 'latin1'), cipher.final(), cipher.getAuthTag()]
  return `1.${Buffer.concat([nonce, ...body]).toString('base64url')}`
}

/** The PIN in a block; null where it was made for another card, sale or terminal, or is none. */
export function openCardPin(block: string, bond: CardPinBond, secret: Uint8Array): string | null {
  const [, text] = BLOCK_PATTERN.exec(block) ?? []
  if (text === undefined) return null
  const bytes = Buffer.from(text, 'base64url')
  if (bytes.length !== NONCE_BYTES + PIN_BYTES + TAG_BYTES) return null
  const decipher = createDecipheriv('aes-256-gcm', blockKey(secret), bytes.subarray(0, NONCE_BYTES))
  decipher.setAAD(bondBytes(bond))
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES))
  try {
    const body = decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES))
    const pin = Buffer.concat([body, decipher.final()]).toString('latin1')
    return isCardPin(pin) ? pin : null
  } catch {
    return null // The tag does not hold: of all its calls only this one throws on what is foreign.
  }
}
