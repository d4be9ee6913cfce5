import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { addDays, day, periodCovers } from '../../server/kernel/calendar.ts'
import { policyBook, policyByVersion, policyOf } from '../../server/rules/policy/book.ts'
import { parsePolicyDocument } from '../../server/rules/policy/parse-document.ts'
import { traceCodesDue, versionIdWithoutText } from '../../server/rules/policy/policy-of-the-day.ts'
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

describe('a document published anew', () => {
  const text = readFileSync(new URL('./good-policy.yaml', import.meta.url), 'utf8')
  const published = (document: string, textId: string) => {
    const parsed = parsePolicyDocument(document, 'test.yaml', textId)
    if (!parsed.ok) throw new Error('faulty')
    return parsed.value
  }
  const first = published(text, 'aaaaaaaaaaaa')
  const second = published(text.replace('title:', '# corrected\ntitle:'), 'bbbbbbbbbbbb')
  const made = policyBook([second], [first, second])
  if (!made.ok) throw new Error('faulty')
  const book = made.value
  const [old, now] = [first.versions[0]?.policy, second.versions[0]?.policy]
  if (old === undefined || now === undefined) throw new Error('no versions')

  it('decides new claims, and its versions name the text', () => {
    const [serviceKind] = now.serviceKinds
    expect(policyOf(book, now.scheme, serviceKind ?? 'pharmacy', now.period.from)).toBe(now)
    expect(now.version).toMatch(/@\d{4}-\d{2}-\d{2}#bbbbbbbbbbbb$/)
  })

  it('leaves the text before it to the settlements that name it, or name none', () => {
    expect(policyByVersion(book, old.version)).toBe(old)
    expect(policyByVersion(book, now.version)).toBe(now)
    expect(policyByVersion(book, versionIdWithoutText(now.version))).toBe(old)
    expect(policyByVersion(book, `${versionIdWithoutText(now.version)}#cccccccccccc`)).toBeNull()
  })
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

it.each(kinds)('%s, %s: trace codes are due from 2025-07-01, under every table', (scheme, kind) => {
  const due = (on: string): boolean | undefined => {
    const policy = policyOf(BOOK, scheme, kind, day(on))
    return policy === null ? undefined : traceCodesDue(policy, day(on))
  }
  const days = ['2006-05-01', '2018-03-01', '2025-06-30', '2025-07-01', '2026-11-24']
  expect(days.map(due)).toEqual([false, false, false, true, true])
})

it('a document that names no day asks for trace codes on every day', () => {
  const text = readFileSync(new URL('./good-policy.yaml', import.meta.url), 'utf8')
  const dated =
    'trace_codes: { from: 2025-07-01, source: 测试规定 第四条, checked_on: 2026-11-24 }\n'
  const dueIn = (document: string) => {
    const parsed = parsePolicyDocument(document, 'test.yaml')
    if (!parsed.ok) throw new Error('faulty')
    return parsed.value.versions.map(({ policy }) => traceCodesDue(policy, day('2021-01-01')))
  }
  expect(dueIn(text)).toEqual([true, true])
  expect(dueIn(text.replace('versions:', `${dated}versions:`))).toEqual([false, false])
})
