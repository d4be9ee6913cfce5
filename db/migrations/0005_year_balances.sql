-- The balances of an owner and year become one row, and so do their movements: a settlement moves
-- several of them at once, and rows were most of what it cost (server/decisions/0009).
CREATE FUNCTION none_above(amounts bigint[], ceilings bigint[]) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  FOR i IN 1 .. cardinality(amounts) LOOP
    IF amounts[i] > ceilings[i] THEN
      RETURN false;
    END IF;
  END LOOP;
  RETURN true;
END $$;
--> statement-breakpoint
CREATE FUNCTION all_different(words text[]) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  FOR i IN 2 .. cardinality(words) LOOP
    IF words[i] = ANY (words[: i - 1]) THEN
      RETURN false;
    END IF;
  END LOOP;
  RETURN true;
END $$;
--> statement-breakpoint
CREATE TABLE "year_balances" (
	"owner_id" uuid NOT NULL,
	"benefit_year" smallint NOT NULL,
	"version" integer NOT NULL,
	"slots" text[] NOT NULL,
	"openings_fen" bigint[] NOT NULL,
	"amounts_fen" bigint[] NOT NULL,
	"ceilings_fen" bigint[] NOT NULL,
	CONSTRAINT "year_balances_owner_id_benefit_year_pk" PRIMARY KEY("owner_id","benefit_year"),
	CONSTRAINT "balance_not_negative" CHECK (0 <= all ("year_balances"."amounts_fen")),
	CONSTRAINT "balance_within_ceiling" CHECK (none_above("year_balances"."amounts_fen", "year_balances"."ceilings_fen")),
	CONSTRAINT "balance_in_range" CHECK (1000000000000000 >= all ("year_balances"."amounts_fen")),
	CONSTRAINT "balance_version_counts" CHECK ("year_balances"."version" >= 0),
	CONSTRAINT "balance_slots_complete" CHECK (cardinality("year_balances"."slots") = cardinality("year_balances"."openings_fen")
        and cardinality("year_balances"."slots") = cardinality("year_balances"."amounts_fen")
        and cardinality("year_balances"."slots") = cardinality("year_balances"."ceilings_fen")
        and array_position("year_balances"."amounts_fen", null) is null
        and array_position("year_balances"."openings_fen", null) is null),
	CONSTRAINT "balance_slot_once" CHECK (all_different("year_balances"."slots"))
);
--> statement-breakpoint
CREATE TABLE "year_movement" (
	"owner_id" uuid NOT NULL,
	"benefit_year" smallint NOT NULL,
	"version" integer NOT NULL,
	"posting_id" uuid NOT NULL,
	"slots" text[] NOT NULL,
	"amounts_fen" bigint[] NOT NULL,
	"afters_fen" bigint[] NOT NULL,
	CONSTRAINT "year_movement_owner_id_benefit_year_version_pk" PRIMARY KEY("owner_id","benefit_year","version"),
	CONSTRAINT "movement_slots_complete" CHECK (cardinality("year_movement"."slots") = cardinality("year_movement"."amounts_fen")
        and cardinality("year_movement"."slots") = cardinality("year_movement"."afters_fen")
        and array_position("year_movement"."amounts_fen", null) is null
        and array_position("year_movement"."afters_fen", null) is null),
	CONSTRAINT "movement_slot_once" CHECK (all_different("year_movement"."slots"))
);
--> statement-breakpoint
ALTER TABLE "year_balances" ADD CONSTRAINT "year_balances_owner_id_position_owner_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."position"("owner_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
INSERT INTO year_movement (owner_id, benefit_year, version, posting_id, slots, amounts_fen, afters_fen)
SELECT m.owner_id, m.benefit_year,
       row_number() OVER (PARTITION BY m.owner_id, m.benefit_year ORDER BY i.created_at, m.posting_id),
       m.posting_id, array_agg(m.scheme || '/' || m.kind ORDER BY m.scheme, m.kind),
       array_agg(m.amount_fen ORDER BY m.scheme, m.kind),
       array_agg(m.after_fen ORDER BY m.scheme, m.kind)
  FROM movement m
  JOIN (SELECT posting_id, min(created_at) AS created_at FROM idempotency
         WHERE verdict = 'done' GROUP BY posting_id) i USING (posting_id)
 GROUP BY m.owner_id, m.benefit_year, m.posting_id, i.created_at;
--> statement-breakpoint
INSERT INTO year_balances (owner_id, benefit_year, version, slots, openings_fen, amounts_fen, ceilings_fen)
SELECT b.owner_id, b.benefit_year,
       (SELECT count(*) FROM year_movement y
         WHERE y.owner_id = b.owner_id AND y.benefit_year = b.benefit_year),
       array_agg(b.scheme || '/' || b.kind ORDER BY b.scheme, b.kind),
       array_agg(b.opening_fen ORDER BY b.scheme, b.kind),
       array_agg(b.amount_fen ORDER BY b.scheme, b.kind),
       array_agg(b.ceiling_fen ORDER BY b.scheme, b.kind)
  FROM balance b GROUP BY b.owner_id, b.benefit_year;
--> statement-breakpoint
DROP TABLE "balance";--> statement-breakpoint
DROP TABLE "movement";--> statement-breakpoint
-- Balances and positions are updated in place all day: leave room on the page for it.
ALTER TABLE year_balances SET (fillfactor = 70);--> statement-breakpoint
CREATE VIEW balance AS
  SELECT b.owner_id, split_part(s.slot, '/', 1) AS scheme, b.benefit_year,
         split_part(s.slot, '/', 2) AS kind, s.opening_fen, s.amount_fen, s.ceiling_fen
    FROM year_balances b,
         unnest(b.slots, b.openings_fen, b.amounts_fen, b.ceilings_fen)
           AS s(slot, opening_fen, amount_fen, ceiling_fen);
--> statement-breakpoint
CREATE VIEW movement AS
  SELECT m.owner_id, split_part(s.slot, '/', 1) AS scheme, m.benefit_year,
         split_part(s.slot, '/', 2) AS kind, m.version, m.posting_id,
         s.after_fen - s.amount_fen AS before_fen, s.amount_fen, s.after_fen
    FROM year_movement m, unnest(m.slots, m.amounts_fen, m.afters_fen)
           AS s(slot, amount_fen, after_fen);
--> statement-breakpoint
CREATE TRIGGER year_movement_added_only BEFORE UPDATE OR DELETE OR TRUNCATE ON year_movement
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
ALTER TABLE "settlement" DROP CONSTRAINT "settlement_lines_make_the_expense";--> statement-breakpoint
ALTER TABLE "settlement" ALTER COLUMN "document" SET DATA TYPE json USING document::text::json;--> statement-breakpoint
ALTER TABLE "settlement" ADD COLUMN "line_amounts_fen" bigint[];--> statement-breakpoint
-- The one update a settlement ever sees: its line amounts, read from its own document.
ALTER TABLE settlement DISABLE TRIGGER settlement_added_only;--> statement-breakpoint
UPDATE settlement SET line_amounts_fen = ARRAY(
  SELECT ((x ->> 'amount')::numeric * 100)::bigint FROM json_array_elements(document -> 'lines') x);
--> statement-breakpoint
ALTER TABLE settlement ENABLE TRIGGER settlement_added_only;--> statement-breakpoint
ALTER TABLE "settlement" ALTER COLUMN "line_amounts_fen" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "settlement" ADD CONSTRAINT "settlement_lines_make_the_expense" CHECK (fen_sum("settlement"."line_amounts_fen") = "settlement"."total_expense_fen");--> statement-breakpoint
DROP FUNCTION lines_sum(jsonb);--> statement-breakpoint
-- The door looks it up instead: the key locked the terminal's row with every sale of its shop.
ALTER TABLE settlement DROP CONSTRAINT settlement_terminal_of_institution;--> statement-breakpoint
-- Answers and documents stay in their rows as they are: packing them cost more than the room.
ALTER TABLE settlement SET (toast_tuple_target = 8160);--> statement-breakpoint
ALTER TABLE idempotency SET (toast_tuple_target = 8160);--> statement-breakpoint
CREATE INDEX "coverage_by_person" ON "coverage_period" USING btree ("person_id");
