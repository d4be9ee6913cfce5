import { describe, expect, it } from 'vitest'
import { ringFindings } from './rings.ts'
import { allSourceFiles, asMessage, sourceFile } from './source-files.ts'

describe('import rings', () => {
  it('every file imports only what its ring may import', () => {
    expect(asMessage(allSourceFiles().flatMap(ringFindings))).toBe('')
  })

  it.each([
    ['server/kernel/money.ts', "import { x } from '../rules/types.ts'", 'nothing of ours'],
    ['server/rules/adjudicate.ts', "import type { X } from '../contract/x.ts'", 'server/kernel'],
    ['server/rules/adjudicate.ts', "export { x } from '../ledger/chart.ts'", 'server/kernel'],
    ['server/rules/adjudicate.ts', "export * from '../ledger/chart.ts'", 'server/kernel'],
    ['server/ledger/chart.ts', "const x = await import('../store/x.ts')", 'server/kernel'],
    ['server/rules/steps/x.ts', "import { readFileSync } from 'node:fs'", 'pure'],
    ['server/settlement/x.ts', "import { z } from 'zod'", 'zod lives in'],
    ['server/clearing/x.ts', "import { x } from '../rules/types.ts'", 'server/settlement'],
    ['server/store/x.ts', "import { x } from '../actions/x.ts'", 'may not import'],
    ['server/queries/x.ts', "import { x } from '../actions/x.ts'", 'may not import'],
    ['server/rest/x.ts', "import { x } from '../store/x.ts'", 'may not import'],
    ['server/nhsa/x.ts', "import { x } from '../contract/x.ts'", 'may not import'],
    ['server/actions/x.ts', "import { sql } from 'drizzle-orm'", 'drizzle-orm lives in'],
    ['server/rest/x.ts', "import postgres from 'postgres'", 'postgres lives in'],
    ['server/actions/x.ts', "import { Hono } from 'hono'", 'hono lives in'],
    ['server/actions/x.ts', "import { Decimal } from 'decimal.js'", 'decimal.js lives in'],
    ['pos-client/main.ts', "import { x } from '../server/store/x.ts'", 'may not import'],
    ['db/migrate.ts', "import { x } from '../fixtures/x.ts'", 'may not import'],
    ['fixtures/x.ts', "import { x } from '../db/seed.ts'", 'may not import'],
    ['server/helpers/x.ts', 'export const x = 1', 'no row in the table'],
  ])('in %s the planted line %s is found', (path, text, part) => {
    expect(asMessage(ringFindings(sourceFile(path, text)))).toContain(part)
  })

  it.each([
    ['server/kernel/money.ts', "import { Decimal } from 'decimal.js'"],
    ['server/rules/policy/load.ts', "import { readFileSync } from 'node:fs'"],
    ['server/settlement/x.ts', "import { x } from '../ledger/chart.ts'"],
    ['server/queries/x.ts', "import { x } from '../../db/schema/index.ts'"],
    ['server/main.ts', "import { x } from './rest/x.ts'"],
    ['db/seed/people.ts', "import { x } from '../../fixtures/x.ts'"],
    ['pos-client/main.ts', "import { x } from '../server/rules/adjudicate.ts'"],
  ])('in %s the line %s is allowed', (path, text) => {
    expect(ringFindings(sourceFile(path, text))).toEqual([])
  })
})
