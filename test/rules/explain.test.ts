import { expect, it } from 'vitest'
import { explainSteps } from '../../server/rules/explain.ts'
import { adjudicateDemo, claim, line, WHO } from './claims.ts'

const lines = [
  line({ lineNo: 1, price: '1100' }),
  line({ lineNo: 2, price: '100', catalogueClass: 'B', preliminary: '0.1' }),
  line({ lineNo: 3, price: '50', catalogueClass: 'C' }),
]
// In scope 1100 + 90 = 1190; account 90; 1100 − (900 − 200) = 400 × 80 % = 320;
// the past-year account pays 100 of 700 + 80 + 10; 690 + 50 in cash.
const result = adjudicateDemo(claim({ lines }), WHO['active, 33'], {
  'current-year-account': '90.00',
  'past-year-account': '100.00',
  'outpatient-self-pay-borne': '200.00',
})
const version = '330282-employee-outpatient@2023-01-01'

it('a clerk reads every step in Chinese', () => {
  expect(explainSteps(result, 'zh')).toEqual([
    '目录外或不符合限定支付范围 50.00 元,由个人负担。',
    '先行自付 10.00 元。',
    '总费用 1250.00 元中符合政策范围 1190.00 元。',
    '当年账户余额 90.00 元,支付 90.00 元。',
    `本年度自付段 900.00 元,此前已计 200.00 元,本次计入 700.00 元(${version})。`,
    `400.00 元按 80% 由统筹基金支付 320.00 元(${version})。`,
    '历年账户余额 100.00 元,支付 100.00 元。',
    '个人现金支付 740.00 元。',
  ])
})

it('and in English', () => {
  const sentences = explainSteps(result, 'en')
  expect(sentences).toHaveLength(8)
  expect(sentences[5]).toBe(`The pooling fund pays 80% of 400.00 yuan: 320.00 yuan (${version}).`)
})

it('every figure names the entry of the policy and its source', () => {
  for (const { because } of result.steps) {
    expect(because.version).toBe(version)
    expect(because.entry).toMatch(/^(lines|steps\[\d+\])/)
    expect(because.source).not.toBe('')
  }
  const pooling = result.steps.find(({ step }) => step === 'apply-pooling')
  expect(pooling?.because.entry).toBe('steps[3].ratios[3]')
})
