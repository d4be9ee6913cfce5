-- The answer to a settlement, return or reversal stands in its document, no longer here as well: it
-- was half of what a settlement stores (server/decisions/0010).
ALTER TABLE "idempotency" ALTER COLUMN "answer" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "idempotency" ADD CONSTRAINT "idempotency_answer"
  CHECK ("answer" IS NOT NULL OR "verdict" = 'done') NOT VALID;--> statement-breakpoint
ALTER TABLE "idempotency" VALIDATE CONSTRAINT "idempotency_answer";
--> statement-breakpoint
-- The document's bytes as they were sent: that they are JSON is known of the one who writes them,
-- and the invariants read it. The table is written anew for it once, before it is long.
ALTER TABLE "settlement" ALTER COLUMN "document" TYPE text
  USING "document"::text;--> statement-breakpoint
-- The lines of a document: those of the answer in it, or its own where it was stored whole, as
-- documents were at first.
CREATE FUNCTION document_lines(document text) RETURNS json LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(document::json #> '{answer,lines}', document::json -> 'lines')
$$;
--> statement-breakpoint
-- Slices of an array cost more than all else that is checked of a balance.
CREATE OR REPLACE FUNCTION all_different(words text[]) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  FOR i IN 2 .. cardinality(words) LOOP
    IF array_position(words, words[i]) <> i THEN
      RETURN false;
    END IF;
  END LOOP;
  RETURN true;
END $$;
