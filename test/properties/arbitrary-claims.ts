/** Random claims, persons and positions over the whole history of the demo area. */
import fc from 'fast-check'
import { addDays, day, type ServiceDay } from '../../server/kernel/calendar.ts'
import { fen, formatMoney } from '../../server/kernel/money.ts'
import { adjudicate } from '../../server/rules/adjudicate.ts'
import type { PolicyOfTheDay } from '../../server/rules/policy/policy-of-the-day.ts'
import type { Adjudication, BalanceKind, Claim, ClaimLine } from '../../server/rules/types.ts'
import { AT, claim, line, type Place, policyFor, position, WHO, type Who } from '../rules/claims.ts'

export type Situation = {
  readonly claim: Claim
  readonly who: Who
  readonly balances: Partial<Record<BalanceKind, string>>
}

const yuan = (most: number) =>
  fc.integer({ min: 0, max: most * 100 }).map((amount) => formatMoney(fen(BigInt(amount))))

const lineArbitrary: fc.Arbitrary<ClaimLine> = fc
  .record({
    price: yuan(2000),
    quantity: fc.constantFrom('1', '2', '3', '0.5', '1.25'),
    catalogueClass: fc.constantFrom('A' as const, 'B' as const, 'C' as const),
    preliminary: fc.constantFrom('0', '0.05', '0.1', '0.333', '0.5', '1'),
    ceiling: fc.option(yuan(1000), { nil: undefined }),
    packUnits: fc.constantFrom('1', '7', '24'),
    limits: fc.constantFrom([], [{ kind: 'prescription' as const }]),
  })
  .map(({ ceiling, ...rest }) => line(ceiling === undefined ? rest : { ...rest, ceiling }))

export const linesArbitrary = fc
  .array(lineArbitrary, { maxLength: 6 })
  .map((lines) => lines.map((one, index) => ({ ...one, lineNo: index + 1 })))

const dayArbitrary: fc.Arbitrary<ServiceDay> = fc
  .integer({ min: 0, max: 8300 })
  .map((days) => addDays(day('2005-01-01'), days))

export const situations: fc.Arbitrary<Situation> = fc
  .record({
    on: dayArbitrary,
    who: fc.constantFrom(...(Object.keys(WHO) as Who[])),
    place: fc.constantFrom(...(Object.keys(AT) as Place[])),
    prescription: fc.boolean(),
    lines: linesArbitrary,
    balances: fc.record({
      'current-year-account': yuan(800),
      'past-year-account': yuan(800),
      'household-account': yuan(50),
      'outpatient-self-pay-borne': yuan(900),
      'outpatient-in-scope-spent': yuan(5000),
      'outpatient-fund-paid': yuan(200),
    }),
  })
  .map(({ on, who, place, prescription, lines, balances }) => ({
    claim: claim({
      on,
      serviceKind: place === 'pharmacy' ? 'pharmacy' : 'outpatient',
      institution: AT[place],
      prescription,
      lines,
    }),
    who,
    balances,
  }))

/** Adjudicates a situation under the policy of its day, or under one made from it. */
export function adjudicateSituation(
  { claim: the, who, balances }: Situation,
  changed: (policy: PolicyOfTheDay) => PolicyOfTheDay = (policy) => policy,
): Adjudication {
  const coverage = WHO[who]
  const policy = changed(policyFor(the, coverage))
  return adjudicate(the, coverage, position(balances, the.serviceDay), policy)
}

/** The balances after an adjudication's movements. */
export function balancesAfter(
  { balances }: Situation,
  { movements }: Adjudication,
): Situation['balances'] {
  const { balances: start } = position(balances)
  const after: Partial<Record<BalanceKind, string>> = { ...balances }
  for (const { kind, amount } of movements) {
    after[kind] = formatMoney(fen((start[kind] ?? 0n) + amount))
  }
  return after
}
