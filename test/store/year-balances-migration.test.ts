/** The migration that made one row of an owner's balances of a year: nothing may change by it. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import journal from '../../db/migrations/meta/_journal.json' with { type: 'json' }
import { checkInvariants } from '../support/invariants.ts'
import { emptyDatabase, type FreshDatabase } from '../support/postgres.ts'

const FOLDER = new URL('../../db/migrations/', import.meta.url)
const BEFORE = [
  '0000_functions_for_checks',
  '0001_tables',
  '0002_ranges_and_rights',
  '0003_institution_kinds',
  '0004_diagnoses_and_towns',
]
const MIGRATION = '0005_year_balances'
/** What came since, in its order: the invariants are asked of the newest schema. */
const LATER = journal.entries.map(({ tag }) => tag).filter((tag) => tag > MIGRATION)

const OWNER = '00000000-0000-8000-8000-0000000000b1'
const SALE = '00000000-0000-8000-8000-0000000000c2'
const CREDIT = '00000000-0000-8000-8000-0000000000c1'

let database: FreshDatabase
async function apply(name: string): Promise<void> {
  const statements = readFileSync(new URL(`${name}.sql`, FOLDER), 'utf8')
  for (const one of statements.split('--> statement-breakpoint')) await database.sql.unsafe(one)
}

/** A credit and a sale as the books held them before: a row per balance and per movement. */
async function fillOldBooks(): Promise<void> {
  await database.sql.unsafe(`
    set session_replication_role = replica;
    insert into position values ('${OWNER}', 'person', 2);
    insert into idempotency (client_id, key, operation, body_sha, verdict, status, answer,
      posting_id, created_at) values
      ('${OWNER}', '${CREDIT}', 'credit-account', repeat('a', 32)::bytea, 'done', 201, '{}',
       '${CREDIT}', '2026-01-02'),
      ('${OWNER}', '${SALE}', 'settle', repeat('b', 32)::bytea, 'done', 201, '{}',
       '${SALE}', '2026-01-03');
    insert into balance values
      ('${OWNER}', 'employee', 2026, 'current-year-account', 2, 1000, 1100, null),
      ('${OWNER}', 'employee', 2026, 'in-scope-spent', 1, 0, 400, 5000),
      ('${OWNER}', 'employee', 0, 'past-year-account', 0, 700, 700, null);
    insert into movement values
      ('${OWNER}', 'employee', 2026, 'current-year-account', 1, '${CREDIT}', 1000, 500, 1500),
      ('${OWNER}', 'employee', 2026, 'current-year-account', 2, '${SALE}', 1500, -400, 1100),
      ('${OWNER}', 'employee', 2026, 'in-scope-spent', 1, '${SALE}', 0, 400, 400);
    insert into settlement values ('${SALE}', 'settlement', 'N-1', null, 'P33028200001', '${SALE}',
      'C1', '${OWNER}', 'employee', 'pharmacy', '2026-01-03', 2026, '2026-01-03', 400, 0, 0, 0, 400,
      0, 0, 0, 0, 0, 0, 400, 0, 0, 0, 0, 0, 0, '{v}',
      '{"lines": [{"amount": "1.50"}, {"amount": "2.50"}]}');
    reset session_replication_role;`)
}

const BALANCES = `select scheme, benefit_year, kind, opening_fen, amount_fen, ceiling_fen
  from balance order by 1, 2, 3`
const MOVEMENTS = `select scheme, benefit_year, kind, posting_id, before_fen, amount_fen, after_fen
  from movement order by 1, 2, 3, before_fen`

beforeAll(async () => {
  database = await emptyDatabase()
  for (const name of BEFORE) await apply(name)
  await fillOldBooks()
})
afterAll(() => database.drop())

it('leaves every balance, every movement and every line amount as it was', async () => {
  const { sql } = database
  const before = [await sql.unsafe(BALANCES), await sql.unsafe(MOVEMENTS)]
  expect(before.map((rows) => rows.length)).toEqual([3, 3])
  await apply(MIGRATION)
  expect([await sql.unsafe(BALANCES), await sql.unsafe(MOVEMENTS)]).toEqual(before)
  const [row] = await sql`select line_amounts_fen from settlement`
  expect(row).toEqual({ line_amounts_fen: [150n, 250n] })
  const versions = await sql`select benefit_year, version from year_balances order by 1`
  expect(versions.map((one) => [one.benefit_year, one.version])).toEqual([
    [0, 0],
    [2026, 2],
  ])
})

it('leaves an unbroken chain of movements', async () => {
  for (const name of LATER) await apply(name)
  const breaches = await checkInvariants(database.url)
  expect(breaches.filter(({ invariant }) => ['I4', 'I5', 'I6', 'I7'].includes(invariant))).toEqual(
    [],
  )
})
