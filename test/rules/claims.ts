/** Claims, persons and policies for the tests of the rules; every default is the plainest case. */
import { fileURLToPath } from 'node:url'
import { benefitYearOf, day } from '../../server/kernel/calendar.ts'
import { invariant } from '../../server/kernel/invariant.ts'
import {
  formatMoney,
  lineAmount,
  type Money,
  parseMoney,
  parseQuantity,
  parseRatio,
  parseUnitPrice,
} from '../../server/kernel/money.ts'
import { adjudicate } from '../../server/rules/adjudicate.ts'
import { type PolicyBook, policyOf } from '../../server/rules/policy/book.ts'
import { loadPolicies } from '../../server/rules/policy/load-policies.ts'
import type { PolicyOfTheDay } from '../../server/rules/policy/policy-of-the-day.ts'
import type {
  Adjudication,
  BalanceKind,
  Claim,
  ClaimLine,
  Coverage,
  InstitutionFacts,
  Position,
} from '../../server/rules/types.ts'

export const POLICY_FOLDER = fileURLToPath(
  new URL('../../fixtures/policies/330282', import.meta.url),
)
export const BOOK: PolicyBook = loadPolicies(POLICY_FOLDER)
export const TODAY = '2023-06-15'

const institution = (facts: Partial<InstitutionFacts>): InstitutionFacts => ({
  code: 'H33028200001',
  kind: 'hospital',
  level: 2,
  tier: null,
  community: false,
  inArea: true,
  ...facts,
})
export const AT = {
  pharmacy: institution({ kind: 'pharmacy', level: null }),
  community: institution({ kind: 'community-centre', level: 1, community: true }),
  other: institution({}),
  tertiary: institution({ level: 3 }),
  village: institution({ kind: 'village-clinic', level: null }),
} as const
export type Place = keyof typeof AT

const person = (facts: Partial<Coverage>): Coverage => ({
  scheme: 'employee',
  category: 'active',
  tier: null,
  sex: 'F',
  birthDay: day('1990-01-01'),
  civilServant: false,
  assistance: null,
  householdAccount: false,
  ...facts,
})
export const WHO = {
  'active, 33': person({}),
  'active, 50': person({ birthDay: day('1973-01-01') }),
  'retired, 70': person({ category: 'retired', birthDay: day('1953-01-01') }),
  'resident, tier A': person({ scheme: 'rural', category: 'resident-adult', tier: 'A' }),
  'resident, tier B': person({ scheme: 'rural', category: 'resident-adult', tier: 'B' }),
  'student, 10': person({ scheme: 'rural', category: 'student', birthDay: day('2013-01-01') }),
  'villager with household account': person({
    scheme: 'rural',
    category: 'resident-adult',
    tier: 'A',
    householdAccount: true,
  }),
} as const
export type Who = keyof typeof WHO

type LineText = Partial<
  Omit<ClaimLine, 'quantity' | 'unitPrice' | 'preliminaryRatio' | 'packUnits'>
> & {
  readonly price: string
  readonly quantity?: string
  readonly preliminary?: string
  readonly ceiling?: string
  readonly packUnits?: string
}

/** A line from text: class A, one unit, no limits unless said. */
export function line(text: LineText) {
  const { price, quantity = '1', preliminary = '0', ceiling, packUnits = '1', ...rest } = text
  const unitPrice = parseUnitPrice(price)
  const units = parseQuantity(quantity)
  return {
    lineNo: 1,
    itemCode: 'DEMO',
    itemKind: 'drug',
    name: '示例药品',
    catalogueClass: 'A',
    limits: [],
    daysSupply: null,
    ...rest,
    quantity: units,
    unitPrice,
    amount: lineAmount(unitPrice, units),
    preliminaryRatio: parseRatio(preliminary),
    priceCeiling: ceiling === undefined ? null : parseUnitPrice(ceiling),
    packUnits: parseQuantity(packUnits),
  } satisfies ClaimLine
}

export const claim = (facts: Partial<Omit<Claim, 'serviceDay'>> & { on?: string }): Claim => {
  const { on = TODAY, ...rest } = facts
  return {
    serviceDay: day(on),
    serviceKind: 'outpatient',
    institution: AT.other,
    prescription: true,
    diagnoses: [],
    lines: [],
    ...rest,
  }
}

/** Balances from yuan text. */
export const position = (
  balances: Partial<Record<BalanceKind, string>> = {},
  on: string = TODAY,
): Position => ({
  benefitYear: benefitYearOf(day(on)),
  balances: Object.fromEntries(
    Object.entries(balances).map(([kind, text]) => [kind, parseMoney(text)]),
  ),
})

export function policyFor(the: Claim, coverage: Coverage): PolicyOfTheDay {
  const policy = policyOf(BOOK, coverage.scheme, the.serviceKind, the.serviceDay)
  invariant(policy !== null, 'the demo area has a policy for the day')
  return policy
}

/** Adjudicates under the demo area's policy of the claim's day. */
export const adjudicateDemo = (
  the: Claim,
  coverage: Coverage,
  balances: Partial<Record<BalanceKind, string>> = {},
): Adjudication =>
  adjudicate(the, coverage, position(balances, the.serviceDay), policyFor(the, coverage))

/** The payers that pay something, in yuan. */
export const payersOf = ({ payers }: Adjudication): Record<string, string> =>
  inYuan(Object.entries(payers).filter(([, amount]) => amount !== 0n))

/** Movements by kind, in yuan. */
export const movementsOf = ({ movements }: Adjudication): Record<string, string> =>
  inYuan(movements.map(({ kind, amount }) => [kind, amount]))

const inYuan = (entries: readonly (readonly [string, Money])[]): Record<string, string> =>
  Object.fromEntries(entries.map(([name, amount]) => [name, formatMoney(amount)]))
