/** What reversal, return and compensation share: the original, its state, and who it belongs to. */
import { benefitYearOf, dayOf, type Instant } from '../kernel/calendar.ts'
import { newId } from '../kernel/ids.ts'
import { invariant } from '../kernel/invariant.ts'
import { add, negate, ZERO } from '../kernel/money.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { refusal } from '../kernel/refusal.ts'
import type { BalanceMovement, Payers, Totals } from '../rules/types.ts'
import type { SettlementDocument } from '../settlement/document.ts'
import { journalOfPayers, returnAcrossYears } from '../settlement/fund-breakdown.ts'
import { returnableQuantities } from '../settlement/remainder.ts'
import { type SettlementState, stateOf } from '../settlement/states.ts'
import { type Entitlement, readPosition } from '../store/entitlement.ts'
import type { Institution } from '../store/institutions.ts'
import type { PostingCode, PostingMove } from '../store/posting.ts'
import {
  readSettlementFamily,
  type SettlementKind,
  type StoredSettlement,
} from '../store/settlements.ts'
import type { Store } from '../store/store.ts'
import { remainingText, settlementAnswer } from './answers.ts'
import { isOwnOperator } from './entitle.ts'
import { type Asker, type Decided, NOTHING_POSTED, type Write } from './post-decision.ts'
import { movesOf, ownersOf } from './postings.ts'
import { remainingAfter } from './remaining-after.ts'

export type Family = {
  readonly original: StoredSettlement
  readonly takenBack: readonly StoredSettlement[]
  readonly state: SettlementState
  readonly entitlement: Entitlement
  readonly institution: Institution
}

/** A settlement of the caller's own institution with its state and the owner's position. */
export async function openFamily(asker: Asker, settlementId: string): Promise<Outcome<Family>> {
  const { runtime, caller } = asker
  const institution = runtime.institutions.find(caller.institutionCode ?? '')
  if (institution === null) return refused(refusal('terminal-not-enrolled'))
  if (!isOwnOperator(runtime, caller, asker.operatorCode)) {
    return refused(refusal('operator-unknown'))
  }
  const known = await readSettlementFamily(runtime.store.sql, settlementId)
  const own = known?.original.institutionCode === institution.code
  if (known?.original.kind !== 'settlement' || !own) return refused(refusal('original-not-found'))
  await runtime.policies.know(known.original.policyVersions)
  const entitlement = await entitlementThen(runtime.store, known.original)
  // Read again after the position: what was posted before it is seen here, what is posted after it
  // makes the door answer stale.
  const family = await readSettlementFamily(runtime.store.sql, settlementId)
  invariant(family !== null, 'a settlement does not go away')
  return done({ ...family, state: familyState(family), entitlement, institution })
}

/** The person as of the settlement: with the household that paid, wherever the person lives now. */
async function entitlementThen(store: Store, original: StoredSettlement): Promise<Entitlement> {
  const { personId, serviceDay, document } = original
  const { householdId } = document
  const query = { kind: 'person', value: personId } as const
  const found = await store.entitlements.read(query, serviceDay, [])
  invariant(found !== null, 'the person of a settlement exists')
  if (householdId === null || householdId === found.householdId) return found
  return { ...found, householdId, householdPosition: await readPosition(store.sql, householdId) }
}

export function familyState(family: Pick<Family, 'original' | 'takenBack'>): SettlementState {
  const returns = family.takenBack.filter((one) => one.kind === 'return')
  const left = returnableQuantities(
    family.original.document,
    returns.map((one) => one.document),
  )
  return stateOf({
    reversed: family.takenBack.some((one) => one.kind === 'reversal'),
    returns: returns.length,
    anythingLeft: left.some((line) => !line.quantity.isZero()),
  })
}

/** What is taken back of a settlement: negative amounts by payer, part and balance. */
export type TakenBack = {
  readonly kind: Exclude<SettlementKind, 'settlement'>
  readonly payers: Payers
  readonly totals: Totals
  readonly movements: readonly BalanceMovement[]
  readonly lines: SettlementDocument['lines']
  readonly codes: readonly PostingCode[]
  readonly reason: string
  readonly explanation: { readonly zh: string[]; readonly en: string[] }
}

/** What a take-back does at an instant: who gets how much, and what is left to the person. */
export function effectOf(asker: Asker, family: Family, back: TakenBack, at: Instant) {
  const { original, entitlement } = family
  const later = benefitYearOf(dayOf(at)) > original.benefitYear
  const payers = later ? returnAcrossYears(back.payers) : back.payers
  const movements = later ? movementsAcrossYears(back.movements) : back.movements
  const remaining = remainingAfter(asker.runtime, { original, entitlement, movements, at })
  return { payers, movements, remaining }
}

/**
 * The posting of a reversal or return, linked to its original; never posted before it. The original
 * may have come in between the decision's first look at the clock and its reading, or from a server
 * whose clock is ahead.
 */
export async function takeBackPosting(
  write: Write,
  family: Family,
  back: TakenBack,
  decidedAt: Instant,
): Promise<Outcome<Decided>> {
  const { original, entitlement, institution } = family
  const at = decidedAt < original.postedAt ? original.postedAt : decidedAt
  const { payers, movements, remaining } = effectOf(write, family, back, at)
  const stored: StoredSettlement = {
    ...original,
    documentId: newId(),
    kind: back.kind,
    settlementNumber: await write.runtime.numbers.next(at),
    originalId: original.documentId,
    terminalId: write.caller.clientId,
    operatorCode: write.operatorCode,
    postedAt: at,
    totals: back.totals,
    payers,
    document: {
      ...original.document,
      lines: back.lines,
      movements: [],
      reason: back.reason,
      remaining: remainingText(remaining),
    },
  }
  const { householdId } = original.document
  const answer = settlementAnswer(stored, {
    institution,
    originalNumber: original.settlementNumber,
    remaining,
    explanation: back.explanation,
  })
  return done({
    ...NOTHING_POSTED,
    at,
    postingId: stored.documentId,
    status: 201,
    answer,
    owners: ownersOf(entitlement, householdId),
    moves: ceilingsKept(
      movesOf(movements, original.scheme, { personId: original.personId, householdId }),
    ),
    journal: journalOfPayers(payers, original.scheme, institution.code),
    document: { stored, answer },
    codes: [...back.codes],
    detail: { settlementNumber: stored.settlementNumber, original: original.settlementNumber },
  })
}

/**
 * Into a later year, the current-year account's part goes to the past-year account (decisions.md
 * 9).
 */
function movementsAcrossYears(movements: readonly BalanceMovement[]): BalanceMovement[] {
  const kept = movements.filter(
    (one) => one.kind !== 'current-year-account' && one.kind !== 'past-year-account',
  )
  const toPastYears = movements
    .filter((one) => one.kind === 'current-year-account' || one.kind === 'past-year-account')
    .reduce((total, one) => add(total, one.amount), ZERO)
  if (toPastYears === ZERO) return kept
  return [
    ...kept,
    {
      owner: 'person',
      kind: 'past-year-account',
      benefitYear: 0,
      amount: toPastYears,
      ceiling: null,
    },
  ]
}

/** What is taken back leaves the ceilings as later claims have set them. */
const ceilingsKept = (moves: readonly PostingMove[]): PostingMove[] =>
  moves.map((move) => ({ ...move, ceiling: 'kept' }))

/** Movements with their signs swapped; a ceiling binds only upwards and is left as it stands. */
export const mirroredMovements = (movements: readonly BalanceMovement[]): BalanceMovement[] =>
  movements.map((one) => ({ ...one, amount: negate(one.amount), ceiling: null }))
