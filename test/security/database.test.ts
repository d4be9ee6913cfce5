import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../server/app.ts'
import { contentDigestOf, signedHeaders } from '../../server/contract/signature.ts'
import { newId } from '../../server/kernel/ids.ts'
import { errorCode } from '../../server/store/errors.ts'
import { verdictOf } from '../rest/api.ts'
import { openProcess } from '../store/postings.ts'
import { type Area, claimFor, instantOf, SHOP, smallArea, terminalOf } from '../support/area.ts'
import { rowCounts, rowsAdded } from '../support/books.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { DATA_CLASSES, SCHEMA_COLUMNS } from './data-classes.ts'
import { APPLICATION_MAY } from './database-rights.ts'

let database: FreshDatabase
let area: Area
beforeAll(async () => {
  database = await freshDatabase()
  area = await smallArea(database.url)
})
afterAll(async () => {
  await area.close()
  await database.drop()
})

const tables = async (): Promise<string[]> => {
  const rows = await database.sql<{ name: string }[]>`
    select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1`
  return rows.map(({ name }) => name)
}
const PERMISSION_DENIED = '42501'

describe('the rights of the application’s role', () => {
  it('are those of the table here, for every table of the schema', async () => {
    const rows = await database.sql<{ name: string; may: string[] | null }[]>`
      select relname as name,
             (select array_agg(r order by r) from unnest(array['SELECT', 'INSERT', 'UPDATE',
                'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) r
               where has_table_privilege('settlement_app', c.oid, r)) as may
        from pg_class c
       where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1`
    const found = Object.fromEntries(rows.map(({ name, may }) => [name, may ?? []]))
    expect(found).toEqual(APPLICATION_MAY)
  })

  it('hold when it tries: whatever the table does not name is denied', async () => {
    const store = openProcess(database.url)
    const verbs = {
      SELECT: (table: string) => `select count(*) from ${table}`,
      INSERT: (table: string) =>
        `insert into ${table} overriding system value select * from ${table} where false`,
      UPDATE: (table: string, column: string) => `update ${table} set ${column} = ${column}`,
      DELETE: (table: string) => `delete from ${table} where false`,
      TRUNCATE: (table: string) => `truncate ${table}`,
    }
    const wrong: string[] = []
    let denied = 0
    for (const [table, may] of Object.entries(APPLICATION_MAY)) {
      const column = SCHEMA_COLUMNS[table]?.[0] ?? 'sha'
      for (const [verb, statement] of Object.entries(verbs)) {
        if ((may as string[]).includes(verb)) continue
        const code = await codeOf(() => store.sql.unsafe(statement(table, column)))
        if (code === PERMISSION_DENIED) denied += 1
        else wrong.push(`${verb} ${table}: ${code}`)
      }
    }
    await store.close()
    expect(wrong).toEqual([])
    expect(denied).toBeGreaterThan(70)
  })

  it.each([
    'create table public.own (x int)',
    'create schema own',
    'alter table audit_event disable trigger all',
    'drop table nonce',
    'create function public.own() returns int language sql as $$ select 1 $$',
    'create or replace function code_available(held trace_code, mode text, units int,' +
      ' institution text) returns boolean language sql immutable as $$ select true $$',
    'create role own',
    'set session_replication_role = replica',
    "copy person to program 'cat'",
    "select pg_read_file('/etc/hostname')",
    'alter system set fsync = off',
  ])('change nothing of the house: %s', async (statement) => {
    const code = await codeOf(() => area.runtime.store.sql.unsafe(statement))
    expect(code).toBe(PERMISSION_DENIED)
  })

  it('every function with other rights runs as door or reader, on a fixed path', async () => {
    const definers = await database.sql`
      select p.proname, p.proowner::regrole::text as owner from pg_proc p
       where p.pronamespace = 'public'::regnamespace and p.prosecdef
         and (p.proowner::regrole::text not in ('settlement_door', 'settlement_reader')
              or not p.proconfig::text like '%search_path=public, pg_temp%')`
    expect(definers).toEqual([])
  })
})

async function codeOf(work: () => PromiseLike<unknown>): Promise<string | null> {
  try {
    await work()
    return null
  } catch (error) {
    return errorCode(error)
  }
}

describe('fail closed: whoever cannot write down what happened does nothing', () => {
  const settle = async (): Promise<string> => {
    const { app } = createApp(area.runtime, {
      docs: false,
      logLevel: 'silent',
      rate: null,
      newestMigration: null,
    })
    const { keyId, secret } = terminalOf(SHOP)
    const body = JSON.stringify(claimFor('retired', [{ item: 'plain' }]))
    const path = '/v1/settlements'
    const parts = {
      method: 'POST',
      path,
      query: '?',
      contentDigest: contentDigestOf(body),
      idempotencyKey: newId(),
    }
    const created = Math.floor(area.runtime.clock.now() / 1_000)
    const headers = {
      ...signedHeaders(parts, { created, keyId, nonce: newId() }, secret),
      'content-type': 'application/json',
    }
    return verdictOf(await app.request(path, { method: 'POST', headers, body }))
  }

  it.each(['audit_event', 'nonce', 'idempotency', 'journal'])(
    'without the table %s no sale is settled, and the next one is once it is back',
    async (table) => {
      area.at('2026-06-15T02:00:00Z')
      const before = await rowCounts(database.sql)
      await database.sql.unsafe(`alter table ${table} rename to taken_away`)
      try {
        expect(await settle()).toBe('503 database-unavailable')
      } finally {
        await database.sql.unsafe(`alter table taken_away rename to ${table}`)
      }
      expect(rowsAdded(before, await rowCounts(database.sql))).toEqual({})
      expect(await settle()).toBe('201')
    },
  )

  it.each(['audit_event', 'nonce'])(
    'where the door may not write %s, no sale is settled',
    async (table) => {
      const before = await rowCounts(database.sql)
      await database.sql.unsafe(`revoke insert on ${table} from settlement_door`)
      try {
        expect(await settle()).toBe('503 database-unavailable')
      } finally {
        await database.sql.unsafe(`grant insert on ${table} to settlement_door`)
      }
      expect(rowsAdded(before, await rowCounts(database.sql))).toEqual({})
      expect(instantOf('2026-06-15T02:00:00Z')).toBe(area.runtime.clock.now())
    },
  )
})

describe('every column of the schema', () => {
  it('has its data class, and none is classified that does not exist', async () => {
    const rows = await database.sql<{ name: string }[]>`
      select table_name || '.' || column_name as name from information_schema.columns
       where table_schema = 'public' and table_name = any(${await tables()}) order by 1`
    expect(Object.keys(DATA_CLASSES).sort()).toEqual(rows.map(({ name }) => name).sort())
  })

  it('that is an instant knows its zone', async () => {
    const rows = await database.sql`
      select table_name, column_name from information_schema.columns
       where table_schema = 'public' and data_type like '%without time zone'`
    expect(rows).toEqual([])
  })

  it('that is secret, or seals what a person is known by, is cipher or hash', async () => {
    const sealed = Object.entries(DATA_CLASSES).filter(([, kind]) => /^(secret|sealed)/.test(kind))
    const rows = await database.sql<{ name: string }[]>`
      select table_name || '.' || column_name as name from information_schema.columns
       where table_schema = 'public' and data_type = 'bytea'`
    const binary = new Set(rows.map(({ name }) => name))
    expect(sealed.length).toBeGreaterThan(5)
    expect(sealed.filter(([name]) => !binary.has(name))).toEqual([])
  })
})
