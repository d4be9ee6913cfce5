import { sql } from 'drizzle-orm'
import { check, pgTable, smallint, text } from 'drizzle-orm/pg-core'

/** One row: which area this database serves, and under which keys its personal data was written. */
export const installation = pgTable(
  'installation',
  {
    id: smallint('id').primaryKey().default(1),
    areaCode: text('area_code').notNull(),
    keyFingerprint: text('key_fingerprint').notNull(),
  },
  (t) => [check('installation_one_row', sql`${t.id} = 1`)],
)
