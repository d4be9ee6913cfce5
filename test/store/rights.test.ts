import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call } from '../../server/store/database.ts'
import { errorCode } from '../../server/store/errors.ts'
import type { Store } from '../../server/store/store.ts'
import { MONEY_TABLES } from '../support/books.ts'
import { fillBooks } from '../support/busy-books.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { openProcess } from './postings.ts'

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

const PERMISSION_DENIED = '42501'
const ADDED_ONLY = [
  'year_movement',
  'journal',
  'settlement',
  'trace_code_event',
  'idempotency',
  'audit_event',
  'policy_version',
] as const
const columnOf: Record<string, string> = {
  position: 'version',
  year_balances: 'amounts_fen',
  year_movement: 'amounts_fen',
  journal: 'operation',
  settlement: 'cash_fen',
  trace_code: 'state',
  trace_code_event: 'mode',
  idempotency: 'answer',
  nonce: 'seen_at',
  audit_event: 'result',
  policy_version: 'document',
}
const statements = (table: string): [string, string][] => {
  const column = columnOf[table] ?? ''
  return [
    ['insert into', `insert into ${table} overriding system value select * from ${table} limit 1`],
    ['update', `update ${table} set ${column} = ${column}`],
    ['delete from', `delete from ${table}`],
    ['truncate', `truncate ${table} cascade`],
  ]
}
const sqlstateOf = async (work: () => PromiseLike<unknown>): Promise<string | null> => {
  try {
    await work()
    return null
  } catch (error) {
    return errorCode(error)
  }
}

describe('the application', () => {
  const denied = MONEY_TABLES.flatMap((table) =>
    statements(table).map(([verb, statement]) => [verb, table, statement] as const),
  )
  it.each(denied)('may not %s %s: only the door writes money', async (_, __, statement) => {
    expect(await sqlstateOf(() => store.sql.unsafe(statement))).toBe(PERMISSION_DENIED)
  })

  it.each([
    "batch_verdicts('{}', '{}')",
    "write_balances('{}', '{}', '')",
    "write_postings('{}', '{}', '{}')",
    "write_settlements('{}', '{}', '{}')",
    "write_trace_codes('{}', '{}', '{}')",
  ])('may not call %s, a part of the door, past the door', async (part) => {
    const statement = `select ${part}`
    expect(await sqlstateOf(() => store.sql.unsafe(statement))).toBe(PERMISSION_DENIED)
  })

  it('has no rights beyond its role, and is a member of nothing else', async () => {
    const [facts] = await store.sql`
      select session_user = current_user as "asItself", rolsuper, rolbypassrls, rolcreaterole,
             (select array_agg(r.rolname::text) from pg_roles r
               where r.rolname <> session_user
                 and pg_has_role(session_user, r.oid, 'MEMBER')) as "memberOf"
        from pg_roles where rolname = session_user`
    expect(facts).toEqual({
      asItself: true,
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: false,
      memberOf: ['settlement_app'],
    })
    const owned = await store.sql`
      select relname from pg_class
       where relowner in ('settlement_app'::regrole, to_regrole(session_user))`
    expect(owned).toEqual([])
  })

  it.each([
    'set role none',
    'reset role',
    'set role settlement_app',
    'reset session authorization',
    'set role settlement_door',
    'set role <owner>',
    'set session authorization <owner>',
  ])('gains nothing by "%s": the books stay closed to it', async (statement) => {
    const [owner] = await database.sql`
      select relowner::regrole::text as name from pg_class where relname = 'position'`
    const connection = await store.sql.reserve()
    try {
      const taken = statement.replace('<owner>', owner?.name)
      const answer = await sqlstateOf(() => connection.unsafe(taken))
      expect([null, PERMISSION_DENIED]).toContain(answer)
      if (/<owner>|door/.test(statement)) expect(answer).toBe(PERMISSION_DENIED)
      const write = 'update position set version = version'
      expect(await sqlstateOf(() => connection.unsafe(write))).toBe(PERMISSION_DENIED)
    } finally {
      await connection.unsafe('reset role')
      connection.release()
    }
  })

  it('works under the time limits that keep a wait shorter than the one outside it', async () => {
    const [limits] = await call(
      () => store.sql`select current_setting('lock_timeout') as lock,
        current_setting('statement_timeout') as statement, current_setting('TimeZone') as zone`,
    )
    expect(limits).toEqual({ lock: '3s', statement: '5s', zone: 'UTC' })
  })
})

describe('what was written', () => {
  const changes = ADDED_ONLY.flatMap((table) =>
    statements(table)
      .filter(([verb]) => verb !== 'insert into')
      .map(([verb, statement]) => [verb, table, statement] as const),
  )
  it.each(changes)('resists even its owner: %s %s fails', async (_, __, statement) => {
    expect(await sqlstateOf(() => database.sql.unsafe(statement))).toBe('23000')
  })
})
