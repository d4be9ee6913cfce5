/**
 * The books: positions and balances, movements, journal, settlements. Only the posting door
 * (db/functions/post_batch.sql) writes these tables; the application role may not.
 */
import { sql } from 'drizzle-orm'
import {
  type AnyPgColumn,
  bigint,
  check,
  date,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core'
import { money } from './columns.ts'

/** One row per owner of balances (a person or a household): the counter that guards decisions. */
export const position = pgTable(
  'position',
  {
    ownerId: uuid('owner_id').primaryKey(),
    ownerKind: text('owner_kind').notNull(),
    version: bigint('version', { mode: 'bigint' }).notNull().default(sql`0`),
  },
  (t) => [check('position_owner_known', sql`${t.ownerKind} in ('person', 'household')`)],
)

/**
 * Balances of an owner in one benefit year (0: what no year bounds), accounts and accumulators
 * alike: as many slots as there are balances, each `scheme/kind`, and in the same order what they
 * opened with, what they come to, and the most each may come to (null: no limit). One row instead
 * of one per balance, since a settlement moves several of them at once. The view `balance` unfolds
 * it.
 */
export const yearBalances = pgTable(
  'year_balances',
  {
    ownerId: uuid('owner_id')
      .notNull()
      .references(() => position.ownerId),
    benefitYear: smallint('benefit_year').notNull(),
    version: integer('version').notNull(),
    slots: text('slots').array().notNull(),
    openingsFen: money('openings_fen').array().notNull(),
    amountsFen: money('amounts_fen').array().notNull(),
    /** Set by the policy of the latest movement. */
    ceilingsFen: money('ceilings_fen').array().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.ownerId, t.benefitYear] }),
    check('balance_not_negative', sql`0 <= all (${t.amountsFen})`),
    check('balance_within_ceiling', sql`none_above(${t.amountsFen}, ${t.ceilingsFen})`),
    check('balance_in_range', sql`1000000000000000 >= all (${t.amountsFen})`),
    check('balance_version_counts', sql`${t.version} >= 0`),
    check(
      'balance_slots_complete',
      sql`cardinality(${t.slots}) = cardinality(${t.openingsFen})
        and cardinality(${t.slots}) = cardinality(${t.amountsFen})
        and cardinality(${t.slots}) = cardinality(${t.ceilingsFen})
        and array_position(${t.amountsFen}, null) is null
        and array_position(${t.openingsFen}, null) is null`,
    ),
    check('balance_slot_once', sql`all_different(${t.slots})`),
  ],
)

/**
 * Every change of an owner's balances of a year, with what stood after it; never changed. The view
 * `movement` unfolds it.
 */
export const yearMovement = pgTable(
  'year_movement',
  {
    ownerId: uuid('owner_id').notNull(),
    benefitYear: smallint('benefit_year').notNull(),
    version: integer('version').notNull(),
    postingId: uuid('posting_id').notNull(),
    slots: text('slots').array().notNull(),
    amountsFen: money('amounts_fen').array().notNull(),
    aftersFen: money('afters_fen').array().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.ownerId, t.benefitYear, t.version] }),
    check(
      'movement_slots_complete',
      sql`cardinality(${t.slots}) = cardinality(${t.amountsFen})
        and cardinality(${t.slots}) = cardinality(${t.aftersFen})
        and array_position(${t.amountsFen}, null) is null
        and array_position(${t.aftersFen}, null) is null`,
    ),
    check('movement_slot_once', sql`all_different(${t.slots})`),
  ],
)

/**
 * One journal per posting, all its entries in one row, so that half a journal cannot exist.
 * Debit is positive; the check holds the sum at zero. The view journal_entry unfolds it.
 */
export const journal = pgTable(
  'journal',
  {
    postingId: uuid('posting_id').primaryKey(),
    operation: text('operation').notNull(),
    bookedOn: date('booked_on').notNull(),
    postedAt: timestamp('posted_at', { withTimezone: true }).notNull(),
    accounts: text('accounts').array().notNull(),
    amountsFen: money('amounts_fen').array().notNull(),
  },
  (t) => [
    check('journal_sums_to_zero', sql`fen_sum(${t.amountsFen}) = 0`),
    check(
      'journal_has_two_sides',
      sql`cardinality(${t.amountsFen}) >= 2
        and cardinality(${t.amountsFen}) = cardinality(${t.accounts})`,
    ),
  ],
)

type SettlementColumns = Record<(typeof EXPENSE_PARTS | typeof PAYER_PARTS)[number], AnyPgColumn>

const EXPENSE_PARTS = [
  'outsideScopeFen',
  'overLimitFen',
  'preliminaryShareFen',
  'inScopeFen',
] as const
const PAYER_PARTS = [
  'poolingFundFen',
  'largeSumFundFen',
  'criticalIllnessFundFen',
  'civilServantSubsidyFen',
  'medicalAssistanceFen',
  'otherFundFen',
  'currentYearAccountFen',
  'pastYearAccountFen',
  'familyShareFen',
  'householdAccountFen',
  'employerFen',
  'institutionFen',
  'cashFen',
] as const
const expenseParts = (t: SettlementColumns) => EXPENSE_PARTS.map((name) => sql`${t[name]}`)
const payerParts = (t: SettlementColumns) => PAYER_PARTS.map((name) => sql`${t[name]}`)

/**
 * Settlements, reversals and returns: documents that are only ever added. A reversal and a return
 * carry negative amounts, so that sums over all documents are the effective ones.
 */
export const settlement = pgTable(
  'settlement',
  {
    documentId: uuid('document_id').primaryKey(),
    kind: text('kind').notNull(),
    settlementNumber: text('settlement_number').notNull().unique(),
    originalId: uuid('original_id'),
    institutionCode: text('institution_code').notNull(),
    terminalId: uuid('terminal_id').notNull(),
    operatorCode: text('operator_code').notNull(),
    personId: uuid('person_id').notNull(),
    scheme: text('scheme').notNull(),
    serviceKind: text('service_kind').notNull(),
    serviceDay: date('service_day').notNull(),
    benefitYear: smallint('benefit_year').notNull(),
    postedAt: timestamp('posted_at', { withTimezone: true }).notNull(),
    totalExpenseFen: money('total_expense_fen').notNull(),
    outsideScopeFen: money('outside_scope_fen').notNull(),
    overLimitFen: money('over_limit_fen').notNull(),
    preliminaryShareFen: money('preliminary_share_fen').notNull(),
    inScopeFen: money('in_scope_fen').notNull(),
    poolingFundFen: money('pooling_fund_fen').notNull(),
    largeSumFundFen: money('large_sum_fund_fen').notNull(),
    criticalIllnessFundFen: money('critical_illness_fund_fen').notNull(),
    civilServantSubsidyFen: money('civil_servant_subsidy_fen').notNull(),
    medicalAssistanceFen: money('medical_assistance_fen').notNull(),
    otherFundFen: money('other_fund_fen').notNull(),
    currentYearAccountFen: money('current_year_account_fen').notNull(),
    pastYearAccountFen: money('past_year_account_fen').notNull(),
    familyShareFen: money('family_share_fen').notNull(),
    householdAccountFen: money('household_account_fen').notNull(),
    employerFen: money('employer_fen').notNull(),
    institutionFen: money('institution_fen').notNull(),
    cashFen: money('cash_fen').notNull(),
    policyVersions: text('policy_versions').array().notNull(),
    /** Amount of every line, in the order of the document. */
    lineAmountsFen: money('line_amounts_fen').array().notNull(),
    /**
     * The claim as adjudicated, line by line, with the start position: enough to recompute it.
     * JSON as text, with the bytes of the answer in it: the type would check again with every
     * sale what our own code wrote, and every run of the invariants reads it.
     */
    document: text('document').notNull(),
  },
  (t) => [
    check('settlement_kind_known', sql`${t.kind} in ('settlement', 'reversal', 'return')`),
    check(
      'settlement_parts_make_the_expense',
      sql`${t.totalExpenseFen} = ${sql.join(expenseParts(t), sql` + `)}`,
    ),
    check(
      'settlement_payers_make_the_expense',
      sql`${t.totalExpenseFen} = ${sql.join(payerParts(t), sql` + `)}`,
    ),
    check(
      'settlement_no_negative_part',
      sql`${t.kind} <> 'settlement' or
        least(${sql.join([...expenseParts(t), ...payerParts(t)], sql`, `)}) >= 0`,
    ),
    check(
      'settlement_taking_back_lowers',
      sql`${t.kind} = 'settlement' or ${t.totalExpenseFen} <= 0`,
    ),
    check(
      'settlement_original_where_taken_back',
      sql`(${t.kind} = 'settlement') = (${t.originalId} is null)`,
    ),
    check(
      'settlement_lines_make_the_expense',
      sql`fen_sum(${t.lineAmountsFen}) = ${t.totalExpenseFen}`,
    ),
    uniqueIndex('settlement_reversed_once').on(t.originalId).where(sql`kind = 'reversal'`),
    index('settlement_by_original').on(t.originalId).where(sql`original_id is not null`),
    index('settlement_by_institution').on(t.institutionCode, t.postedAt),
    index('settlement_by_person').on(t.personId, t.postedAt),
  ],
)

/** The state of a trace code: sold whole, split and partly sold, or free again after a return. */
export const traceCode = pgTable(
  'trace_code',
  {
    traceCode: text('trace_code').primaryKey(),
    state: text('state').notNull(),
    institutionCode: text('institution_code').notNull(),
    unitsSold: integer('units_sold').notNull(),
    unitsPerPack: integer('units_per_pack').notNull(),
    lastPostingId: uuid('last_posting_id').notNull(),
    lastSoldAt: timestamp('last_sold_at', { withTimezone: true }).notNull(),
  },
  (t) => [
    check('trace_code_form', sql`${t.traceCode} ~ '^[0-9]{20}$'`),
    check('trace_code_state_known', sql`${t.state} in ('sold', 'split', 'free')`),
    check('trace_code_units', sql`${t.unitsSold} between 0 and ${t.unitsPerPack}`),
  ],
)

/** Everything that happened to a trace code; only added to. */
export const traceCodeEvent = pgTable(
  'trace_code_event',
  {
    traceCode: text('trace_code').notNull(),
    postingId: uuid('posting_id').notNull(),
    lineNo: smallint('line_no').notNull(),
    mode: text('mode').notNull(),
    units: integer('units').notNull(),
    institutionCode: text('institution_code').notNull(),
    at: timestamp('at', { withTimezone: true }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.traceCode, t.postingId] }),
    check('trace_code_event_mode', sql`${t.mode} in ('sell', 'split', 'return')`),
  ],
)
