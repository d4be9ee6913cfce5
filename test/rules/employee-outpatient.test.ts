import { describe, expect, it } from 'vitest'
import { AT, adjudicateDemo, claim, line, movementsOf, payersOf, WHO } from './claims.ts'

/** Ningbo 2023: segment 1 current-year account, 2 own (900/600/300), 3 pooled. */
describe('an employee sees a doctor in 2023', () => {
  const met = (figure: string) => ({ 'outpatient-self-pay-borne': figure })

  it.each([
    // Segment 2 is not full: 500 of 900; the person bears all.
    ['active, 33', 'other', '500.00', {}, { cash: '500.00' }],
    // 1000 − 900 = 100 pooled; 100 × 80 % = 80; 900 + 20 in cash.
    ['active, 33', 'other', '1000.00', {}, { 'pooling-fund': '80.00', cash: '920.00' }],
    // From 45 on the segment is 600: 400 × 80 % = 320; 600 + 80.
    ['active, 50', 'other', '1000.00', {}, { 'pooling-fund': '320.00', cash: '680.00' }],
    // Retired 300: 700 × 92 % in the community = 644; 300 + 56.
    ['retired, 70', 'community', '1000.00', {}, { 'pooling-fund': '644.00', cash: '356.00' }],
    // Active in the community: 100 × 86 % = 86; tertiary: 100 × 75 % = 75.
    [
      'active, 33',
      'community',
      '100.00',
      met('900.00'),
      { 'pooling-fund': '86.00', cash: '14.00' },
    ],
    ['active, 33', 'tertiary', '100.00', met('900.00'), { 'pooling-fund': '75.00', cash: '25.00' }],
    // 250 of 300 borne: 50 own, 50 × 75 % = 37.50; 50 + 12.50.
    [
      'retired, 70',
      'tertiary',
      '100.00',
      met('250.00'),
      { 'pooling-fund': '37.50', cash: '62.50' },
    ],
    // 0.03 × 75 % = 0.0225 → 0.02; 0.02 × 75 % = 0.015 → 0.02 (half up), nothing left.
    ['active, 33', 'tertiary', '0.03', met('900.00'), { 'pooling-fund': '0.02', cash: '0.01' }],
    ['active, 33', 'tertiary', '0.02', met('900.00'), { 'pooling-fund': '0.02' }],
  ] as const)('%s at %s, %s yuan, before %o: %o', (who, place, price, before, expected) => {
    const seen = claim({ institution: AT[place], lines: [line({ price })] })
    expect(payersOf(adjudicateDemo(seen, WHO[who], before))).toEqual(expected)
  })

  it('the current-year account pays first and does not fill the self-pay segment', () => {
    // 1200: account 200; 1000 left, 900 own; 100 × 80 % = 80; the past-year account holds 500 and
    // pays of the 920 own yuan 500; 420 in cash.
    const seen = claim({ lines: [line({ price: '1200' })] })
    const balances = { 'current-year-account': '200.00', 'past-year-account': '500.00' }
    const result = adjudicateDemo(seen, WHO['active, 33'], balances)
    expect(payersOf(result)).toEqual({
      'pooling-fund': '80.00',
      'current-year-account': '200.00',
      'past-year-account': '500.00',
      cash: '420.00',
    })
    expect(movementsOf(result)).toEqual({
      'current-year-account': '-200.00',
      'past-year-account': '-500.00',
      'outpatient-self-pay-borne': '900.00',
      'outpatient-in-scope-spent': '100.00',
      'outpatient-fund-paid': '80.00',
      'in-scope-spent': '1200.00',
      'pooling-fund-paid': '80.00',
    })
    expect(result.remaining).toEqual({
      deductible: 0n,
      ceilingYearly: null,
      ceilingOn: null,
      accounts: { 'current-year-account': 0n, 'past-year-account': 0n },
    })
  })

  it('neither account pays class C; only the past-year account pays a preliminary share', () => {
    // A 100; B 100 with 10 % = 10 first; C 50. In scope 190, all from the current-year account;
    // the past-year account pays the 10; cash the 50.
    const lines = [
      line({ lineNo: 1, price: '100' }),
      line({ lineNo: 2, price: '100', catalogueClass: 'B', preliminary: '0.1' }),
      line({ lineNo: 3, price: '50', catalogueClass: 'C' }),
    ]
    const balances = { 'current-year-account': '1000.00', 'past-year-account': '1000.00' }
    const result = adjudicateDemo(claim({ lines }), WHO['active, 33'], balances)
    expect(payersOf(result)).toEqual({
      'current-year-account': '190.00',
      'past-year-account': '10.00',
      cash: '50.00',
    })
  })

  it('movements say whose balance, which year, and the most it may come to', () => {
    const seen = claim({ lines: [line({ price: '100' })] })
    const balances = { 'current-year-account': '10.00', 'past-year-account': '20.00' }
    const { movements } = adjudicateDemo(seen, WHO['retired, 70'], balances)
    expect(movements).toEqual([
      movement('current-year-account', 2023, -1000n, null),
      movement('past-year-account', 0, -2000n, null),
      movement('outpatient-self-pay-borne', 2023, 9000n, 30000n),
      movement('in-scope-spent', 2023, 9000n + 1000n, null),
    ])
  })
})

const movement = (kind: string, benefitYear: number, amount: bigint, ceiling: bigint | null) => ({
  owner: 'person',
  kind,
  benefitYear,
  amount,
  ceiling,
})

describe('an employee buys at a pharmacy in 2023', () => {
  const balances = { 'current-year-account': '30.00', 'past-year-account': '50.00' }
  const met = { ...balances, 'outpatient-self-pay-borne': '900.00' }
  const purchase = (prescription: boolean) =>
    claim({
      serviceKind: 'pharmacy',
      institution: AT.pharmacy,
      prescription,
      lines: [line({ price: '130' })],
    })

  it('with a prescription the pharmacy pools at the ratio of other institutions', () => {
    // 130 − 30 account = 100 × 80 % = 80; the 20 own from the past-year account.
    expect(payersOf(adjudicateDemo(purchase(true), WHO['active, 33'], met))).toEqual({
      'pooling-fund': '80.00',
      'current-year-account': '30.00',
      'past-year-account': '20.00',
    })
  })

  it('without one only the accounts pay, and no segment moves', () => {
    const result = adjudicateDemo(purchase(false), WHO['active, 33'], balances)
    expect(payersOf(result)).toEqual({
      'current-year-account': '30.00',
      'past-year-account': '50.00',
      cash: '50.00',
    })
    expect(movementsOf(result)).toEqual({
      'current-year-account': '-30.00',
      'past-year-account': '-50.00',
      'in-scope-spent': '130.00',
    })
    expect(result.lines[0]?.notes.map(({ code }) => code)).toEqual(['no-prescription'])
    expect(result.remaining.deductible).toBe(90000n)
  })
})

describe('the history of the employees', () => {
  it.each([
    // 2006: the own segment is 9 % / 6 % / 3 % of the demo wage of 22 000: 1980, 1320, 660.
    // 2000 − 1980 = 20 × 85 % = 17 in the community.
    ['2006-05-01', 'active, 33', 'community', { 'pooling-fund': '17.00', cash: '1983.00' }],
    // Born 1973, 34 years old in 2007: the table of 2006 extended, 20 × 80 % = 16.
    ['2007-03-01', 'active, 50', 'other', { 'pooling-fund': '16.00', cash: '1984.00' }],
    // 47 in 2020: 2000 − 1320 = 680 × 75 % = 510.
    ['2020-12-31', 'active, 50', 'tertiary', { 'pooling-fund': '510.00', cash: '1490.00' }],
    // The next day the table of 2021: 2000 − 600 = 1400 × 75 % = 1050.
    ['2021-01-01', 'active, 50', 'tertiary', { 'pooling-fund': '1050.00', cash: '950.00' }],
  ] as const)('on %s, %s at %s, 2000 yuan: %o', (on, who, place, expected) => {
    const seen = claim({ on, institution: AT[place], lines: [line({ price: '2000' })] })
    expect(payersOf(adjudicateDemo(seen, WHO[who]))).toEqual(expected)
  })

  it.each([
    ['the day before the 45th birthday', '2023-06-14', '900.00'],
    ['the 45th birthday itself', '2023-06-15', '600.00'],
  ])('on %s the own segment is settled by the age on the service day', (_, on, figure) => {
    const person = { ...WHO['active, 33'], birthDay: WHO['active, 33'].birthDay }
    const born = { ...person, birthDay: '1978-06-15' as typeof person.birthDay }
    const result = adjudicateDemo(claim({ on, lines: [line({ price: '1000' })] }), born)
    expect(movementsOf(result)['outpatient-self-pay-borne']).toBe(figure)
  })
})
