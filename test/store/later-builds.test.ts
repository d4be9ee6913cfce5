/** An older build that starts on the database of a later one: a rollback, a host left behind. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { migrateDatabase } from '../../db/migrate.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import { type Area, callerAt, claimFor, smallArea, writeKey } from '../support/area.ts'
import { projectRoot } from '../support/centre.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'

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

const OTHER_BUILD = 'f'.repeat(64)
const otherFunctions = () => database.sql`
  insert into applied_functions (sha) values (${OTHER_BUILD})
    on conflict (sha) do update set at = now()`
async function newestFunctions(): Promise<string> {
  const [row] = await database.sql<{ sha: string }[]>`
    select sha from applied_functions order by at desc limit 1`
  return row?.sha ?? ''
}

it('functions of another build of the same tables are replaced by ours', async () => {
  await otherFunctions()
  await migrateDatabase(database.url, projectRoot)
  expect(await newestFunctions()).not.toBe(OTHER_BUILD)
})

it('functions of a build with later tables stay as they are', async () => {
  await otherFunctions()
  await database.sql`insert into drizzle.__drizzle_migrations (hash, created_at)
    values ('of a later build', ${Date.now() + 86_400_000})`
  await migrateDatabase(database.url, projectRoot)
  expect(await newestFunctions()).toBe(OTHER_BUILD)
})

it('where the database does not say whether a card has a PIN, nobody settles', async () => {
  await database.sql`do $$ begin
    execute replace(pg_get_functiondef('read_entitlements'::regproc), '''hasPin''', '''hadPin''');
  end $$`
  const claim = claimFor('retired', [{ item: 'plain', quantity: '1' }])
  await expect(settleClaim(area.runtime, callerAt(), writeKey(claim), claim)).rejects.toThrow(
    'whether a card has a PIN',
  )
})
