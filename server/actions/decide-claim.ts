/**
 * Decides a claim without posting it: read once, then pure code. Presettlement and settlement both
 * run this; a presettlement is a settlement with the last step left out, and may come before the
 * last trace code.
 */

import type { ClaimInput, Identity, MissingTraceCodes } from '../contract/claims.ts'
import { benefitYearOf, type Instant, type ServiceDay } from '../kernel/calendar.ts'
import { maskCard, maskName } from '../kernel/masking.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { foremost, refusal } from '../kernel/refusal.ts'
import { adjudicate } from '../rules/adjudicate.ts'
import { claimRefusals } from '../rules/claim-refusals.ts'
import { policyOf } from '../rules/policy/book.ts'
import { type PolicyOfTheDay, traceCodesDue } from '../rules/policy/policy-of-the-day.ts'
import type { Claim } from '../rules/types.ts'
import type { DecidedClaim, DocumentIdentity, LineDetails } from '../settlement/document.ts'
import { type CoveragePeriod, type Entitlement, positionOf } from '../store/entitlement.ts'
import type { Institution } from '../store/institutions.ts'
import { type Counter, coverageOf, entitlementRefusal, openCounter, queryOf } from './entitle.ts'
import { type CodesAsked, type ReadLines, readLines } from './read-lines.ts'
import { packsAsOpened, soldRefusal } from './read-trace-codes.ts'
import type { Caller, Runtime } from './runtime.ts'

export type ClaimDecision = DecidedClaim & {
  readonly entitlement: Entitlement
  readonly institution: Institution
  /** Of a presettlement: what is still to be scanned before the claim can be settled. */
  readonly missingTraceCodes: readonly MissingTraceCodes[]
}

export async function decideClaim(
  runtime: Runtime,
  caller: Caller,
  input: ClaimInput,
  at: Instant,
  codesAsked: CodesAsked,
): Promise<Outcome<ClaimDecision>> {
  const counter = openCounter(runtime, caller, input)
  if (!counter.ok) return counter
  const query = queryOf(input.identity, runtime.vault)
  if (!query.ok) return query
  const codes = input.lines.flatMap((line) => line.traceCodes)
  const { serviceDay, institution } = counter.value
  const found = await runtime.store.entitlements.read(query.value, serviceDay, codes)
  if (found === null) return refused(refusal('card-unknown'))
  const notEntitled = entitlementRefusal(found, serviceDay, at)
  if (notEntitled !== null) return refused(notEntitled)
  const ruled = policyFor(runtime, found, input, serviceDay)
  if (!ruled.ok) return ruled
  const read = await readLines(runtime, input, {
    institutionCode: institution.code,
    day: serviceDay,
    codes: codesAsked,
    codesDue: traceCodesDue(ruled.value.policy, serviceDay),
    priceAboveListMax: ruled.value.policy.lines.priceAboveListMax,
  })
  if (!read.ok) return read
  const { details } = read.value
  const sold = soldRefusal(found.codes, details, institution.code, (detail) =>
    unitsAsked(input, detail),
  )
  if (sold !== null) return refused(sold)
  const asOpened = { ...read.value, details: packsAsOpened(details, found.codes) }
  return adjudicateRead(counter.value, input, found, ruled.value, asOpened)
}

type Ruled = { readonly period: CoveragePeriod; readonly policy: PolicyOfTheDay }

/** The coverage of the day and the policy that rules on it. */
function policyFor(
  runtime: Runtime,
  { coverage: period }: Entitlement,
  { serviceKind }: ClaimInput,
  on: ServiceDay,
): Outcome<Ruled> {
  if (period === null) return refused(refusal('person-not-covered', { on }))
  const policy = policyOf(runtime.policies.book(), period.scheme, serviceKind, on)
  return policy === null ? refused(refusal('policy-missing', { on })) : done({ period, policy })
}

/** Units of a split pack that the line asks for. */
const unitsAsked = (input: ClaimInput, detail: LineDetails): number => {
  const line = input.lines.find((one) => one.lineNo === detail.lineNo)
  return Math.max(1, Number.parseInt(line?.quantity ?? '1', 10))
}

/** Everything is at hand: from here on pure code decides. */
function adjudicateRead(
  { serviceDay, institution }: Counter,
  input: ClaimInput,
  found: Entitlement,
  { period, policy }: Ruled,
  read: ReadLines,
): Outcome<ClaimDecision> {
  const coverage = coverageOf(found, period)
  const claim: Claim = {
    serviceDay,
    serviceKind: input.serviceKind,
    institution: factsOf(institution),
    prescription: input.prescription !== null,
    // ICD codes are written in capitals; a catalogue limit names them so.
    diagnoses: input.diagnoses.map((code) => code.toUpperCase()),
    lines: read.lines,
  }
  const outside = foremost(claimRefusals(claim, coverage, policy))
  if (outside !== null) return refused(outside)
  const holders = [found.position, coverage.householdAccount ? found.householdPosition : null]
  const start = positionOf(period.scheme, benefitYearOf(serviceDay), holders)
  return done({
    claim,
    coverage,
    start,
    adjudication: adjudicate(claim, coverage, start, policy),
    details: read.details,
    missingTraceCodes: read.missingTraceCodes,
    prescription: input.prescription,
    householdId: coverage.householdAccount ? found.householdId : null,
    maskedName: maskName(found.name),
    maskedCard: maskedIdentity(input.identity),
    identity: identityKept(input.identity),
    entitlement: found,
    institution,
  })
}

/** Facts of the institution the rules may ask for, without its name and agreements. */
export const factsOf = (institution: Institution): Claim['institution'] => ({
  code: institution.code,
  kind: institution.kind,
  level: institution.level,
  tier: institution.tier,
  community: institution.community,
  inArea: institution.inArea,
})

/** What is kept of an identity: how, and of a typed number why; never the number. */
export const identityKept = (identity: Identity): DocumentIdentity => ({
  kind: identity.kind,
  reason: identity.kind === 'id-number' ? identity.reason : null,
})

export function maskedIdentity(identity: Identity): string | null {
  switch (identity.kind) {
    case 'card':
      return maskCard(identity.number)
    case 'voucher':
      return maskCard(identity.token)
    case 'id-number':
      return null
  }
}
