/** Catalogue of drugs, services and materials in dated versions; price lists; policy versions. */
import { sql } from 'drizzle-orm'
import {
  boolean,
  check,
  index,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytes, dayRange } from './columns.ts'
import { institution } from './institutions.ts'

/** One dated version of an item; versions of a code do not overlap (exclusion constraint). */
export const catalogueItem = pgTable(
  'catalogue_item',
  {
    itemVersionId: uuid('item_version_id').primaryKey(),
    itemCode: text('item_code').notNull(),
    period: dayRange('period').notNull(),
    kind: text('kind').notNull(),
    genericName: text('generic_name').notNull(),
    brandName: text('brand_name'),
    dosageForm: text('dosage_form'),
    spec: text('spec'),
    packUnit: text('pack_unit').notNull(),
    splitUnit: text('split_unit'),
    unitsPerPack: numeric('units_per_pack', { precision: 9, scale: 4 }).notNull(),
    manufacturer: text('manufacturer'),
    catalogueClass: text('catalogue_class').notNull(),
    /** Ratio 0–1; null for class C. */
    preliminaryRatio: numeric('preliminary_ratio', { precision: 7, scale: 6 }),
    /** Yuan per pack at the levels 1–3 or for all; what the fund recognises at most. */
    priceCeiling: numeric('price_ceiling', { precision: 16, scale: 6 }),
    /** Usual retail price in yuan per pack; a demo figure where no public one exists. */
    unitPrice: numeric('unit_price', { precision: 16, scale: 6 }),
    prescription: boolean('prescription').notNull(),
    traceCodeRequired: boolean('trace_code_required').notNull(),
    barcode: text('barcode'),
    limits: jsonb('limits').notNull(),
    pinyinInitials: text('pinyin_initials').notNull(),
    pinyinFull: text('pinyin_full').notNull(),
    approvalNumber: text('approval_number'),
    source: text('source').notNull(),
    note: text('note'),
  },
  (t) => [
    check('catalogue_kind_known', sql`${t.kind} in ('drug', 'service', 'material')`),
    check('catalogue_class_known', sql`${t.catalogueClass} in ('A', 'B', 'C')`),
    check(
      'catalogue_share_fits_class',
      sql`(${t.catalogueClass} = 'C' and ${t.preliminaryRatio} is null)
        or (${t.catalogueClass} <> 'C' and ${t.preliminaryRatio} between 0 and 1)`,
    ),
    check('catalogue_units_positive', sql`${t.unitsPerPack} > 0`),
    index('catalogue_by_code').on(t.itemCode),
  ],
)

/** An institution's own price list, mapped to the catalogue; dated (exclusion constraint). */
export const institutionItem = pgTable(
  'institution_item',
  {
    institutionCode: text('institution_code')
      .notNull()
      .references(() => institution.institutionCode),
    localCode: text('local_code').notNull(),
    itemCode: text('item_code').notNull(),
    localName: text('local_name').notNull(),
    unitPrice: numeric('unit_price', { precision: 16, scale: 6 }).notNull(),
    period: dayRange('period').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.institutionCode, t.localCode, t.period] }),
    check('institution_item_price', sql`${t.unitPrice} >= 0`),
    index('institution_item_by_item').on(t.institutionCode, t.itemCode),
  ],
)

/** A policy document as the agency published it: never edited, only followed by another. */
export const policyVersion = pgTable('policy_version', {
  versionId: text('version_id').primaryKey(),
  fileName: text('file_name').notNull(),
  document: text('document').notNull(),
  documentSha: bytes('document_sha').notNull(),
  publishedAt: timestamp('published_at', { withTimezone: true }).notNull(),
})
