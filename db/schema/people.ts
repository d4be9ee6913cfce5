/**
 * Persons, households, coverage periods, cards and electronic vouchers. ID number, phone and
 * address are stored encrypted with a blind index for exact search (decisions.md 22).
 */
import { sql } from 'drizzle-orm'
import { boolean, check, date, index, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { bytes, dayRange } from './columns.ts'

export const household = pgTable('household', {
  householdId: uuid('household_id').primaryKey(),
  town: text('town').notNull(),
})

export const person = pgTable(
  'person',
  {
    personId: uuid('person_id').primaryKey(),
    name: text('name').notNull(),
    namePinyin: text('name_pinyin').notNull(),
    sex: text('sex').notNull(),
    birthDay: date('birth_day').notNull(),
    idNumberCipher: bytes('id_number_cipher').notNull(),
    idNumberIndex: bytes('id_number_index').notNull().unique(),
    phoneCipher: bytes('phone_cipher'),
    addressCipher: bytes('address_cipher'),
    householdId: uuid('household_id').references(() => household.householdId),
    diedOn: date('died_on'),
  },
  (t) => [
    check('person_sex_known', sql`${t.sex} in ('M', 'F')`),
    check('person_name_given', sql`length(${t.name}) between 1 and 100`),
    index('person_by_household').on(t.householdId),
  ],
)

/** At most one coverage in force per person and day: an exclusion constraint in the migration. */
export const coveragePeriod = pgTable(
  'coverage_period',
  {
    coverageId: uuid('coverage_id').primaryKey(),
    personId: uuid('person_id')
      .notNull()
      .references(() => person.personId),
    scheme: text('scheme').notNull(),
    category: text('category').notNull(),
    tier: text('tier'),
    civilServant: boolean('civil_servant').notNull().default(false),
    assistance: text('assistance'),
    status: text('status').notNull(),
    period: dayRange('period').notNull(),
  },
  (t) => [
    check('coverage_scheme_known', sql`${t.scheme} in ('employee', 'rural')`),
    check(
      'coverage_category_known',
      sql`${t.category} in ('active', 'retired', 'resident-adult', 'student', 'infant')`,
    ),
    check('coverage_tier_known', sql`${t.tier} in ('A', 'B')`),
    check(
      'coverage_status_known',
      sql`${t.status} in ('in-force', 'arrears', 'waiting', 'suspended')`,
    ),
    check('coverage_period_not_empty', sql`not isempty(${t.period})`),
    // The index of the exclusion constraint answers the same questions, several times slower.
    index('coverage_by_person').on(t.personId),
  ],
)

export const card = pgTable(
  'card',
  {
    cardNumber: text('card_number').primaryKey(),
    personId: uuid('person_id')
      .notNull()
      .references(() => person.personId),
    status: text('status').notNull(),
    issuedOn: date('issued_on').notNull(),
    statusSince: timestamp('status_since', { withTimezone: true }).notNull(),
  },
  (t) => [
    check('card_status_known', sql`${t.status} in ('active', 'lost', 'replaced')`),
    index('card_by_person').on(t.personId),
  ],
)

/** Electronic voucher (医保电子凭证): the token that the QR code carries. */
export const voucher = pgTable(
  'voucher',
  {
    token: text('token').primaryKey(),
    personId: uuid('person_id')
      .notNull()
      .references(() => person.personId),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
  },
  (t) => [index('voucher_by_person').on(t.personId)],
)
