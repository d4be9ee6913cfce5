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

type RawPosition = {
  version: string
  balances: [Scheme, BenefitYear | 0, BalanceKind, string][]
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

/** Null when nobody is found. */
export async function readEntitlement(
  sql: Sql,
  query: EntitlementQuery,
  onDay: ServiceDay,
  codes: readonly string[],
): Promise<Entitlement | null> {
  const [row] = await call(
    () => sql<{ found: RawEntitlement | null }[]>`
      select read_entitlement(${query.kind}, ${query.value}, ${onDay},
                              ${codes as string[]}) as found`,
  )
  const raw = row?.found ?? null
  if (raw === null) return null
  const position = heldPosition(raw.position)
  invariant(position !== null, 'a person has a position')
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
  return {
    version: BigInt(raw.version),
    balances: raw.balances.map(([scheme, benefitYear, kind, amount]) => ({
      scheme,
      benefitYear,
      kind,
      amount: fen(BigInt(amount)),
    })),
  }
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
