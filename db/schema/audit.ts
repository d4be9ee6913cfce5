/**
 * Seals over the audit events (reliability notes I33, S61): what stood in the books when it was
 * sealed, each seal over the one before. Added by the sealer alone, never changed.
 */
import { sql } from 'drizzle-orm'
import { bigint, check, pgTable, text } from 'drizzle-orm/pg-core'
import { bytes } from './columns.ts'

export const auditSeal = pgTable(
  'audit_seal',
  {
    /** From 1, without a gap. */
    sealNo: bigint('seal_no', { mode: 'bigint' }).primaryKey(),
    /** The last event it covers; it begins after the last event of the seal before. */
    lastEventId: bigint('last_event_id', { mode: 'bigint' }).notNull().unique(),
    eventIds: bigint('event_ids', { mode: 'bigint' }).array().notNull(),
    /** Per event 64 bytes: SHA-256 of the event, then of the journal and document it stands for. */
    digests: bytes('digests').notNull(),
    /** ISO 8601 in UTC as the sealer hashed it, so that no setting can write it otherwise. */
    sealedAt: text('sealed_at').notNull(),
    previousHash: bytes('previous_hash').notNull(),
    hash: bytes('hash').notNull(),
  },
  (t) => [
    check('audit_seal_counts', sql`${t.sealNo} >= 1`),
    check('audit_seal_covers_events', sql`cardinality(${t.eventIds}) between 1 and 10000`),
    check(
      'audit_seal_digest_per_event',
      sql`octet_length(${t.digests}) = 64 * cardinality(${t.eventIds})`,
    ),
    check(
      'audit_seal_hashes',
      sql`octet_length(${t.hash}) = 32 and octet_length(${t.previousHash}) = 32`,
    ),
  ],
)
