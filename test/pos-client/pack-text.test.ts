import { describe, expect, it } from 'vitest'
import { batchIn, expiryIn } from '../../pos-client/devices/pack-text.ts'

describe('the last day of use as it stands on a pack', () => {
  it.each([
    ['2028-07-31', '2028-07-31'],
    ['20280731', '2028-07-31'],
    ['2028.07.31', '2028-07-31'],
    ['2028/07/31', '2028-07-31'],
    ['2028年07月31日', '2028-07-31'],
    ['2028年07月', '2028-07-31'],
    ['202806', '2028-06-30'], // a month means its last day
    ['2028-02', '2028-02-29'],
    ['2027.02', '2027-02-28'],
    [' 2028 07 31 ', '2028-07-31'],
    ['2027-02-29', null],
    ['2028-13', null],
    ['280731', null],
    ['31.07.2028', null],
    ['', null],
  ])('%s is %s', (text, day) => {
    expect(expiryIn(text)).toBe(day)
  })
})

describe('a batch', () => {
  it.each([
    ['A12', '2028-07', { number: 'A12', expiresOn: '2028-07-31' }],
    ['', '', null],
    ['A12', '', 'wrong'],
    ['', '2028-07', 'wrong'],
    ['A12', 'soon', 'wrong'],
  ])('of number %j and day %j is %j', (number, expiry, batch) => {
    expect(batchIn(number, expiry)).toEqual(batch)
  })
})
