/** What is left to a person once something was taken back: accounts, deductible and ceiling. */
import { benefitYearOf, dayOf, type Instant } from '../kernel/calendar.ts'
import { add, type Money, ZERO } from '../kernel/money.ts'
import { adjudicate } from '../rules/adjudicate.ts'
import {
  ACCOUNT_KINDS,
  type BalanceKind,
  type BalanceMovement,
  type Position,
  type Remaining,
} from '../rules/types.ts'
import { claimOf } from '../settlement/document.ts'
import { type Entitlement, positionOf } from '../store/entitlement.ts'
import type { StoredSettlement } from '../store/settlements.ts'
import { policyOfThen } from './policy-of-then.ts'
import type { Runtime } from './runtime.ts'

type Taking = {
  readonly original: StoredSettlement
  readonly entitlement: Entitlement
  /** As they are posted, with what goes to another year's account already moved there. */
  readonly movements: readonly BalanceMovement[]
  readonly at: Instant
}

/**
 * As of the posting; the door holds the position to it. An adjudication of no lines at all says
 * what is left to deductible and ceiling. After the turn of the year only the accounts are told:
 * the limits that move belong to a year in which nothing can be bought any more.
 */
export function remainingAfter(runtime: Runtime, taking: Taking): Remaining {
  const { original, at } = taking
  const { document, serviceDay, serviceKind } = original
  const position = positionAfter(taking)
  if (benefitYearOf(dayOf(at)) > original.benefitYear) {
    return {
      deductible: null,
      ceilingYearly: null,
      ceilingOn: null,
      accounts: accountsIn(position),
    }
  }
  const nothing = { ...claimOf(document, serviceDay, serviceKind), lines: [] }
  const policy = policyOfThen(runtime, original)
  return adjudicate(nothing, document.coverage, position, policy).remaining
}

const accountsIn = ({ balances }: Position): Remaining['accounts'] =>
  Object.fromEntries(
    ACCOUNT_KINDS.filter((kind) => balances[kind] !== undefined).map((kind) => [
      kind,
      balances[kind],
    ]),
  )

function positionAfter({ original, entitlement, movements, at }: Taking): Position {
  const year = benefitYearOf(dayOf(at))
  const household = original.document.householdId === null ? null : entitlement.householdPosition
  const before = positionOf(original.scheme, year, [entitlement.position, household])
  const balances: Partial<Record<BalanceKind, Money>> = { ...before.balances }
  for (const { kind, benefitYear, amount } of movements) {
    if (benefitYear !== 0 && benefitYear !== year) continue
    balances[kind] = add(balances[kind] ?? ZERO, amount)
  }
  return { benefitYear: year, balances }
}
