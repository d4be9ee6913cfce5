import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { invariant } from '../../server/kernel/invariant.ts'
import { policyBook } from '../../server/rules/policy/book.ts'
import { faultText, type PolicyFault, PolicyFaultsError } from '../../server/rules/policy/faults.ts'
import { loadPolicies } from '../../server/rules/policy/load-policies.ts'
import { parsePolicyDocument } from '../../server/rules/policy/parse-document.ts'

const GOOD = readFileSync(new URL('./good-policy.yaml', import.meta.url), 'utf8')

/** The faults of a text, found in the document itself or among its versions. */
function faultsOf(text: string): readonly PolicyFault[] {
  const parsed = parsePolicyDocument(text, 'bad.yaml')
  if (!parsed.ok) return parsed.faults
  const book = policyBook([parsed.value])
  return book.ok ? [] : book.faults
}

const lineOf = (text: string, marker: string): number =>
  text.slice(0, text.indexOf(marker)).split('\n').length

const replaced = (from: string, to: string): string => {
  invariant(GOOD.includes(from), `the good document holds ${from}`)
  return GOOD.replace(from, to)
}

it('the good document has no fault', () => {
  expect(faultsOf(GOOD)).toEqual([])
})

describe('a bad document is refused with file, line and remedy', () => {
  it.each([
    // name, replace, by, marker of the line, what, remedy
    [
      'an unknown key',
      'accumulator:',
      'acumulator:',
      'acumulator',
      'unknown key "acumulator"',
      'spell',
    ],
    [
      'a figure without source',
      '        source: 第二条 自付段\n',
      '',
      '      - step: apply-self-pay-segment'.slice(8),
      'a figure without source',
      'add source: name the regulation',
    ],
    ['a bad amount', '"900.00"', '"900.001"', '"900.001"', 'is not an amount', 'in quotes'],
    ['a negative amount', '"900.00"', '"-1"', '"-1"', 'is not an amount', 'in quotes'],
    ['an amount outside quotes', '"900.00"', '900.5', '900.5', '"amount"', 'in quotes'],
    ['a ratio above one', '"0.80"', '"1.20"', '"1.20"', 'is not a ratio', '"0" to "1"'],
    ['a ratio in per cent', '"0.80"', '"80"', '"80"', 'is not a ratio', '"0" to "1"'],
    ['a day that does not exist', '2020-01-01', '2020-02-30', '2020-02-30', 'not a day', 'YYYY'],
    ['a step nobody knows', 'apply-pooling', 'apply-pool', 'apply-pool', 'step', 'schema'],
    [
      'a factor below one',
      'limit_not_met: person_pays',
      'price_above_list_max: "0.5"\n      limit_not_met: person_pays',
      'price_above_list_max',
      'is not a factor',
      'at least "1"',
    ],
    [
      'an unknown choice',
      'limit_not_met: person_pays',
      'limit_not_met: maybe',
      'maybe',
      'limit_not_met',
      'person_pays, refuse',
    ],
    ['a gap', 'from: 2023-01-01', 'from: 2023-01-02', '2023-01-02', 'gap from', '2023-01-01'],
    [
      'an overlap',
      'from: 2023-01-01',
      'from: 2022-12-31',
      '2022-12-31',
      'overlaps',
      'until: 2022-12-31',
    ],
    [
      'a version that ends before it begins',
      'until: 2023-01-01',
      'until: 2019-01-01',
      '2019-01-01',
      'ends before it begins',
      'later day',
    ],
    [
      'a table without a row for somebody',
      '          - ratio: "0.80"\n',
      '          - { at: [community], ratio: "0.80" }\n',
      '- { at: [community], ratio: "0.80" }',
      'no row for active',
      'add a row',
    ],
    [
      'a borrowed table nobody lends',
      'borrowed_from: 2020-01-01',
      'borrowed_from: 2019-01-01',
      'borrowed_from: 2019-01-01',
      'no version with a table',
      'first day',
    ],
    [
      'a day of trace codes without source',
      'versions:',
      'trace_codes: { from: 2025-07-01, checked_on: 2026-11-24 }\nversions:',
      'trace_codes',
      'a figure without source',
      'add source: name the regulation',
    ],
    [
      'a day of trace codes that is none',
      'versions:',
      'trace_codes: { from: 2025-06-31, source: 测试规定, checked_on: 2026-11-24 }\nversions:',
      'trace_codes',
      'not a day',
      'YYYY',
    ],
    ['a repeated key', 'area: "330282"', 'area: "330282"\narea: "330282"', 'area', 'YAML', 'key'],
    ['an alias', 'area: "330282"', 'area: *other', 'area: *other', 'alias', 'write'],
    [
      'an id of another scheme',
      '330282-employee-',
      '330282-rural-',
      'policy',
      'id does not',
      'write',
    ],
  ])('%s', (_, from, to, marker, what, remedy) => {
    const text = replaced(from, to)
    const faults = faultsOf(text)
    const first = faults.find((fault) => fault.what.includes(what))
    expect(first?.file).toBe('bad.yaml')
    expect(first?.what, faults.map(faultText).join('\n')).toContain(what)
    expect(first?.remedy).toContain(remedy)
    const wanted = lineOf(text, marker) + (what === 'YAML' ? 1 : 0)
    expect(first?.line).toBe(wanted)
  })

  it('a folder is refused with every fault of every file in one message', () => {
    const load = () => loadPolicies(new URL('./bad-folder', import.meta.url).pathname)
    expect(load).toThrow(PolicyFaultsError)
    expect(load).toThrow(/one\.yaml:\d+: .*Remedy: .*\n.*two\.yaml:\d+: .*Remedy: /)
  })

  it('a folder without documents is no book', () => {
    expect(() => loadPolicies(new URL('../rules', import.meta.url).pathname)).toThrow(
      /no policy document/,
    )
  })
})
