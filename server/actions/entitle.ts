/**
 * Who may be served: institution, operator and service day on one side, card and coverage on the
 * other. Every no carries its code; the first in the order of the list is reported.
 */

import type { Identity } from '../contract/claims.ts'
import { addDays, dayOf, type Instant, periodCovers, type ServiceDay } from '../kernel/calendar.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { type Refusal, refusal } from '../kernel/refusal.ts'
import type { Coverage, ServiceKind } from '../rules/types.ts'
import type { CoveragePeriod, Entitlement, EntitlementQuery } from '../store/entitlement.ts'
import type { Institution } from '../store/institutions.ts'
import type { Vault } from '../store/vault.ts'
import type { Caller, Runtime } from './runtime.ts'

export type Counter = { readonly institution: Institution; readonly serviceDay: ServiceDay }

/** Whether the operator is at work at the caller's own institution. */
export function isOwnOperator(runtime: Runtime, caller: Caller, operatorCode: string): boolean {
  const operator = runtime.institutions.operator(operatorCode)
  return operator?.active === true && operator.institutionCode === caller.institutionCode
}

/**
 * The counter a request comes from: its institution under agreement and not suspended, on the
 * service day and today. Otherwise naming an earlier day would get round a suspension.
 */
export function openCounter(
  runtime: Runtime,
  caller: Caller,
  asked: { serviceKind: ServiceKind; serviceDay?: string | undefined; operatorCode: string },
): Outcome<Counter> {
  const today = dayOf(runtime.clock.now())
  const serviceDay = (asked.serviceDay ?? today) as ServiceDay
  const institution = runtime.institutions.find(caller.institutionCode ?? '')
  if (institution === null) return refused(refusal('terminal-not-enrolled'))
  if (!isOwnOperator(runtime, caller, asked.operatorCode)) {
    return refused(refusal('operator-unknown'))
  }
  const closed = closedRefusal(institution, serviceDay) ?? closedRefusal(institution, today)
  if (closed !== null) return refused(closed)
  const offered = institution.kind === 'pharmacy' ? 'pharmacy' : 'outpatient'
  if (asked.serviceKind !== offered) return refused(refusal('service-kind-not-offered'))
  const earliest = addDays(today, -runtime.settings.serviceDaysBackMax)
  if (serviceDay > today || serviceDay < earliest) {
    return refused(refusal('service-day-invalid', { on: serviceDay }))
  }
  return done({ institution, serviceDay })
}

/** Why insurance pays nothing at the institution on a day, or null. */
function closedRefusal({ agreements, suspensions }: Institution, on: ServiceDay): Refusal | null {
  if (!agreements.some((agreement) => periodCovers(agreement, on))) {
    return refusal('institution-without-agreement', { on })
  }
  const suspension = suspensions.find((period) => periodCovers(period, on))
  return suspension === undefined
    ? null
    : refusal('institution-suspended', { since: suspension.from })
}

/** What to look a person up by. A typed ID number needs a reason (users, P5). */
export function queryOf(identity: Identity, vault: Vault): Outcome<EntitlementQuery> {
  switch (identity.kind) {
    case 'card':
      return done({ kind: 'card', value: identity.number })
    case 'voucher':
      return done({ kind: 'voucher', value: identity.token })
    case 'id-number':
      if (identity.reason.trim() === '') return refused(refusal('identity-reason-missing'))
      return done({
        kind: 'id-number',
        value: vault.blindIndex(identity.number).toString('hex'),
      })
  }
}

/** Why the person cannot be served on the day, or null. */
export function entitlementRefusal(
  found: Entitlement,
  onDay: ServiceDay,
  at: Instant,
): Refusal | null {
  if (found.cardStatus === 'lost') {
    return refusal('card-lost', { since: dayOf(found.cardStatusSince ?? at) })
  }
  if (found.cardStatus === 'replaced') return refusal('card-replaced')
  if (found.expiresAt !== null && found.expiresAt <= at) return refusal('voucher-expired')
  if (found.diedOn !== null && found.diedOn < onDay) {
    return refusal('coverage-ended', { since: found.diedOn })
  }
  return coverageRefusal(found, onDay)
}

function coverageRefusal(found: Entitlement, onDay: ServiceDay): Refusal | null {
  const { coverage, coverageEnded } = found
  if (coverage === null) {
    return coverageEnded === null
      ? refusal('person-not-covered', { on: onDay })
      : refusal('coverage-ended', { since: coverageEnded })
  }
  switch (coverage.status) {
    case 'in-force':
      return null
    case 'arrears':
      return refusal('coverage-arrears', { since: coverage.from })
    case 'waiting':
      return refusal('coverage-waiting', firstDayOfBenefits(coverage.until))
    case 'suspended':
      return refusal('coverage-suspended', { since: coverage.from })
  }
}

/** The end of a waiting period, in words where the agency has entered none. */
const firstDayOfBenefits = (until: ServiceDay | null): Record<string, string> =>
  until === null ? { until: '请向经办机构查询', untilEn: 'the agency knows it' } : { until }

/** Coverage as the rules take it. */
export const coverageOf = (found: Entitlement, period: CoveragePeriod): Coverage => ({
  scheme: period.scheme,
  category: period.category,
  tier: period.tier,
  civilServant: period.civilServant,
  assistance: period.assistance,
  sex: found.sex,
  birthDay: found.birthDay,
  householdAccount: period.scheme === 'rural' && found.householdPosition !== null,
})
