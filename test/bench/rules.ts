/** The rules alone: five-line claims adjudicated per second on one core. */
import { join } from 'node:path'
import { benefitYear, day } from '../../server/kernel/calendar.ts'
import {
  fen,
  lineAmount,
  parseQuantity,
  parseRatio,
  parseUnitPrice,
} from '../../server/kernel/money.ts'
import { adjudicate } from '../../server/rules/adjudicate.ts'
import { policyOf } from '../../server/rules/policy/book.ts'
import { loadPolicies } from '../../server/rules/policy/load-policies.ts'
import type { Claim, ClaimLine, Coverage, Position } from '../../server/rules/types.ts'

export function rulesPerSecond(projectRoot: string, seconds: number): number {
  const book = loadPolicies(join(projectRoot, 'fixtures/policies/330282'))
  const serviceDay = day('2026-06-15')
  const policy = policyOf(book, 'employee', 'pharmacy', serviceDay)
  if (policy === null) throw new Error('the demo area has a policy for the day')
  const until = performance.now() + seconds * 1000
  let count = 0
  for (; performance.now() < until; count += 1) adjudicate(claim(), COVERAGE, POSITION, policy)
  return Math.round(count / seconds)

  function claim(): Claim {
    return {
      serviceDay,
      serviceKind: 'pharmacy',
      institution: {
        code: 'P33028200001',
        kind: 'pharmacy',
        level: null,
        tier: null,
        community: false,
        inArea: true,
      },
      prescription: true,
      diagnoses: [],
      lines: [1, 2, 3, 4, 5].map(lineOf),
    }
  }
}

const PRICE = parseUnitPrice('22.4')
const TWO = parseQuantity('2')
const SHARE = parseRatio('0.1')
const NONE = parseRatio('0')

const lineOf = (lineNo: number): ClaimLine => ({
  lineNo,
  itemCode: `DEMO00000${lineNo}`,
  itemKind: 'drug',
  name: '药品',
  catalogueClass: lineNo % 2 === 0 ? 'B' : 'A',
  quantity: TWO,
  unitPrice: PRICE,
  amount: lineAmount(PRICE, TWO),
  preliminaryRatio: lineNo % 2 === 0 ? SHARE : NONE,
  priceCeiling: null,
  packUnits: parseQuantity('1'),
  limits: [],
  daysSupply: null,
})

const COVERAGE: Coverage = {
  scheme: 'employee',
  category: 'active',
  tier: null,
  sex: 'M',
  birthDay: day('1985-03-01'),
  civilServant: false,
  assistance: null,
  householdAccount: false,
}

const POSITION: Position = {
  benefitYear: benefitYear(2026),
  balances: {
    'current-year-account': fen(5_000n),
    'past-year-account': fen(20_000n),
    'outpatient-self-pay-borne': fen(85_000n),
  },
}
