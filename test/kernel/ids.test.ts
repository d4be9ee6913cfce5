import { describe, expect, it } from 'vitest'
import {
  documentId,
  idempotencyKey,
  institutionCode,
  isUuid,
  newId,
  ownerId,
  personId,
  terminalId,
} from '../../server/kernel/ids.ts'
import { InvariantError, invariant, unreachable } from '../../server/kernel/invariant.ts'

const GOOD = '0198d5a0-7c1e-7a3b-8f00-0123456789ab'

describe('ids', () => {
  it('a new one is a UUID of version 7, different every time, in order of making', () => {
    const made = Array.from({ length: 1_000 }, newId)
    expect(made.filter((id) => !isUuid(id) || id[14] !== '7')).toEqual([])
    expect(new Set(made).size).toBe(made.length)
    expect([...made].sort()).toEqual(made)
  })

  it.each([
    ['a person', personId],
    ['an owner', ownerId],
    ['a document', documentId],
    ['a terminal', terminalId],
    ['an idempotency key', idempotencyKey],
  ])('%s has a lower-case UUID and nothing else', (_, asId) => {
    expect(asId(GOOD)).toBe(GOOD)
    expect(() => asId('x')).toThrow(InvariantError)
  })

  it.each([
    ['upper case', GOOD.toUpperCase()],
    ['braces', `{${GOOD}}`],
    ['no hyphens', GOOD.replaceAll('-', '')],
    ['a line end', `${GOOD}\n`],
    ['the nil UUID', '00000000-0000-0000-0000-000000000000'],
    ['a wrong variant', '0198d5a0-7c1e-7a3b-cf00-0123456789ab'],
    ['full-width digits', GOOD.replace('0', '０')],
    ['nothing', ''],
    ['200,000 characters', '0'.repeat(200_000)],
  ])('%s is refused', (_, text) => {
    expect(isUuid(text)).toBe(false)
  })

  it.each(['P33028200001', 'H33028200123'])('%s is an institution code', (code) => {
    expect(institutionCode(code)).toBe(code)
  })

  it.each(['p33028200001', '33028200001', 'P3302820001', 'P33028200001 ', 'P3302820000Ｏ'])(
    '%j is no institution code',
    (code) => {
      expect(() => institutionCode(code)).toThrow('a letter and eleven digits')
    },
  )
})

describe('our own mistakes', () => {
  it('stop with the statement that was broken', () => {
    expect(() => invariant(false, 'the parts make the whole')).toThrow(
      'broken: the parts make the whole',
    )
    expect(() => invariant(true, 'the parts make the whole')).not.toThrow()
  })

  it('a branch that cannot be reached says what reached it', () => {
    expect(() => unreachable('surprise' as never)).toThrow('broken: unexpected value "surprise"')
  })
})
