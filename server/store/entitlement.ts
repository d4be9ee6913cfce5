/** The read a decision rests on: person, coverage, position and trace codes in one snapshot. */
import {
  type BenefitYear,
  type Instant,
  parseInstant,
  type ServiceDay,
} from '../kernel/calendar.ts'
import { invariant } from '../kernel/invariant.ts'
import { fen, type Money } from '../kernel/money.ts'
import type { BalanceKind, Coverage, Position, Scheme } from '../rules/types.ts'
import { call, type Sql } from './database.ts'

/**
 * What is searched for: `value` is the number, the token, the person id, or a blind index in hex.
 */
export type EntitlementQuery = {
  readonly kind: 'card' | 'voucher' | 'id-number' | 'person'
  readonly value: string
}

export type HeldBalance = {
  readonly scheme: Scheme
  readonly benefitYear: BenefitYear | 0
  readonly kind: BalanceKind
  readonly amount: Money
}
export type HeldPosition = { readonly version: bigint; readonly balances: readonly HeldBalance[] }

export type CoveragePeriod = Omit<Coverage, 'sex' | 'birthDay' | 'householdAccount'> & {
  readonly status: 'in-force' | 'arrears' | 'waiting' | 'suspended'
  readonly from: ServiceDay
  readonly until: ServiceDay | null
}

export type KnownCode = {
  readonly code: string
  readonly state: 'sold' | 'split'
  readonly institution: string
  readonly unitsSold: number
  readonly unitsPerPack: number
  readonly soldAt: Instant
}

export type Entitlement = {
  readonly personId: string
  readonly name: string
  readonly sex: 'M' | 'F'
  readonly birthDay: ServiceDay
  readonly householdId: string | null
  readonly diedOn: ServiceDay | null
  /** Whether the person's card has a PIN, which then goes with every settlement. */
  readonly hasPin: boolean
  readonly cardStatus: 'active' | 'lost' | 'replaced' | null
  readonly cardStatusSince: Instant | null
  readonly expiresAt: Instant | null
  /** The coverage period of the day, whatever its status; null where none covers the day. */
  readonly coverage: CoveragePeriod | null
  /** The day the latest earlier coverage ended, where there was one. */
  readonly coverageEnded: ServiceDay | null
  readonly position: HeldPosition
  readonly householdPosition: HeldPosition | null
  readonly codes: readonly KnownCode[]
}

/** Balances by year: slots of `scheme/kind` and, in the same order, amounts in fen. */
type RawPosition = {
  version: string
  years: [BenefitYear | 0, slots: string[], amounts: string[]][]
} | null
type RawEntitlement = Omit<
  Entitlement,
  'position' | 'householdPosition' | 'codes' | 'cardStatusSince' | 'expiresAt'
> & {
  position: RawPosition
  householdPosition: RawPosition
  cardStatusSince: string | null
  expiresAt: string | null
  codes: (Omit<KnownCode, 'soldAt'> & { soldAt: string })[]
}

export type EntitlementQuestion = {
  readonly query: EntitlementQuery
  readonly onDay: ServiceDay
  /** Trace codes to look up; what is no code cannot be known and is not asked for. */
  readonly codes: readonly string[]
}

const TRACE_CODE = /^\d{20}$/

/** Reads many at once, each as of its day; null where nobody is found. */
export async function readEntitlements(
  sql: Sql,
  questions: readonly EntitlementQuestion[],
): Promise<(Entitlement | null)[]> {
  const rows = await call(
    () => sql<{ n: string; found: RawEntitlement }[]>`
      select n::text, found from read_entitlements(
        ${questions.map(({ query }) => query.kind)}::text[],
        ${questions.map(({ query }) => query.value)}::text[],
        ${questions.map(({ onDay }) => onDay)}::text[]::date[],
        ${questions.map(({ codes }) => codesText(codes))}::text[])`,
  )
  const found: (Entitlement | null)[] = questions.map(() => null)
  for (const row of rows) found[Number.parseInt(row.n, 10) - 1] = entitlementOf(row.found)
  return found
}

const codesText = (codes: readonly string[]): string =>
  `{${codes.filter((code) => TRACE_CODE.test(code)).join()}}`

function entitlementOf(raw: RawEntitlement): Entitlement {
  const position = heldPosition(raw.position)
  invariant(position !== null, 'a person has a position')
  // An older build may have put back its own function, which knows of no PIN: nobody settles then.
  invariant(typeof raw.hasPin === 'boolean', 'the database says whether a card has a PIN')
  return {
    ...raw,
    cardStatusSince: instantOf(raw.cardStatusSince),
    expiresAt: instantOf(raw.expiresAt),
    position,
    householdPosition: heldPosition(raw.householdPosition),
    codes: raw.codes.map(knownCode),
  }
}

/** The position of an owner by itself; null where the owner has none. */
export async function readPosition(sql: Sql, ownerId: string): Promise<HeldPosition | null> {
  const [row] = await call(
    () => sql<{ found: RawPosition }[]>`select read_position(${ownerId}) as found`,
  )
  return heldPosition(row?.found ?? null)
}

/** What is known of trace codes: those that are sold, or split and partly sold. */
export async function readTraceCodes(sql: Sql, codes: readonly string[]): Promise<KnownCode[]> {
  const [row] = await call(
    () => sql<{ found: RawEntitlement['codes'] }[]>`
      select read_trace_codes(${codes as string[]}) as found`,
  )
  return (row?.found ?? []).map(knownCode)
}

const knownCode = (code: RawEntitlement['codes'][number]): KnownCode => ({
  ...code,
  soldAt: requiredInstant(code.soldAt),
})

function heldPosition(raw: RawPosition): HeldPosition | null {
  if (raw === null) return null
  const balances: HeldBalance[] = []
  for (const [benefitYear, slots, amounts] of raw.years) {
    slots.forEach((slot, index) => {
      const [scheme, kind] = slot.split('/') as [Scheme, BalanceKind]
      balances.push({ scheme, benefitYear, kind, amount: fen(BigInt(amounts[index] ?? '0')) })
    })
  }
  return { version: BigInt(raw.version), balances }
}

function requiredInstant(text: string): Instant {
  const at = parseInstant(text)
  invariant(at !== null, 'the database prints instants as ISO text')
  return at
}
const instantOf = (text: string | null): Instant | null =>
  text === null ? null : requiredInstant(text)

/** Balances of one scheme that count in a benefit year: that year's and those no year bounds. */
export function positionOf(
  scheme: Scheme,
  benefitYear: BenefitYear,
  holders: readonly (HeldPosition | null)[],
): Position {
  const balances: Partial<Record<BalanceKind, Money>> = {}
  for (const held of holders.flatMap((holder) => holder?.balances ?? [])) {
    const counts = held.benefitYear === 0 || held.benefitYear === benefitYear
    if (held.scheme === scheme && counts) balances[held.kind] = held.amount
  }
  return { benefitYear, balances }
}
