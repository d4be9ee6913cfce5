/**
 * The PIN of a person's card (reliability notes S14–S18): one for a person, whatever card, voucher
 * or number they come with, so that neither a new card nor another till opens a locked one. The
 * application reads neither table; `db/functions/card_pin.sql` holds what may be asked.
 */
import { sql } from 'drizzle-orm'
import { bigint, check, index, pgTable, smallint, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { bytes } from './columns.ts'
import { person } from './people.ts'

export const cardPin = pgTable(
  'card_pin',
  {
    personId: uuid('person_id')
      .primaryKey()
      .references(() => person.personId),
    /** How salt and hash were made: 1 is scrypt over a keyed hash of person and PIN. */
    version: smallint('version').notNull(),
    salt: bytes('salt').notNull(),
    hash: bytes('hash').notNull(),
    /** Tries since the last right one, counted before they are compared; 3 is locked. */
    tries: smallint('tries').notNull().default(0),
  },
  (t) => [
    check('card_pin_tries', sql`${t.tries} between 0 and 3`),
    check('card_pin_version_known', sql`${t.version} = 1`),
    check('card_pin_sizes', sql`octet_length(${t.salt}) = 16 and octet_length(${t.hash}) = 32`),
  ],
)

/** What became of a PIN, in order: added only, and never the PIN. */
export const pinEvent = pgTable(
  'pin_event',
  {
    eventNo: bigint('event_no', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    personId: uuid('person_id').notNull(),
    /** `late`: right, but the card was locked while it was compared. */
    kind: text('kind').notNull(),
    /** Which of the three tries; null where nobody tried. */
    tryNo: smallint('try_no'),
    /** The terminal, or the agency's operator. */
    clientId: uuid('client_id').notNull(),
    /** The key of the settlement, or of the agency's change. */
    key: uuid('key').notNull(),
    /** What was asked under the key. */
    bodySha: bytes('body_sha').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  (t) => [
    check(
      'pin_event_kind',
      sql`${t.kind} in ('tried', 'right', 'wrong', 'late', 'set', 'unlocked')`,
    ),
    check(
      'pin_event_try',
      sql`(${t.tryNo} between 1 and 3) = (${t.kind} in ('tried', 'right', 'wrong', 'late'))`,
    ),
    index('pin_event_by_person').on(t.personId, t.eventNo),
    index('pin_event_by_key').on(t.clientId, t.key),
    index('pin_event_by_client').on(t.clientId, t.at),
  ],
)
