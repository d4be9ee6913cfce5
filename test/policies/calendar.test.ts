import { expect, it } from 'vitest'
import { addDays, day, periodCovers } from '../../server/kernel/calendar.ts'
import { policyByVersion, policyOf } from '../../server/rules/policy/book.ts'
import { SCHEMES, SERVICE_KINDS } from '../../server/rules/types.ts'
import { BOOK } from '../rules/claims.ts'

const kinds = SCHEMES.flatMap((scheme) => SERVICE_KINDS.map((kind) => [scheme, kind] as const))
const versions = [...BOOK.byVersion.values()]

it.each(kinds)('%s, %s: exactly one policy on every day from 2005 to 2027', (scheme, kind) => {
  const days: string[] = []
  for (let on = day('2005-01-01'); on < day('2028-01-01'); on = addDays(on, 1)) {
    const inForce = versions.filter(
      (policy) =>
        policy.scheme === scheme &&
        policy.serviceKinds.includes(kind) &&
        periodCovers(policy.period, on),
    )
    if (inForce.length !== 1) days.push(on)
    if (policyOf(BOOK, scheme, kind, on) !== inForce[0]) days.push(on)
  }
  expect(days).toEqual([])
})

it('before the first table there is none', () => {
  expect(policyOf(BOOK, 'employee', 'outpatient', day('2004-12-31'))).toBeNull()
})

it('a settlement finds the version it stored, and no other', () => {
  for (const policy of versions) expect(policyByVersion(BOOK, policy.version)).toBe(policy)
  expect(policyByVersion(BOOK, '330282-employee-outpatient@1999-01-01')).toBeNull()
})

it.each([
  ['employee', '2005-06-01', '330282-employee-outpatient@2005-01-01', true],
  ['employee', '2006-05-01', '330282-employee-outpatient@2006-05-01', false],
  ['employee', '2020-12-31', '330282-employee-outpatient@2007-01-01', true],
  ['employee', '2024-12-31', '330282-employee-outpatient@2023-01-01', false],
  ['employee', '2026-11-24', '330282-employee-outpatient@2025-01-01', true],
  ['rural', '2015-12-31', '330282-rural-outpatient@2007-01-01', true],
  ['rural', '2016-01-01', '330282-rural-outpatient@2016-01-01', false],
] as const)('%s on %s: %s, borrowed %s', (scheme, on, version, borrowed) => {
  const policy = policyOf(BOOK, scheme, 'outpatient', day(on))
  expect(policy).toMatchObject({ version, borrowed })
})

it('every version says by a note whose figures it borrows, and every reason has a source', () => {
  for (const policy of versions) {
    expect(policy.note, policy.version).not.toBeNull()
    expect(policy.source, policy.version).not.toBe('')
    for (const layer of policy.layers) {
      const rows = 'amounts' in layer ? layer.amounts : 'ratios' in layer ? layer.ratios : [layer]
      for (const { because } of rows) expect(because.source).not.toBe('')
    }
  }
})
