/** What the scan field was given: one field takes quantities, packs, barcodes, cards and words. */
import { identityIn } from '../devices/identity.ts'
import { scanKindOf } from '../local-api/search.ts'

export type Scan =
  | { readonly kind: 'quantity'; readonly quantity: string }
  | { readonly kind: 'trace-code' }
  /** A card or ID number, whatever its pace: no item has a code of this form. */
  | { readonly kind: 'identity' }
  /** A reader's text that may be a voucher or a card with letters: where no item has it. */
  | { readonly kind: 'perhaps-identity' }
  /** Digits that are neither an item's nor a person's: misread, and not shown again. */
  | { readonly kind: 'wrong-length'; readonly count: string }
  /** Digits that name an item only as its whole code; short ones were meant as a quantity. */
  | { readonly kind: 'code'; readonly isShort: boolean }
  | { readonly kind: 'words' }

const BARCODE_LENGTH = 13
const CARD_LENGTH = 18
/** The longest barcode has fourteen digits, with its level of packing. */
const CODE_LENGTH_MAX = 14

/** While these are typed nothing is looked up. */
export const isNumberLike = (text: string): boolean => /^[*\d.]*\*?$/.test(text)

export function scanOf(text: string, isBurst: boolean): Scan {
  const [, after, before] = /^(?:\*([\d.]+)|([\d.]+)\*)$/.exec(text) ?? []
  const quantity = after ?? before
  if (quantity !== undefined) return { kind: 'quantity', quantity }
  if (scanKindOf(text) === 'trace-code') return { kind: 'trace-code' }
  const identity = identityIn(text)
  if (identity?.kind === 'id-number') return { kind: 'identity' }
  const digits = text.normalize('NFKC').replace(/^[;%]|\?$|\s/g, '')
  if (/^[\d.]+$/.test(digits)) return scanOfDigits(digits)
  const isRead = isBurst && identity !== null && /\d/.test(text)
  return { kind: isRead ? 'perhaps-identity' : 'words' }
}

function scanOfDigits(digits: string): Scan {
  if (digits.length === CARD_LENGTH) return { kind: 'identity' }
  if (digits.length > CODE_LENGTH_MAX) return { kind: 'wrong-length', count: `${digits.length}` }
  return { kind: 'code', isShort: digits.length < BARCODE_LENGTH }
}
