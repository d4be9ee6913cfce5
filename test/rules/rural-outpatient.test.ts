import { describe, expect, it } from 'vitest'
import { AT, adjudicateDemo, claim, line, movementsOf, payersOf, WHO } from './claims.ts'

describe('a resident sees a doctor in 2023', () => {
  it.each([
    ['resident, tier A', 'community', { 'pooling-fund': '60.00', cash: '40.00' }],
    ['resident, tier A', 'other', { 'pooling-fund': '45.00', cash: '55.00' }],
    ['resident, tier A', 'tertiary', { 'pooling-fund': '30.00', cash: '70.00' }],
    ['resident, tier B', 'community', { 'pooling-fund': '50.00', cash: '50.00' }],
    ['resident, tier B', 'other', { 'pooling-fund': '35.00', cash: '65.00' }],
    ['resident, tier B', 'tertiary', { 'pooling-fund': '20.00', cash: '80.00' }],
    ['student, 10', 'community', { 'pooling-fund': '60.00', cash: '40.00' }],
  ] as const)('%s at %s, 100 yuan: %o', (who, place, expected) => {
    const seen = claim({ institution: AT[place], lines: [line({ price: '100' })] })
    expect(payersOf(adjudicateDemo(seen, WHO[who]))).toEqual(expected)
  })

  it.each([
    // 4990 of 5000 used: 10 of 100 lie within; 10 × 60 % = 6; 94 own.
    ['resident, tier A', '4990.00', { 'pooling-fund': '6.00', cash: '94.00' }, '10.00'],
    // Tier B: 3000.
    ['resident, tier B', '2990.00', { 'pooling-fund': '5.00', cash: '95.00' }, '10.00'],
    ['resident, tier B', '3000.00', { cash: '100.00' }, undefined],
  ] as const)(
    '%s with %s used: the limit on in-scope spending splits the claim',
    (who, used, expected, counted) => {
      const seen = claim({ institution: AT.community, lines: [line({ price: '100' })] })
      const result = adjudicateDemo(seen, WHO[who], { 'outpatient-in-scope-spent': used })
      expect(payersOf(result)).toEqual(expected)
      expect(movementsOf(result)['outpatient-in-scope-spent']).toBe(counted)
      expect(result.remaining.ceilingYearly).toBe(0n)
      expect(result.remaining.ceilingOn).toBe('in_scope_expense')
    },
  )

  it.each([
    ['2022-12-31', { 'pooling-fund': '2400.00', cash: '2600.00' }], // 4000 × 60 %
    ['2023-01-01', { 'pooling-fund': '3000.00', cash: '2000.00' }], // 5000 × 60 %
  ])('the limit rose with the year: on %s, 5000 yuan: %o', (on, expected) => {
    const seen = claim({ on, institution: AT.community, lines: [line({ price: '5000' })] })
    expect(payersOf(adjudicateDemo(seen, WHO['student, 10']))).toEqual(expected)
  })

  it.each([
    ['with', true, { 'pooling-fund': '45.00', cash: '55.00' }],
    ['without', false, { cash: '100.00' }],
  ])('%s a prescription a pharmacy purchase of 100 yuan: %o', (_, prescription, expected) => {
    const purchase = claim({
      serviceKind: 'pharmacy',
      institution: AT.pharmacy,
      prescription,
      lines: [line({ price: '100' })],
    })
    expect(payersOf(adjudicateDemo(purchase, WHO['resident, tier A']))).toEqual(expected)
  })
})

describe('a villager of the 2000s', () => {
  const on = '2008-04-01'

  it.each([
    // Township 15 %; elsewhere nothing.
    ['community', {}, { 'pooling-fund': '15.00', cash: '85.00' }],
    ['tertiary', {}, { cash: '100.00' }],
    // 190 of 200 paid: 10 left stands for 10 ÷ 15 % = 66.67; 66.67 − 10 own, 33.33 above.
    ['community', { 'outpatient-fund-paid': '190.00' }, { 'pooling-fund': '10.00', cash: '90.00' }],
    ['community', { 'outpatient-fund-paid': '200.00' }, { cash: '100.00' }],
  ] as const)('at %s, 100 yuan, before %o: %o', (place, before, expected) => {
    const seen = claim({ on, institution: AT[place], lines: [line({ price: '100' })] })
    expect(payersOf(adjudicateDemo(seen, WHO['resident, tier A'], before))).toEqual(expected)
  })

  it('what lies above the ceiling on fund pay is shown as the converted expense', () => {
    const seen = claim({ on, institution: AT.community, lines: [line({ price: '100' })] })
    const before = { 'outpatient-fund-paid': '190.00' } as const
    const { steps, movements } = adjudicateDemo(seen, WHO['resident, tier A'], before)
    const ceiling = steps.find(({ step }) => step === 'apply-ceiling')
    expect(ceiling).toMatchObject({ cameIn: 10000n, took: 3333n, figure: 20000n })
    const spent = movements.find(({ kind }) => kind === 'outpatient-in-scope-spent')
    expect(spent?.amount).toBe(6667n)
    expect(movements.find(({ kind }) => kind === 'outpatient-fund-paid')).toMatchObject({
      amount: 1000n,
      ceiling: 20000n,
    })
  })

  it.each([
    ['outpatient', 'community'],
    ['pharmacy', 'pharmacy'],
  ] as const)('with a household account it pays instead of a ratio: %s', (serviceKind, place) => {
    const seen = claim({
      on,
      serviceKind,
      institution: AT[place],
      lines: [line({ price: '50' })],
    })
    const who = WHO['villager with household account']
    const result = adjudicateDemo(seen, who, { 'household-account': '30.00' })
    expect(payersOf(result)).toEqual({ 'household-account': '30.00', cash: '20.00' })
    expect(result.movements[0]).toMatchObject({ owner: 'household', benefitYear: 0 })
  })

  it('a household account that is not one of this household pays nothing', () => {
    const seen = claim({ on, institution: AT.community, lines: [line({ price: '50' })] })
    const result = adjudicateDemo(seen, WHO['resident, tier A'], { 'household-account': '30.00' })
    expect(payersOf(result)).toEqual({ 'pooling-fund': '7.50', cash: '42.50' })
  })
})
