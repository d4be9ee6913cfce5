import { describe, expect, it } from 'vitest'
import { otherServiceDay, type SaleRow, stateOfRow } from '../../pos-client/page/sale-rows.ts'

const row = (given: Partial<SaleRow>): SaleRow => ({
  settlementId: 'a',
  kind: 'settlement',
  settlementNumber: '1',
  originalId: null,
  settledAt: '2026-11-24T17:30:00.000Z', // the 25th in Asia/Shanghai
  serviceDay: '2026-11-25',
  operatorCode: 'C001',
  maskedName: '胡*波',
  totalExpense: '20.00',
  fundPays: '0.00',
  accountPays: '0.00',
  cashPays: '20.00',
  ...given,
})
const back = (kind: SaleRow['kind'], totalExpense: string, originalId = 'a') =>
  row({ settlementId: `${kind}${totalExpense}`, kind, totalExpense, originalId })

describe('a row of the day’s list', () => {
  it.each([
    ['settled', []],
    ['settled', [back('return', '-20.00', 'another')]],
    ['reversed', [back('reversal', '-20.00')]],
    ['partly-returned', [back('return', '-5.00')]],
    ['returned', [back('return', '-5.00'), back('return', '-15.00')]],
  ])('is %s by the rows that name it', (stage, others) => {
    const sale = row({})
    expect(stateOfRow(sale, [...others, sale])).toBe(stage)
  })

  it('names its service day only where it is another than the day at the counter', () => {
    expect(otherServiceDay(row({}))).toBeNull()
    expect(otherServiceDay(row({ serviceDay: '2016-01-05' }))).toBe('2016-01-05')
    expect(otherServiceDay(row({ serviceDay: undefined }))).toBeNull()
  })
})
