-- Ranges that may not overlap (decisions.md 3; invariant I40).
ALTER TABLE coverage_period ADD CONSTRAINT coverage_one_at_a_time
  EXCLUDE USING gist (person_id WITH =, period WITH &&);
--> statement-breakpoint
ALTER TABLE agreement ADD CONSTRAINT agreement_one_at_a_time
  EXCLUDE USING gist (institution_code WITH =, period WITH &&);
--> statement-breakpoint
ALTER TABLE suspension ADD CONSTRAINT suspension_one_at_a_time
  EXCLUDE USING gist (institution_code WITH =, period WITH &&);
--> statement-breakpoint
ALTER TABLE catalogue_item ADD CONSTRAINT catalogue_one_version_a_day
  EXCLUDE USING gist (item_code WITH =, period WITH &&);
--> statement-breakpoint
ALTER TABLE institution_item ADD CONSTRAINT institution_item_one_price_a_day
  EXCLUDE USING gist (institution_code WITH =, local_code WITH =, period WITH &&);
--> statement-breakpoint
CREATE UNIQUE INDEX card_one_active ON card (person_id) WHERE status = 'active';
--> statement-breakpoint
-- A terminal acts for its own institution only, held by the key itself.
ALTER TABLE settlement ADD CONSTRAINT settlement_terminal_of_institution
  FOREIGN KEY (terminal_id, institution_code) REFERENCES terminal (terminal_id, institution_code);
--> statement-breakpoint
ALTER TABLE settlement ADD CONSTRAINT settlement_original_exists
  FOREIGN KEY (original_id) REFERENCES settlement (document_id);
--> statement-breakpoint
-- Balances and positions are updated in place all day: leave room on the page for it.
ALTER TABLE position SET (fillfactor = 70);
--> statement-breakpoint
ALTER TABLE balance SET (fillfactor = 70);
--> statement-breakpoint
CREATE SEQUENCE settlement_number_block AS bigint;
--> statement-breakpoint
CREATE VIEW journal_entry AS
  SELECT j.posting_id, e.entry_no::int, e.account, e.amount_fen, j.operation, j.booked_on, j.posted_at
    FROM journal j, unnest(j.accounts, j.amounts_fen) WITH ORDINALITY AS e(account, amount_fen, entry_no);
--> statement-breakpoint
-- Nothing that carries money or proof is ever changed or removed (architecture, decision 7).
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is only added to', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
--> statement-breakpoint
DO $$
DECLARE
  added_only text;
BEGIN
  FOREACH added_only IN ARRAY ARRAY['movement', 'journal', 'settlement', 'trace_code_event',
    'idempotency', 'audit_event', 'policy_version'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', added_only || '_added_only', added_only);
  END LOOP;
END $$;
