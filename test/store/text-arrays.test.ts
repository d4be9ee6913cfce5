import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openDatabase, type Sql } from '../../server/store/database.ts'
import { readTextArray, writeTextArray } from '../../server/store/text-arrays.ts'
import { applicationUrl, type FreshDatabase, freshDatabase } from '../support/postgres.ts'

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

/** PostgreSQL keeps no text with the character zero, and UTF-8 has no halves of a character. */
const text = fc.string({ unit: 'grapheme' }).filter((one) => !one.includes('\0'))

it('an array of any texts comes back from the database as it was sent', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(text), async (texts) => {
      const [row] = await sql<{ back: string[]; count: number }[]>`
        select ${texts}::text[] as back, cardinality(${texts}::text[]) as count`
      expect(row).toEqual({ back: texts, count: texts.length })
    }),
    { numRuns: 200 },
  )
})

it.each([
  ['{}', []],
  ['{a,b}', ['a', 'b']],
  ['{"","NULL","a,b","{c}","\\"d\\\\"}', ['', 'NULL', 'a,b', '{c}', '"d\\']],
])('%s is read as %j', (array, texts) => {
  expect(readTextArray(array)).toEqual(texts)
  expect(readTextArray(writeTextArray(texts))).toEqual(texts)
})

it('an array with a null in it, or with bounds of its own, is refused', () => {
  expect(() => readTextArray('{a,NULL}')).toThrow('nulls')
  expect(() => readTextArray('[0:1]={a,b}')).toThrow('one dimension')
})
