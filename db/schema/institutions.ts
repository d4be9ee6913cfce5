/** Institutions, agreements, suspensions, terminals with their keys, and operators. */
import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  pgTable,
  smallint,
  text,
  timestamp,
  unique,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytes, dayRange } from './columns.ts'

export const institution = pgTable(
  'institution',
  {
    institutionCode: text('institution_code').primaryKey(),
    name: text('name').notNull(),
    kind: text('kind').notNull(),
    level: smallint('level'),
    tier: text('tier'),
    town: text('town').notNull(),
    community: boolean('community').notNull(),
    inArea: boolean('in_area').notNull().default(true),
    phone: text('phone'),
  },
  (t) => [
    check(
      'institution_kind_known',
      sql`${t.kind} in ('pharmacy', 'hospital', 'tcm-hospital', 'specialist-hospital',
        'community-centre', 'community-station', 'village-clinic', 'clinic')`,
    ),
    check('institution_level_known', sql`${t.level} between 1 and 3`),
    check('institution_tier_known', sql`${t.tier} in ('jia', 'yi', 'bing')`),
    check('institution_code_form', sql`${t.institutionCode} ~ '^[A-Z][0-9]{11}$'`),
  ],
)

/** Agreement of designation (定点协议); one at a time by an exclusion constraint. */
export const agreement = pgTable('agreement', {
  agreementId: uuid('agreement_id').primaryKey(),
  institutionCode: text('institution_code')
    .notNull()
    .references(() => institution.institutionCode),
  period: dayRange('period').notNull(),
})

/** A suspension of insurance settlement; lifted by giving its range an end. */
export const suspension = pgTable('suspension', {
  suspensionId: uuid('suspension_id').primaryKey(),
  institutionCode: text('institution_code')
    .notNull()
    .references(() => institution.institutionCode),
  period: dayRange('period').notNull(),
  reason: text('reason').notNull(),
})

export const terminal = pgTable(
  'terminal',
  {
    terminalId: uuid('terminal_id').primaryKey(),
    institutionCode: text('institution_code')
      .notNull()
      .references(() => institution.institutionCode),
    name: text('name').notNull(),
    status: text('status').notNull(),
    enrolledAt: timestamp('enrolled_at', { withTimezone: true }).notNull(),
  },
  (t) => [
    check('terminal_status_known', sql`${t.status} in ('enrolled', 'retired')`),
    unique('terminal_of_institution').on(t.terminalId, t.institutionCode),
  ],
)

/** Keys of a terminal; two may be valid at once while one is being replaced (rotation). */
export const terminalKey = pgTable('terminal_key', {
  keyId: text('key_id').primaryKey(),
  terminalId: uuid('terminal_id')
    .notNull()
    .references(() => terminal.terminalId),
  secretCipher: bytes('secret_cipher').notNull(),
  validFrom: timestamp('valid_from', { withTimezone: true }).notNull(),
  validUntil: timestamp('valid_until', { withTimezone: true }),
})

export const operator = pgTable(
  'operator',
  {
    operatorId: uuid('operator_id').primaryKey(),
    operatorCode: text('operator_code').notNull().unique(),
    institutionCode: text('institution_code').references(() => institution.institutionCode),
    displayName: text('display_name').notNull(),
    role: text('role').notNull(),
    /** scrypt of the PIN with the salt. */
    pinSalt: bytes('pin_salt').notNull(),
    pinHash: bytes('pin_hash').notNull(),
    active: boolean('active').notNull().default(true),
  },
  (t) => [
    check(
      'operator_role_known',
      sql`${t.role} in ('cashier', 'supervisor', 'agency-clerk', 'agency-head', 'finance')`,
    ),
    check(
      'operator_belongs',
      sql`(${t.role} in ('cashier', 'supervisor')) = (${t.institutionCode} is not null)`,
    ),
  ],
)
