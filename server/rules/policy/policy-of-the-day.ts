/** A policy version as the steps take it: every figure parsed once, every row with its reason. */
import type { Period, ServiceDay } from '../../kernel/calendar.ts'
import type { Money, Ratio } from '../../kernel/money.ts'
import type {
  AccumulatorKind,
  Because,
  Category,
  CeilingBasis,
  Part,
  Scheme,
  ServiceKind,
} from '../types.ts'

/** Groups of institutions that a row of a policy may name. */
export const INSTITUTION_GROUPS = [
  'community',
  'pharmacy',
  'village-clinic',
  'clinic',
  'hospital',
  'tcm-hospital',
  'specialist-hospital',
  'level-1',
  'level-2',
  'level-3',
  'outside-area',
] as const
export type InstitutionGroup = (typeof INSTITUTION_GROUPS)[number]

/** Whom a row is for; null means that the row does not ask. */
export type PersonSelector = {
  readonly categories: readonly Category[] | null
  readonly tiers: readonly ('A' | 'B')[] | null
  /** Age on the service day from (inclusive) and below (exclusive), in whole years. */
  readonly ageFrom: number | null
  readonly ageBelow: number | null
  readonly householdAccount: boolean | null
  readonly civilServant: boolean | null
}

/** A row of a table: the first that fits person and institution is the one that holds. */
export type Row = {
  readonly for: PersonSelector | null
  readonly at: readonly InstitutionGroup[] | null
  readonly because: Because
}
export type AmountRow = Row & { readonly amount: Money }
export type RatioRow = Row & { readonly ratio: Ratio }

/** What becomes of a line whose catalogue limit is not met: a named choice of the policy. */
export type LimitNotMet = 'person_pays' | 'refuse'
export type LineRules = {
  readonly limitNotMet: LimitNotMet
  /** Most that a claimed unit price may be of the listed one, at least 1; null for any. */
  readonly priceAboveListMax: Ratio | null
  readonly because: Because
}

export type SetAsideLayer = {
  readonly step: 'set-aside-unpooled'
  readonly what: 'pharmacy_without_prescription' | 'pharmacy_purchases'
  readonly because: Because
}
export type SelfPayLayer = {
  readonly step: 'apply-self-pay-segment'
  readonly accumulator: AccumulatorKind
  readonly amounts: readonly AmountRow[]
}
export type PoolingLayer = { readonly step: 'apply-pooling'; readonly ratios: readonly RatioRow[] }
export type CeilingLayer = {
  readonly step: 'apply-ceiling'
  readonly basis: CeilingBasis
  readonly accumulator: AccumulatorKind
  readonly amounts: readonly AmountRow[]
}
export type DrawLayer = {
  readonly step: 'draw-current-year-account' | 'draw-past-year-account' | 'draw-household-account'
  /** The parts this account may pay, in the order in which it pays them. */
  readonly paysFor: readonly Part[]
  readonly because: Because
}
/** A layer of the benefit; the order of the layers is the policy's. */
export type Layer = SetAsideLayer | SelfPayLayer | PoolingLayer | CeilingLayer | DrawLayer

export type PolicyOfTheDay = {
  /** Id of the policy, e.g. `330282-employee-outpatient`. */
  readonly policy: string
  /**
   * Id of the version; never reused. Of a published document it names the text as well, by the
   * first twelve hex digits of its SHA-256: `330282-employee-outpatient@2023-01-01#0f3a…`.
   */
  readonly version: string
  readonly area: string
  readonly scheme: Scheme
  readonly serviceKinds: readonly ServiceKind[]
  readonly title: { readonly zh: string; readonly en: string }
  readonly period: Period
  readonly source: string
  readonly checkedOn: ServiceDay
  readonly note: string | null
  /** First day of the version whose table is extended because no own one is published, or null. */
  readonly borrowedFrom: ServiceDay | null
  readonly borrowed: boolean
  readonly benefitYear: 'calendar_year'
  readonly lines: LineRules
  /** First service day that asks for trace codes (药品追溯码); null where every day does. */
  readonly traceCodesFrom: ServiceDay | null
  readonly layers: readonly Layer[]
}

/** The id without its text: what people read, and what settlements stored at first. */
export const versionIdWithoutText = (id: string): string => id.split('#')[0] ?? id

/** Whether the fund pays for a drug on the day only with its trace code. */
export const traceCodesDue = (policy: PolicyOfTheDay, on: ServiceDay): boolean =>
  policy.traceCodesFrom === null || on >= policy.traceCodesFrom
