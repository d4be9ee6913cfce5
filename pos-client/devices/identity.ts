/**
 * Where an identity comes from. A keyboard wedge types into the page; other readers can be put
 * beside it without the page knowing.
 */
export type IdentityText =
  | { readonly kind: 'card'; readonly number: string }
  | { readonly kind: 'voucher'; readonly token: string }
  | { readonly kind: 'id-number'; readonly number: string }

/** A source tells each text that was read; it gives the function that ends the telling. */
export type IdentitySource = {
  onRead(tell: (text: string) => void): () => void
}

/** Area, day of birth, sequence, check digit (GB 11643). A card of 18 digits names no such year. */
const ID_NUMBER = /^[1-8]\d{5}(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[\dX]$/
/** The face of a card; vouchers are longer. */
const CARD = /^[0-9A-Z]{8,23}$/
const VOUCHER = /^[0-9A-Za-z_-]{24,64}$/

/** Tells apart what the one identity field is given: ID number, card or voucher; null for none. */
export function identityIn(text: string): IdentityText | null {
  const bare = text
    .normalize('NFKC')
    .replace(/\s/g, '')
    .replace(/^[;%]|\?$/g, '')
  const upper = bare.toUpperCase()
  if (ID_NUMBER.test(upper)) return { kind: 'id-number', number: upper }
  if (CARD.test(upper)) return { kind: 'card', number: upper }
  return VOUCHER.test(bare) ? { kind: 'voucher', token: bare } : null
}

/** A source for tests and demonstrations: reads what it is told to read. */
export function simulatedSource(): IdentitySource & { read(text: string): void } {
  const listeners = new Set<(text: string) => void>()
  return {
    onRead(tell) {
      listeners.add(tell)
      return () => listeners.delete(tell)
    },
    read(text) {
      for (const tell of listeners) tell(text)
    },
  }
}
