import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { policyJsonSchema } from '../../server/rules/policy/schema.ts'

it('the JSON schema that editors complete from is the one the loader checks with', () => {
  const stored = new URL('../../fixtures/policies/policy.schema.json', import.meta.url)
  expect(readFileSync(stored, 'utf8')).toBe(policyJsonSchema())
})
