import { describe, expect, it } from 'vitest'
import { openSessions, rememberPerson } from '../../pos-client/local-api/session.ts'
import { scanOf } from '../../pos-client/page/scan-text.ts'

describe('the scan field', () => {
  it.each([
    ['*2', 'quantity'],
    ['1.5*', 'quantity'],
    ['81000000000000020016', 'trace-code'],
    ['6909002100005', 'code'],
    ['2', 'code'],
    ['1.5', 'code'],
    ['8100000000000002001', 'wrong-length'],
    ['73302821278111369', 'wrong-length'],
    ['733028212781113696', 'identity'],
    [';733028212781113696?', 'identity'],
    ['11010119900307003x', 'identity'],
    ['amxl', 'words'],
    ['阿莫西林', 'words'],
    ['EV3302820123ABCD0123ABCD0123', 'words'],
  ])('takes %s typed by hand for %s', (text, kind) => {
    expect(scanOf(text, false).kind).toBe(kind)
  })
  it.each([
    ['EV3302820123ABCD0123ABCD0123', 'perhaps-identity'],
    ['A12345678', 'perhaps-identity'],
    ['6909002100005', 'code'],
    ['81000000000000020016', 'trace-code'],
    ['amoxilin', 'words'],
  ])('takes %s at a reader’s pace for %s', (text, kind) => {
    expect(scanOf(text, true).kind).toBe(kind)
  })
  it('calls digits below a barcode’s length short: they were meant as a quantity', () => {
    expect(scanOf('2', false)).toEqual({ kind: 'code', isShort: true })
    expect(scanOf('6909002100005', false)).toEqual({ kind: 'code', isShort: false })
  })
})

it('the same card keeps its handle, another card or the ID number is another person', () => {
  const operator = { operatorCode: 'C001', name: '丁一' } as never
  const session = openSessions().open(operator)
  const first = rememberPerson(session, { kind: 'card', number: '733028212781113696' })
  expect(rememberPerson(session, { kind: 'card', number: '733028212781113696' })).toBe(first)
  const second = rememberPerson(session, { kind: 'card', number: '733028212718281830' })
  expect(second).not.toBe(first)
  expect(rememberPerson(session, { kind: 'card', number: '733028212781113696' })).not.toBe(first)
})
