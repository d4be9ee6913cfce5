-- The answer to a settlement, return or reversal stands in its document, no longer here as well: it
-- was half of what a settlement stores (server/decisions/0010).
ALTER TABLE "idempotency" ALTER COLUMN "answer" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "idempotency" ADD CONSTRAINT "idempotency_answer" CHECK ("idempotency"."answer" is not null or "idempotency"."verdict" = 'done') NOT VALID;--> statement-breakpoint
ALTER TABLE "idempotency" VALIDATE CONSTRAINT "idempotency_answer";
