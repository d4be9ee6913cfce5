/** A release that changes tables while tills settle; the short form of C27. */
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { differences } from '../faults/campaign.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { longLocks } from './long-locks.ts'
import { migrateUnderLoad } from './migrate-under-load.ts'
import { startTwoProcesses, type TwoProcesses } from './two-processes.ts'

const FOLDER = new URL('../../db/migrations/', import.meta.url)
/** Up to here there was nobody to hold up: no release had gone out. */
const BEFORE_RELEASE = '0006'

describe('a migration', () => {
  const later = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.sql') && name.slice(0, 4) > BEFORE_RELEASE)
    .map((name) => ({ name, text: readFileSync(new URL(name, FOLDER), 'utf8') }))

  it('holds up no settlement', () => {
    const found = later.flatMap(({ name, text }) => longLocks(text).map((one) => `${name} ${one}`))
    expect(found).toEqual([])
  })

  it.each([
    'ALTER TABLE "settlement" ALTER COLUMN "fen" SET DATA TYPE numeric;',
    'ALTER TABLE settlement ADD COLUMN note text NOT NULL;',
    'ALTER TABLE settlement ALTER COLUMN note SET NOT NULL;',
    'ALTER TABLE settlement ADD CONSTRAINT c CHECK (fen > 0);',
    'CREATE UNIQUE INDEX "i" ON "settlement" USING btree ("fen");',
    'LOCK TABLE settlement;',
  ])('with the planted statement %s is found', (statement) => {
    expect(longLocks(statement)).toHaveLength(1)
  })

  it.each([
    "ALTER TABLE settlement ADD COLUMN note text NOT NULL DEFAULT '';",
    'ALTER TABLE settlement ADD CONSTRAINT c CHECK (fen > 0) NOT VALID;',
    'CREATE INDEX CONCURRENTLY i ON settlement (fen);',
    'CREATE TABLE "t" ("a" int);--> statement-breakpoint\nCREATE INDEX "i" ON "t" ("a");',
  ])('with %s is none of them', (statement) => {
    expect(longLocks(statement)).toEqual([])
  })
})

describe('while tills settle', { timeout: 240_000 }, () => {
  let database: FreshDatabase
  let centre: TwoProcesses
  beforeAll(async () => {
    database = await freshDatabase()
    centre = await startTwoProcesses(database.url)
  }, 240_000)
  afterAll(async () => {
    await centre.stop()
    await database.drop()
  })

  it('the books are migrated, old and new server side by side, and nothing is wrong', async () => {
    const seen = await migrateUnderLoad(centre, database.url, 20)
    expect(seen.failures).toEqual([])
    expect(await differences(database.sql, centre.journal)).toEqual([])
    expect(await checkInvariants(database.url)).toEqual([])
  })
})
