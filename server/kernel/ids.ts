/** Identifiers. The side that starts an action mints its id (decisions.md 15): UUIDv7. */
import { V7Generator } from 'uuidv7'
import { invariant } from './invariant.ts'

declare const brand: unique symbol
type Id<Name extends string> = string & { readonly [brand]: Name }

export type PersonId = Id<'person'>
/**
 * Whoever owns balances: a person or a household (decisions.md 2). A person's owner id is the
 * person id.
 */
export type OwnerId = Id<'owner'>
export type DocumentId = Id<'document'>
export type TerminalId = Id<'terminal'>
export type InstitutionCode = Id<'institution'>
/** Key of an intention (a sale, a return), minted and stored by the side that starts it. */
export type IdempotencyKey = Id<'idempotency key'>

const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

export const isUuid = (text: string): boolean => text.length === 36 && UUID_PATTERN.test(text)

/** Random words for ids, drawn from the system a page at a time: one by one each is a call. */
function randomWords(): { nextUint32(): number } {
  const words = new Uint32Array(1024)
  let next = words.length
  return {
    nextUint32() {
      if (next === words.length) {
        crypto.getRandomValues(words)
        next = 0
      }
      const word = words[next] ?? 0
      next += 1
      return word
    },
  }
}

const generator = new V7Generator(randomWords())

/** A new UUIDv7, in lower case; sorts by the time it was made. */
export const newId = (): string => generator.generate().toString()

const asId =
  <T extends Id<string>>(name: string) =>
  (text: string): T => {
    invariant(isUuid(text), `${name} is a lower-case UUID`)
    return text as T
  }

export const personId = asId<PersonId>('a person id')
export const ownerId = asId<OwnerId>('an owner id')
export const documentId = asId<DocumentId>('a document id')
export const terminalId = asId<TerminalId>('a terminal id')
export const idempotencyKey = asId<IdempotencyKey>('an idempotency key')
export const institutionCode = (text: string): InstitutionCode => {
  invariant(/^[A-Z]\d{11}$/.test(text), 'an institution code is a letter and eleven digits')
  return text as InstitutionCode
}
