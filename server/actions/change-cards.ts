import { dayOf } from '../kernel/calendar.ts'
import { isCardNumber } from '../kernel/card-number.ts'
import { newId } from '../kernel/ids.ts'
import { maskCard } from '../kernel/masking.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { refusal } from '../kernel/refusal.ts'
import { type AgencyChange, postChange } from '../store/agency-door.ts'
import type { Entitlement } from '../store/entitlement.ts'
import { notPossible } from './not-possible.ts'
import { type Decided, NOTHING_POSTED, postDecision, type Write } from './post-decision.ts'
import type { Caller, Runtime, WriteAnswer, WriteKey } from './runtime.ts'

export type CardInput = { readonly cardNumber: string; readonly operatorCode: string }

/** 挂失: from this moment the card settles nothing any more. */
export function reportCardLost(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: CardInput,
): Promise<WriteAnswer> {
  const { cardNumber } = input
  return changeCard(runtime, caller, key, input, 'report-card-lost', (found) => {
    if (found.cardStatus === 'lost') return refused(notPossible('lost'))
    if (found.cardStatus !== 'active') return refused(notPossible('replaced'))
    return done({ facts: { cardNumber }, detail: { card: maskCard(cardNumber), state: 'lost' } })
  })
}

/**
 * 补换卡: a new card for the holder of an old one; every older card stops working. A number that no
 * card can bear is refused first, or the holder would be left without any card that works.
 */
export function reissueCard(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: CardInput & { readonly newCardNumber: string },
): Promise<WriteAnswer> {
  return changeCard(runtime, caller, key, input, 'reissue-card', (found) => {
    if (!isCardNumber(input.newCardNumber)) return refused(refusal('card-number-invalid'))
    if (found.cardStatus === 'replaced') return refused(notPossible('replaced'))
    const facts = {
      cardNumber: input.newCardNumber,
      personId: found.personId,
      on: dayOf(runtime.clock.now()),
    }
    const detail = { card: maskCard(input.cardNumber), newCard: maskCard(input.newCardNumber) }
    return done({ facts, detail })
  })
}

export type CardChange = {
  readonly facts: Record<string, string>
  readonly detail: Record<string, unknown>
}

/** Finds the holder of a card and posts the change; `decide` runs once for each reading. */
export function changeCard(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: CardInput,
  change: AgencyChange,
  decide: (found: Entitlement) => Outcome<CardChange> | Promise<Outcome<CardChange>>,
): Promise<WriteAnswer> {
  const { operatorCode } = input
  const write: Write = { runtime, caller, key, operation: change, operatorCode }
  let facts: Record<string, string> = {}
  return postDecision(
    write,
    async (at): Promise<Outcome<Decided>> => {
      const query = { kind: 'card', value: input.cardNumber } as const
      const found = await runtime.store.entitlements.read(query, dayOf(at), [])
      if (found === null) return refused(refusal('card-unknown'))
      const decided = await decide(found)
      if (!decided.ok) return decided
      facts = decided.value.facts
      const { detail } = decided.value
      // Named as an owner, so that a sale decided while the card was still good is decided again.
      const owners = [{ ownerId: found.personId, version: found.position.version }]
      const posted = { postingId: newId(), status: 200, answer: detail, detail }
      return done({ ...NOTHING_POSTED, ...posted, owners })
    },
    (posting) => postChange(runtime.store.sql, posting, change, facts),
  )
}
