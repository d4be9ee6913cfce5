/** Published worked examples of outpatient care; their figures are never changed. */
import { describe, expect, it } from 'vitest'
import { invariant } from '../../server/kernel/invariant.ts'
import { formatMoney } from '../../server/kernel/money.ts'
import { adjudicate } from '../../server/rules/adjudicate.ts'
import { parsePolicyDocument } from '../../server/rules/policy/parse-document.ts'
import { ownBurden } from '../../server/rules/steps/conclude.ts'
import { AT, adjudicateDemo, claim, line, payersOf, position, WHO } from './claims.ts'

describe('cases of Ningbo under the demo area’s policy', () => {
  it('NB-02: a retiree of 70, community, 80 yuan, segment full: 6.40 own, 73.60 fund', () => {
    // 80 × 92 % = 73.60
    const seen = claim({ institution: AT.community, lines: [line({ price: '80' })] })
    const met = { 'outpatient-self-pay-borne': '300.00' } as const
    const result = adjudicateDemo(seen, WHO['retired, 70'], met)
    expect(payersOf(result)).toEqual({ 'pooling-fund': '73.60', cash: '6.40' })
  })

  it('NB-04: a pupil of 10, community, 80 yuan, first of the year: 32.00 own, 48.00 fund', () => {
    // 80 × 60 % = 48.00
    const seen = claim({ institution: AT.community, lines: [line({ price: '80' })] })
    const result = adjudicateDemo(seen, WHO['student, 10'])
    expect(payersOf(result)).toEqual({ 'pooling-fund': '48.00', cash: '32.00' })
  })
})

/** An employee policy of another place as data alone: deductible, ratio, account for own parts. */
const elsewhere = (deductible: string, ratio: string, source: string) => {
  const text = `
policy: 330282-employee-outpatient
area: "330282"
scheme: employee
service_kinds: [outpatient, pharmacy]
title: { zh: 外地政策, en: another place }
versions:
  - from: 2019-01-01
    until: null
    source: ${source}
    checked_on: 2026-11-24
    lines: { source: ${source}, checked_on: 2026-11-24, limit_not_met: person_pays }
    steps:
      - step: apply-self-pay-segment
        source: ${source}
        checked_on: 2026-11-24
        accumulator: outpatient-self-pay-borne
        amounts: [{ amount: "${deductible}" }]
      - step: apply-pooling
        source: ${source}
        checked_on: 2026-11-24
        ratios: [{ ratio: "${ratio}" }]
      - step: draw-past-year-account
        source: ${source}
        checked_on: 2026-11-24
        pays_for: [deductible, co-payment]
`
  const parsed = parsePolicyDocument(text, 'elsewhere.yaml')
  invariant(parsed.ok && parsed.value.versions[0] !== undefined, 'the document is a policy')
  return parsed.value.versions[0].policy
}

describe('cases of other places, expressed by data alone', () => {
  it.each([
    // case, deductible, ratio, total in scope, class C, borne before, account, fund, own burden
    ['YZ-01', '600.00', '0.65', '1500', '0', '0.00', '2760.00', '585.00', '915.00'],
    ['GS-01', '200.00', '0.60', '1700', '300', '0.00', '0.00', '900.00', '1100.00'],
    ['WH-01', '500.00', '0.68', '710', '50', '0.00', '0.00', '142.80', '617.20'],
    ['LP-01', '200.00', '0.70', '800', '0', '0.00', '0.00', '420.00', '380.00'],
    ['PIX-01', '1500.00', '0.75', '1000', '0', '1000.00', '9999.00', '375.00', '625.00'],
  ])(
    '%s: deductible %s, ratio %s, %s in scope and %s class C',
    (source, deductible, ratio, inScope, classC, borne, account, fund, own) => {
      const lines = [
        line({ lineNo: 1, price: inScope }),
        line({ lineNo: 2, price: classC, catalogueClass: 'C' }),
      ]
      const start = position({
        'outpatient-self-pay-borne': borne,
        'past-year-account': account,
      })
      const policy = elsewhere(deductible, ratio, source)
      const result = adjudicate(claim({ lines }), WHO['active, 33'], start, policy)
      expect(formatMoney(result.payers['pooling-fund'])).toBe(fund)
      expect(formatMoney(ownBurden(result))).toBe(own)
    },
  )

  it('YZ-01: the account pays deductible and co-payment, and keeps 1845', () => {
    const policy = elsewhere('600.00', '0.65', 'YZ-01')
    const start = position({ 'past-year-account': '2760.00' })
    const seen = claim({ lines: [line({ price: '1500' })] })
    const result = adjudicate(seen, WHO['active, 33'], start, policy)
    expect(payersOf(result)).toEqual({ 'pooling-fund': '585.00', 'past-year-account': '915.00' })
    expect(result.remaining.accounts['past-year-account']).toBe(184500n)
  })
})
