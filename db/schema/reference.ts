/** Lists that others keep and we quote: diagnoses by edition, and the towns of the area. */
import { sql } from 'drizzle-orm'
import { check, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { dayRange } from './columns.ts'

/**
 * A diagnosis as one edition of a list names it; editions may use the same code. Versions of a code
 * do not overlap within an edition (exclusion constraint).
 */
export const diagnosis = pgTable(
  'diagnosis',
  {
    /** The list and its year or publisher, e.g. `ICD-10 GB extended`. */
    edition: text('edition').notNull(),
    code: text('code').notNull(),
    /** A disease, a category of three characters, or an outpatient chronic disease (门诊慢特病). */
    kind: text('kind').notNull(),
    name: text('name').notNull(),
    pinyinInitials: text('pinyin_initials').notNull(),
    note: text('note'),
    period: dayRange('period').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.edition, t.code, t.period] }),
    check('diagnosis_kind_known', sql`${t.kind} in ('disease', 'category', 'chronic')`),
    check('diagnosis_name_given', sql`length(${t.name}) between 1 and 200`),
    check('diagnosis_period_not_empty', sql`not isempty(${t.period})`),
    index('diagnosis_by_code').on(t.code),
  ],
)

/** A town or street (乡镇街道) by its statistical code of nine digits. */
export const town = pgTable(
  'town',
  {
    townCode: text('town_code').notNull(),
    name: text('name').notNull(),
    pinyinInitials: text('pinyin_initials').notNull(),
    /** `zone`: a development zone that only the statistics count as a town. */
    kind: text('kind').notNull(),
    countyCode: text('county_code').notNull(),
    countyName: text('county_name').notNull(),
    cityName: text('city_name').notNull(),
    period: dayRange('period').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.townCode, t.period] }),
    check('town_kind_known', sql`${t.kind} in ('street', 'town', 'township', 'zone')`),
    check('town_code_form', sql`${t.townCode} ~ '^[0-9]{9}$'`),
    check('town_in_county', sql`starts_with(${t.townCode}, ${t.countyCode})`),
    check('town_period_not_empty', sql`not isempty(${t.period})`),
  ],
)
