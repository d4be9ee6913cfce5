/** Idempotency, nonces and audit events. Written by the posting door, never changed. */
import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  customType,
  index,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import { bytes } from './columns.ts'

const xid8 = customType<{ data: string; driverData: string }>({ dataType: () => 'xid8' })

/**
 * The stored answer of every final outcome, by client and key. A `tombstone` stands for an
 * original that was compensated before it came (decisions.md 5, 7). Kept for ever.
 */
export const idempotency = pgTable(
  'idempotency',
  {
    clientId: uuid('client_id').notNull(),
    key: uuid('key').notNull(),
    operation: text('operation').notNull(),
    bodySha: bytes('body_sha').notNull(),
    verdict: text('verdict').notNull(),
    status: smallint('status').notNull(),
    /**
     * The answer's bytes as text; jsonb would reorder its keys. Null where a document holds them:
     * the function stored_answer knows.
     */
    answer: text('answer'),
    postingId: uuid('posting_id').notNull(),
    xid: xid8('xid').notNull().default(sql`pg_current_xact_id()`),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.clientId, t.key] }),
    check('idempotency_verdict', sql`${t.verdict} in ('done', 'refused', 'tombstone')`),
    check('idempotency_answer', sql`${t.answer} is not null or ${t.verdict} = 'done'`),
    check('idempotency_sha', sql`octet_length(${t.bodySha}) = 32`),
  ],
)

/** Nonces of signed writes. Rows older than the time window may be swept away. */
export const nonce = pgTable(
  'nonce',
  {
    clientId: uuid('client_id').notNull(),
    nonce: text('nonce').notNull(),
    seenAt: timestamp('seen_at', { withTimezone: true }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.clientId, t.nonce] }), index('nonce_by_age').on(t.seenAt)],
)

export const auditEvent = pgTable('audit_event', {
  eventId: bigint('event_id', { mode: 'bigint' }).generatedAlwaysAsIdentity().primaryKey(),
  at: timestamp('at', { withTimezone: true }).notNull(),
  clientId: uuid('client_id').notNull(),
  operatorCode: text('operator_code').notNull(),
  institutionCode: text('institution_code'),
  operation: text('operation').notNull(),
  /** `done`, `tombstone` or the refusal code. */
  result: text('result').notNull(),
  postingId: uuid('posting_id').notNull(),
  /** Facts without personal data: counts, amounts, reasons, reference numbers. */
  detail: jsonb('detail').notNull(),
})
