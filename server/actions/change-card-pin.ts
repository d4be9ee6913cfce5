import { randomBytes } from 'node:crypto'
import { isCardPin } from '../contract/card-pin.ts'
import { maskCard } from '../kernel/masking.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { refusal } from '../kernel/refusal.ts'
import type { Entitlement } from '../store/entitlement.ts'
import { PIN_HASH_VERSION, PIN_SALT_BYTES } from '../store/pin-hash.ts'
import { type CardChange, changeCard } from './change-cards.ts'
import { notPossible } from './not-possible.ts'
import type { Caller, Runtime, WriteAnswer, WriteKey } from './runtime.ts'
import { type Present, twoPeopleRefusal } from './two-people.ts'

export type CardPinInput = {
  readonly cardNumber: string
  /** Who acts, and who stands by; both with the own password. */
  readonly people: readonly [Present, Present]
}

/**
 * 设置或重置密码: the holder of the card chooses a PIN, in person and before two people. A locked
 * card is open again. What is stored and audited never holds the PIN.
 */
export function setCardPin(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: CardPinInput & { readonly pin: string },
): Promise<WriteAnswer> {
  return changeByTwo(runtime, caller, key, input, 'set-card-pin', async ({ personId }) => {
    if (!isCardPin(input.pin) || isSimple(input.pin)) return refused(refusal('card-pin-invalid'))
    const salt = randomBytes(PIN_SALT_BYTES)
    const hash = await runtime.vault.cardPinHash(personId, input.pin, salt)
    const facts = { version: `${PIN_HASH_VERSION}`, salt: hex(salt), hash: hex(hash) }
    return done({ facts: { personId, ...facts }, detail: detailOf(input, 'pin-set') })
  })
}

/** 解锁: a card whose PIN was entered wrong takes three tries again; the PIN stays. */
export function unlockCardPin(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: CardPinInput,
): Promise<WriteAnswer> {
  return changeByTwo(runtime, caller, key, input, 'unlock-card-pin', async (found) => {
    if (!found.hasPin) return refused(notPossible('without-pin'))
    return done({ facts: { personId: found.personId }, detail: detailOf(input, 'pin-unlocked') })
  })
}

async function changeByTwo(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  { cardNumber, people }: CardPinInput,
  change: 'set-card-pin' | 'unlock-card-pin',
  decide: (found: Entitlement) => Promise<Outcome<CardChange>>,
): Promise<WriteAnswer> {
  // Under no key, as everything that is said to somebody who may not act.
  const alone = await twoPeopleRefusal(runtime, people)
  if (alone !== null) return { kind: 'refused', refusal: alone }
  const input = { cardNumber, operatorCode: people[0].operatorCode }
  return changeCard(runtime, caller, key, input, change, async (found) => {
    if (found.cardStatus === 'lost') return refused(notPossible('lost'))
    if (found.cardStatus !== 'active') return refused(notPossible('replaced'))
    return decide(found)
  })
}

const hex = (bytes: Buffer): string => bytes.toString('hex')

const detailOf = ({ cardNumber, people }: CardPinInput, state: string) => ({
  card: maskCard(cardNumber),
  state,
  secondOperator: people[1].operatorCode,
})

/** One digit six times, or a row such as 123456 and 654321: the first that anybody would try. */
function isSimple(pin: string): boolean {
  const steps = [...pin.slice(1)].map((digit, at) => digit.charCodeAt(0) - pin.charCodeAt(at))
  return [-1, 0, 1].some((step) => steps.every((one) => one === step))
}
