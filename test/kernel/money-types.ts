/**
 * What must not compile: `npm run typecheck` fails on a line below that the compiler accepts.
 * Nothing here runs.
 */
import type { BenefitYear, Instant, ServiceDay } from '../../server/kernel/calendar.ts'
import type { DocumentId, PersonId } from '../../server/kernel/ids.ts'
import {
  add,
  allocate,
  formatMoney,
  lineAmount,
  type Money,
  type Quantity,
  type Ratio,
  roundToFen,
  share,
  type UnitPrice,
  type UnroundedFen,
} from '../../server/kernel/money.ts'

type Given = {
  readonly fee: Money
  readonly rate: Ratio
  readonly price: UnitPrice
  readonly quantity: Quantity
  readonly unrounded: UnroundedFen
  readonly day: ServiceDay
  readonly year: BenefitYear
  readonly at: Instant
  readonly person: PersonId
}

export function mustCompile({ fee, rate, price, quantity }: Given): Money[] {
  return [add(fee, roundToFen(share(fee, rate))), lineAmount(price, quantity)]
}

export function mustNotCompile(given: Given): unknown[] {
  const { fee, rate, price, quantity, unrounded, day, at, person } = given
  // @ts-expect-error a share that is not rounded is not money
  const unroundedAdded = add(fee, share(fee, rate))
  // @ts-expect-error raw arithmetic on money yields a plain bigint
  const rawSum: Money = fee + fee
  // @ts-expect-error a literal is not money until fen() has seen it
  const literal: Money = 100n
  // @ts-expect-error a JS number is never money
  const float: Money = 1.5
  // @ts-expect-error money and number do not mix
  const mixed = fee * 2
  // @ts-expect-error a ratio is not a quantity
  const ratioAsQuantity = lineAmount(price, rate)
  // @ts-expect-error price and quantity do not change places
  const exchanged = lineAmount(quantity, price)
  // @ts-expect-error an unrounded amount is not written down
  const written = formatMoney(unrounded)
  // @ts-expect-error weights are money
  const weights = allocate(fee, [1, 2])
  // @ts-expect-error a text is not a day until it was parsed
  const textAsDay: ServiceDay = '2025-03-01'
  // @ts-expect-error a number is not an instant
  const numberAsInstant: Instant = 1
  // @ts-expect-error a day is not an instant
  const dayAsInstant: Instant = day
  // @ts-expect-error an instant is not a year
  const instantAsYear: BenefitYear = at
  // @ts-expect-error a person is not a document
  const personAsDocument: DocumentId = person
  return [
    unroundedAdded,
    rawSum,
    literal,
    float,
    mixed,
    ratioAsQuantity,
    exchanged,
    written,
    weights,
    textAsDay,
    numberAsInstant,
    dayAsInstant,
    instantAsYear,
    personAsDocument,
  ]
}
