CREATE TABLE "audit_seal" (
	"seal_no" bigint PRIMARY KEY NOT NULL,
	"last_event_id" bigint NOT NULL,
	"event_ids" bigint[] NOT NULL,
	"digests" "bytea" NOT NULL,
	"sealed_at" text NOT NULL,
	"previous_hash" "bytea" NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "audit_seal_last_event_id_unique" UNIQUE("last_event_id"),
	CONSTRAINT "audit_seal_counts" CHECK ("audit_seal"."seal_no" >= 1),
	CONSTRAINT "audit_seal_covers_events" CHECK (cardinality("audit_seal"."event_ids") between 1 and 10000),
	CONSTRAINT "audit_seal_digest_per_event" CHECK (octet_length("audit_seal"."digests") = 64 * cardinality("audit_seal"."event_ids")),
	CONSTRAINT "audit_seal_hashes" CHECK (octet_length("audit_seal"."hash") = 32 and octet_length("audit_seal"."previous_hash") = 32)
);
--> statement-breakpoint
-- Digests do not compress.
ALTER TABLE audit_seal ALTER COLUMN digests SET STORAGE EXTERNAL;--> statement-breakpoint
CREATE TRIGGER audit_seal_added_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
