import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDatabase, type Sql } from '../../server/store/database.ts'
import { applicationUrl, connect, type FreshDatabase, freshDatabase } from '../support/postgres.ts'

let database: FreshDatabase
let sql: Sql
beforeAll(async () => {
  database = await freshDatabase()
  sql = openDatabase({ url: applicationUrl(database.url), connectionsMax: 1 })
})
afterAll(async () => {
  await sql.end({ timeout: 1 })
  await database.drop()
})

/** Fails after thousands of rows have been sent. */
const failsLate = (pool: Sql) => pool`select 1 / (9000 - g) from generate_series(1, 9000) g`

it('a query that fails after its first rows leaves none of them to the next', async () => {
  await expect(failsLate(sql)).rejects.toThrow('division by zero')
  expect([...(await sql`select 1 as one`)]).toEqual([{ one: 1 }])
  await expect(failsLate(sql)).rejects.toThrow('division by zero')
  const [row] = await sql<{ name: string }[]>`select ${'a'}::text as name`
  expect(row).toEqual({ name: 'a' })
  await expect(failsLate(sql)).rejects.toThrow('division by zero')
  expect([...(await sql`select 1 where false`)]).toEqual([])
})

it('nor to a statement that is put together, as that of the posting door is', async () => {
  const ask = () => sql.unsafe('select $1::text as name', ['a'], { prepare: true })
  expect([...(await ask())]).toEqual([{ name: 'a' }])
  await expect(failsLate(sql)).rejects.toThrow('division by zero')
  expect([...(await ask())]).toEqual([{ name: 'a' }])
  // A fragment inside a statement is no query of its own.
  await expect(failsLate(sql)).rejects.toThrow('division by zero')
  const [row] = await sql`select ${sql.unsafe('1 + 1')} as two`
  expect(row).toEqual({ two: 2 })
})

it('a connection that is ended after the first rows leaves none of them to the next', async () => {
  const ended = sql`
    select case when g = 9000 then pg_terminate_backend(pg_backend_pid()) end
      from generate_series(1, 9000) g`
  await expect(ended).rejects.toThrow()
  // The driver may hand the old error to the next query too: that one is sent again.
  const ask = () => sql`select 1 as one`
  const rows = await ask().catch(ask)
  expect([...rows]).toEqual([{ one: 1 }])
})

it('the driver alone does leave holes: without them this file would be idle', async () => {
  const bare = connect(database.url, 1)
  await bare`select 1`
  await expect(failsLate(bare)).rejects.toThrow('division by zero')
  const next = await bare`select 1 as one`
  await bare.end({ timeout: 1 })
  expect([next.length > 1, next[0]]).toEqual([true, undefined])
})
