import { describe, expect, it } from 'vitest'
import { formatMoney } from '../../server/kernel/money.ts'
import { refusalSentence } from '../../server/kernel/refusal.ts'
import { claimRefusals } from '../../server/rules/claim-refusals.ts'
import type { ClaimLine, ItemLimit } from '../../server/rules/types.ts'
import { AT, adjudicateDemo, claim, line, policyFor, WHO } from './claims.ts'

const outside = (the: ClaimLine, facts: Parameters<typeof claim>[0] = {}) => {
  const result = adjudicateDemo(claim({ ...facts, lines: [the] }), WHO['active, 33'])
  return result.lines[0]
}

describe('what of a line is in scope', () => {
  it.each([
    // name, line, outside scope, over limit, preliminary share, in scope
    ['class A', line({ price: '100' }), '0.00', '0.00', '0.00', '100.00'],
    ['class C', line({ price: '100', catalogueClass: 'C' }), '100.00', '0.00', '0.00', '0.00'],
    // 33.33 × 5 % = 1.6665 → 1.67
    [
      'class B, 5 %',
      line({ price: '33.33', catalogueClass: 'B', preliminary: '0.05' }),
      '0.00',
      '0.00',
      '1.67',
      '31.66',
    ],
    // 3 × 12.50 = 37.50; ceiling 3 × 10 = 30; 7.50 above.
    [
      'price above its ceiling',
      line({ price: '12.5', quantity: '3', ceiling: '10' }),
      '0.00',
      '7.50',
      '0.00',
      '30.00',
    ],
    ['price at its ceiling', line({ price: '10', ceiling: '10' }), '0.00', '0.00', '0.00', '10.00'],
    // A pack of 12 may cost 20: 4 of its units 6.67 (80 ÷ 12); 4 × 2.50 = 10; 3.33 above.
    [
      'units of a split pack above their share of the ceiling',
      line({ price: '2.5', quantity: '4', ceiling: '20', packUnits: '12' }),
      '0.00',
      '3.33',
      '0.00',
      '6.67',
    ],
    // 20 ÷ 12 with six decimals is a hair above the ceiling, and comes to the same fen.
    [
      'units of a split pack at their share of the ceiling',
      line({ price: '1.666667', quantity: '4', ceiling: '20', packUnits: '12' }),
      '0.00',
      '0.00',
      '0.00',
      '6.67',
    ],
    // The excess leaves first: 37.50 − 7.50 = 30; 30 × 20 % = 6; 24 left.
    [
      'both',
      line({
        price: '12.5',
        quantity: '3',
        ceiling: '10',
        catalogueClass: 'B',
        preliminary: '0.2',
      }),
      '0.00',
      '7.50',
      '6.00',
      '24.00',
    ],
    // An item that is the person's wholly by its own share.
    [
      'class B, 100 %',
      line({ price: '8', catalogueClass: 'B', preliminary: '1' }),
      '0.00',
      '0.00',
      '8.00',
      '0.00',
    ],
  ])('%s', (_, the, outsideScope, overLimit, preliminaryShare, inScope) => {
    const result = adjudicateDemo(claim({ lines: [the] }), WHO['active, 33'])
    const { totals } = result
    expect({
      outsideScope: formatMoney(totals.outsideScope),
      overLimit: formatMoney(totals.overLimit),
      preliminaryShare: formatMoney(totals.preliminaryShare),
      inScope: formatMoney(totals.inScope),
    }).toEqual({ outsideScope, overLimit, preliminaryShare, inScope })
  })

  it('a claim without lines costs nothing and still tells what remains', () => {
    const result = adjudicateDemo(claim({}), WHO['retired, 70'], {
      'outpatient-self-pay-borne': '120.00',
    })
    expect(result.movements).toEqual([])
    expect(result.steps).toEqual([])
    expect(result.remaining.deductible).toBe(18000n)
  })
})

describe('a line outside its limit is the person’s own, with the reason', () => {
  it.each<[string, ItemLimit, Parameters<typeof claim>[0], boolean]>([
    ['for women, to a woman', { kind: 'sex', sex: 'F' }, {}, true],
    ['for men, to a woman', { kind: 'sex', sex: 'M' }, {}, false],
    ['from 33, aged 33', { kind: 'age-min', years: 33 }, {}, true],
    ['from 34, aged 33', { kind: 'age-min', years: 34 }, {}, false],
    ['to 33, aged 33', { kind: 'age-max', years: 33 }, {}, true],
    ['to 32, aged 33', { kind: 'age-max', years: 32 }, {}, false],
    ['from level 2, at level 2', { kind: 'level-min', level: 2 }, {}, true],
    ['from level 3, at level 2', { kind: 'level-min', level: 3 }, {}, false],
    [
      'from level 1, where no level was granted',
      { kind: 'level-min', level: 1 },
      { institution: AT.village },
      false,
    ],
    ['in-patients only', { kind: 'inpatient-only' }, {}, false],
    ['with a prescription', { kind: 'prescription' }, { prescription: true }, true],
    ['without its prescription', { kind: 'prescription' }, { prescription: false }, false],
    [
      'for I10, I10.900',
      { kind: 'diagnosis', prefixes: ['I10'] },
      { diagnoses: ['I10.900'] },
      true,
    ],
    ['for I10, no diagnosis', { kind: 'diagnosis', prefixes: ['I10'] }, {}, false],
    ['for 7 days, nobody said', { kind: 'days-supply-max', days: 7 }, {}, true],
  ])('%s', (_, limit, facts, met) => {
    const result = outside(line({ price: '10', limits: [limit] }), facts)
    expect(result?.inScope).toBe(met ? 1000n : 0n)
    expect(result?.notes.map(({ code }) => code)).toEqual(met ? [] : ['limit-not-met'])
  })

  it.each([
    [7, 1000n],
    [8, 0n],
  ])('for 7 days, %i days given', (daysSupply, inScope) => {
    const limits = [{ kind: 'days-supply-max', days: 7 }] as const
    expect(outside(line({ price: '10', daysSupply, limits }))?.inScope).toBe(inScope)
  })
})

describe('where the policy refuses lines outside their limit', () => {
  const limits = [{ kind: 'inpatient-only' }] as const
  const lines = [
    line({ lineNo: 1, price: '10' }),
    line({ lineNo: 2, price: '10', limits }),
    line({ lineNo: 3, price: '10', limits, catalogueClass: 'C' }),
  ]
  const seen = claim({ lines })
  const who = WHO['active, 33']
  const policy = policyFor(seen, who)

  it('each such line is refused with its number and limit', () => {
    const refusing = { ...policy, lines: { ...policy.lines, limitNotMet: 'refuse' as const } }
    const refusals = claimRefusals(seen, who, refusing)
    expect(refusals).toEqual([
      {
        code: 'item-outside-limit',
        params: { line: '2', limit: '限住院', limitEn: 'for in-patients' },
      },
    ])
    expect(refusals.map((given) => refusalSentence(given, 'zh')[0])).toEqual([
      '第 2 行超出限定支付范围:限住院',
    ])
    expect(refusals.map((given) => refusalSentence(given, 'en')[0])).toEqual([
      'Line 2 is covered only for in-patients',
    ])
  })

  it('and none where the person pays', () => {
    expect(claimRefusals(seen, who, policy)).toEqual([])
  })
})
