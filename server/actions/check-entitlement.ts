import { problemOf } from '../contract/problem.ts'
import type { EntitlementAnswer, EntitlementInput } from '../contract/terminals.ts'
import { ageOn, benefitYearOf, type Instant, instantText } from '../kernel/calendar.ts'
import { maskCard } from '../kernel/masking.ts'
import { formatMoney } from '../kernel/money.ts'
import { done, type Outcome } from '../kernel/outcome.ts'
import { type Refusal, type RefusalCode, refusal } from '../kernel/refusal.ts'
import { adjudicate } from '../rules/adjudicate.ts'
import { policyOf } from '../rules/policy/book.ts'
import { ACCOUNT_KINDS, type Position, type Remaining } from '../rules/types.ts'
import { type Entitlement, positionOf } from '../store/entitlement.ts'
import { remainingText } from './answers.ts'
import { factsOf } from './decide-claim.ts'
import { type Counter, coverageOf, entitlementRefusal, openCounter, queryOf } from './entitle.ts'
import type { Caller, Runtime } from './runtime.ts'

/**
 * 资格核验: who presents the card, whether they are entitled today and what is left to them. A no
 * is an answer with its reason, not an error; the time of the reading is stated. Whoever holds a
 * card that was reported lost or replaced need not be its person, and learns nothing of them.
 */
export async function checkEntitlement(
  runtime: Runtime,
  caller: Caller,
  input: EntitlementInput,
): Promise<Outcome<EntitlementAnswer>> {
  const at = runtime.clock.now()
  const counter = openCounter(runtime, caller, input)
  if (!counter.ok) return done(notEntitled(counter.refusal, caller, at))
  const query = queryOf(input.identity, runtime.vault)
  if (!query.ok) return done(notEntitled(query.refusal, caller, at))
  const { serviceDay } = counter.value
  const found = await runtime.store.entitlements.read(query.value, serviceDay, [])
  if (found === null) return done(notEntitled(refusal('card-unknown'), caller, at))
  const reason = entitlementRefusal(found, serviceDay, at)
  if (reason !== null && CARD_OUT_OF_USE.has(reason.code)) {
    return done(notEntitled(reason, caller, at))
  }
  return done(answerFor(runtime, caller, counter.value, input, found, reason, at))
}

const CARD_OUT_OF_USE: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'card-lost',
  'card-replaced',
])

const notEntitled = (given: Refusal, caller: Caller, at: Instant): EntitlementAnswer => ({
  entitled: false,
  reason: problemOf(given, caller.requestId),
  person: null,
  balances: {},
  remaining: null,
  asOf: instantText(at),
})

function answerFor(
  runtime: Runtime,
  caller: Caller,
  counter: Counter,
  input: EntitlementInput,
  found: Entitlement,
  reason: Refusal | null,
  at: Instant,
): EntitlementAnswer {
  const { coverage } = found
  const year = benefitYearOf(counter.serviceDay)
  const position =
    coverage === null
      ? { benefitYear: year, balances: {} }
      : positionOf(coverage.scheme, year, [found.position, found.householdPosition])
  return {
    entitled: reason === null,
    reason: reason === null ? null : problemOf(reason, caller.requestId),
    person: {
      name: found.name,
      sex: found.sex,
      age: ageOn(found.birthDay, counter.serviceDay),
      maskedCard: input.identity.kind === 'card' ? maskCard(input.identity.number) : null,
      scheme: coverage?.scheme ?? null,
      category: coverage?.category ?? null,
      tier: coverage?.tier ?? null,
      hasPin: found.hasPin,
    },
    balances: accountTexts(position),
    remaining: reason === null ? remainingNow(runtime, counter, input, found, position) : null,
    asOf: instantText(at),
  }
}

const accountTexts = (position: Position): Record<string, string> =>
  Object.fromEntries(
    ACCOUNT_KINDS.flatMap((kind) => {
      const amount = position.balances[kind]
      return amount === undefined ? [] : [[kind, formatMoney(amount)]]
    }),
  )

/** What is left to deductible and ceiling: an adjudication of no lines at all says it. */
function remainingNow(
  runtime: Runtime,
  counter: Counter,
  input: EntitlementInput,
  found: Entitlement,
  position: Position,
): ReturnType<typeof remainingText> | null {
  if (found.coverage === null) return null
  const { serviceDay, institution } = counter
  const { scheme } = found.coverage
  const policy = policyOf(runtime.policies.book(), scheme, input.serviceKind, serviceDay)
  if (policy === null) return null
  const claim = {
    serviceDay,
    serviceKind: input.serviceKind,
    institution: factsOf(institution),
    prescription: true,
    diagnoses: [],
    lines: [],
  }
  const coverage = coverageOf(found, found.coverage)
  const remaining: Remaining = adjudicate(claim, coverage, position, policy).remaining
  return remainingText(remaining)
}
