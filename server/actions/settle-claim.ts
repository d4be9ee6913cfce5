import type { ClaimInput } from '../contract/claims.ts'
import type { Instant } from '../kernel/calendar.ts'
import { newId } from '../kernel/ids.ts'
import { formatQuantity } from '../kernel/money.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import type { Refusal } from '../kernel/refusal.ts'
import { documentOf } from '../settlement/document.ts'
import { journalOfPayers } from '../settlement/fund-breakdown.ts'
import type { StoredSettlement } from '../store/settlements.ts'
import { explanationOf, settlementAnswer } from './answers.ts'
import { cardPinRefusal } from './check-card-pin.ts'
import { type ClaimDecision, decideClaim, identityKept } from './decide-claim.ts'
import { type Decided, postDecision, type Write } from './post-decision.ts'
import { codesSold, movesOf, ownersOf } from './postings.ts'
import type { Caller, Runtime, WriteAnswer, WriteKey } from './runtime.ts'

/**
 * 结算: decides the claim on the position of this moment and posts it under the caller's key, with
 * balances, journal, document, trace codes and audit event in one call of the door.
 */
export function settleClaim(
  runtime: Runtime,
  caller: Caller,
  key: WriteKey,
  input: ClaimInput,
): Promise<WriteAnswer> {
  const { operatorCode } = input
  const { kind, reason } = identityKept(input.identity)
  const asked = { identity: kind, ...(reason === null ? {} : { identityReason: reason }) }
  const write: Write = { runtime, caller, key, operation: 'settle', operatorCode, asked }
  let pinAsked: Promise<Refusal | null> | null = null
  return postDecision(write, async (at) => {
    const decided = await decideClaim(runtime, caller, input, at, 'complete')
    if (!decided.ok) return decided
    const { hasPin, personId } = decided.value.entitlement
    if (hasPin) {
      // Last of all, so that nothing else that is wrong costs a try; once, however often we decide.
      pinAsked ??= cardPinRefusal(runtime, caller, key, { identity: input.identity, personId, at })
      const withoutPin = await pinAsked
      if (withoutPin !== null) return refused(withoutPin)
    }
    return settlementPosting(write, decided.value, at)
  })
}

async function settlementPosting(
  write: Write,
  decided: ClaimDecision,
  at: Instant,
): Promise<Outcome<Decided>> {
  const { adjudication, claim, entitlement, institution, coverage } = decided
  const stored = await storedOf(write, decided, at)
  const answer = settlementAnswer(stored, {
    institution,
    originalNumber: null,
    remaining: adjudication.remaining,
    explanation: explanationOf(adjudication),
  })
  return done({
    tombstone: null,
    postingId: stored.documentId,
    status: 201,
    answer,
    owners: ownersOf(entitlement, decided.householdId),
    moves: movesOf(adjudication.movements, coverage.scheme, {
      personId: entitlement.personId,
      householdId: decided.householdId,
    }),
    journal: journalOfPayers(adjudication.payers, coverage.scheme, institution.code),
    document: { stored, answer },
    codes: decided.details.flatMap((detail, index) => {
      const line = claim.lines[index]
      return line === undefined ? [] : codesSold(detail, formatQuantity(line.quantity))
    }),
    detail: { settlementNumber: stored.settlementNumber, lines: claim.lines.length },
  })
}

async function storedOf(
  { runtime, caller, operatorCode }: Write,
  decided: ClaimDecision,
  at: Instant,
): Promise<StoredSettlement> {
  const { adjudication, claim } = decided
  return {
    documentId: newId(),
    kind: 'settlement',
    settlementNumber: await runtime.numbers.next(at),
    originalId: null,
    institutionCode: decided.institution.code,
    terminalId: caller.clientId,
    operatorCode,
    personId: decided.entitlement.personId,
    scheme: adjudication.scheme,
    serviceKind: claim.serviceKind,
    serviceDay: claim.serviceDay,
    benefitYear: adjudication.benefitYear,
    postedAt: at,
    totals: adjudication.totals,
    payers: adjudication.payers,
    policyVersions: adjudication.policies.map((policy) => policy.version),
    document: documentOf(decided),
  }
}
