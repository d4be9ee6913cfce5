import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '../../server/kernel/ids.ts'
import { fen, parseMoney } from '../../server/kernel/money.ts'
import type { PostingDocument } from '../../server/store/posting.ts'
import { PAYER_COLUMNS, readOutcome, TOTAL_COLUMNS } from '../../server/store/settlements.ts'
import type { Store } from '../../server/store/store.ts'
import { OTHER_SHOP } from '../support/area.ts'
import { rowCounts, rowsAdded } from '../support/books.ts'
import { fillBooks } from '../support/busy-books.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { creditOf, newOwner, openProcess } from './postings.ts'

let database: FreshDatabase
let store: Store
beforeAll(async () => {
  database = await freshDatabase()
  await fillBooks(database)
  store = openProcess(database.url)
})
afterAll(async () => {
  await store.close()
  await database.drop()
})

type Document = { answer: { lines: { amount: string }[] } }
type Row = Record<string, unknown> & { document: Document }

/** A good row of the books as a document of its own. */
async function documentLike(kind: string): Promise<Row> {
  const [row] = await database.sql<{ row: Row }[]>`
    select to_jsonb(s) as row from settlement s where kind = ${kind}
     order by cash_fen desc, document_id limit 1`
  if (row === undefined) throw new Error(`there is a ${kind}`)
  const document = JSON.parse(String(row.row.document)) as Document
  return { ...row.row, document, document_id: newId(), settlement_number: newId() }
}
/** A row as the door takes it: totals and payers as lists, and what stands beside the answer. */
function asPosted(row: Row): PostingDocument {
  const { answer } = row.document
  const named = (columns: object) =>
    Object.values(columns).map((column) => fen(BigInt(String(row[String(column)]))))
  return {
    kind: String(row.kind),
    settlementNumber: String(row.settlement_number),
    originalId: row.original_id as string | null,
    terminalId: String(row.terminal_id),
    personId: String(row.person_id),
    scheme: String(row.scheme),
    serviceKind: String(row.service_kind),
    serviceDay: String(row.service_day),
    benefitYear: Number(row.benefit_year),
    totals: named(TOTAL_COLUMNS),
    payers: named(PAYER_COLUMNS),
    policyVersions: row.policy_versions as string[],
    lineAmounts: answer.lines.map((line) => parseMoney(line.amount)),
    text: JSON.stringify(row.document),
    holdsAnswer: true,
  }
}
const post = async (given: Row) => {
  const document = asPosted(given)
  const ownerId = await newOwner(database.sql)
  const postingId = String(given.document_id)
  const posting = creditOf([{ ownerId, version: 0n }], { document, postingId })
  const institutionCode = String(given.institution_code)
  return store.door.post({
    ...posting,
    audit: { ...posting.audit, institutionCode },
  })
}
const plus = (row: Row, column: string, fen: number) => ({ [column]: Number(row[column]) + fen })

describe('the books themselves refuse a document', () => {
  it.each<[string, string, (row: Row) => Record<string, unknown>, string]>([
    [
      'whose payers do not make the total',
      'settlement',
      (row) => plus(row, 'cash_fen', 1),
      'settlement_payers_make_the_expense',
    ],
    [
      'whose parts do not make the total',
      'settlement',
      (row) => plus(row, 'in_scope_fen', 1),
      'settlement_parts_make_the_expense',
    ],
    [
      'with a payer who pays less than nothing',
      'settlement',
      (row) => ({ ...plus(row, 'cash_fen', 100), employer_fen: -100 }),
      'settlement_no_negative_part',
    ],
    [
      'whose lines do not make the total',
      'settlement',
      ({ document }) => ({
        document: { ...document, answer: { lines: document.answer.lines.slice(1) } },
      }),
      'settlement_lines_make_the_expense',
    ],
    [
      'of a terminal of another institution',
      'settlement',
      () => ({ institution_code: OTHER_SHOP }),
      'settlement_terminal_of_institution',
    ],
    [
      'of a terminal that was never enrolled',
      'settlement',
      () => ({ terminal_id: newId() }),
      'settlement_terminal_of_institution',
    ],
    ['of an unknown kind', 'settlement', () => ({ kind: 'gift' }), 'settlement_kind_known'],
    [
      'with a number that was given before',
      'settlement',
      (row) => ({ settlement_number: row.given }),
      'settlement_settlement_number_unique',
    ],
    ['that reverses what was reversed', 'reversal', () => ({}), 'settlement_reversed_once'],
    [
      'that takes back what nobody settled',
      'return',
      () => ({ original_id: newId() }),
      'settlement_original_exists',
    ],
    [
      'that takes back without an original',
      'return',
      () => ({ original_id: null }),
      'settlement_original_where_taken_back',
    ],
    [
      'that settles and names an original',
      'settlement',
      (row) => ({ original_id: row.other }),
      'settlement_original_where_taken_back',
    ],
  ])('%s', async (_, kind, change, constraint) => {
    const [known] = await database.sql<{ given: string; other: string }[]>`
      select settlement_number as given, document_id as other from settlement limit 1`
    const row = await documentLike(kind)
    const before = await rowCounts(database.sql)
    const verdict = await post({ ...row, ...change({ ...row, ...known }) })
    expect(verdict).toEqual({ verdict: 'refused', constraint })
    const added = rowsAdded(before, await rowCounts(database.sql))
    expect(added).toEqual({ position: 1 }) // The test's own owner.
  })

  it('and where one is gone its key has no answer, rather than an empty one', async () => {
    const row = await documentLike('settlement')
    expect((await post(row)).verdict).toBe('posted')
    const [key] = await database.sql<{ client_id: string; key: string }[]>`
      select client_id, key from idempotency where posting_id = ${String(row.document_id)}`
    const outcome = () => readOutcome(store.sql, key?.client_id ?? '', key?.key ?? '')
    expect((await outcome())?.answer).toBe(JSON.stringify(row.document.answer))
    await database.sql.begin(async (sql) => {
      await sql`set local session_replication_role = replica`
      await sql`delete from settlement where document_id = ${String(row.document_id)}`
    })
    await expect(outcome()).rejects.toThrow('the answer under a key is stored')
  })

  it('and take one that is right', async () => {
    expect((await post(await documentLike('settlement'))).verdict).toBe('posted')
  })
})
