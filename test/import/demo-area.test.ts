/** The demo's own tables, imported over the area that was seeded from them. */
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { createDatabase } from '../../db/embedded.ts'
import { migrateDatabase } from '../../db/migrate.ts'
import { seedDemo } from '../../db/seed.ts'
import { VAULT } from '../support/area-seed.ts'
import { onServer, projectRoot } from '../support/postgres.ts'
import { commit, counts } from './support.ts'

const root = new URL('../../fixtures/', import.meta.url)
const NAME = `import_${process.pid}`
let url = ''

beforeAll(async () => {
  url = await createDatabase(inject('postgresUrl'), NAME)
  await migrateDatabase(url, projectRoot)
  await seedDemo({
    url,
    vault: VAULT,
    persons: 40,
    clockToday: '2026-06-15',
    benefitYear: 2026,
    fixturesRoot: root,
  })
})
afterAll(() => onServer(inject('postgresUrl'), `drop database ${NAME} with (force)`))

it.each([
  ['catalogue', 'catalogue/drugs.csv', 1091],
  ['catalogue', 'catalogue/services.csv', 223],
  ['catalogue', 'catalogue/materials.csv', 37],
  ['institutions', 'institutions/institutions.csv', 60],
] as const)('%s from %s is known already, all %i rows of it', async (subject, table, rows) => {
  const report = await commit(url, subject, fileURLToPath(new URL(table, root)))
  expect(report.faults).toStrictEqual([])
  expect(report.counts).toStrictEqual(counts({ unchanged: rows }))
})
