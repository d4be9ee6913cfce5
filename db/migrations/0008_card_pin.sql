CREATE TABLE "card_pin" (
	"person_id" uuid PRIMARY KEY NOT NULL,
	"version" smallint NOT NULL,
	"salt" "bytea" NOT NULL,
	"hash" "bytea" NOT NULL,
	"tries" smallint DEFAULT 0 NOT NULL,
	CONSTRAINT "card_pin_tries" CHECK ("card_pin"."tries" between 0 and 3),
	CONSTRAINT "card_pin_version_known" CHECK ("card_pin"."version" = 1),
	CONSTRAINT "card_pin_sizes" CHECK (octet_length("card_pin"."salt") = 16 and octet_length("card_pin"."hash") = 32)
);
--> statement-breakpoint
CREATE TABLE "pin_event" (
	"event_no" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "pin_event_event_no_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"person_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"try_no" smallint,
	"client_id" uuid NOT NULL,
	"key" uuid NOT NULL,
	"body_sha" "bytea" NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "pin_event_kind" CHECK ("pin_event"."kind" in ('tried', 'right', 'wrong', 'late', 'set', 'unlocked')),
	CONSTRAINT "pin_event_try" CHECK (("pin_event"."try_no" between 1 and 3) = ("pin_event"."kind" in ('tried', 'right', 'wrong', 'late')))
);
--> statement-breakpoint
ALTER TABLE "card_pin" ADD CONSTRAINT "card_pin_person_id_person_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("person_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "pin_event_by_person" ON "pin_event" USING btree ("person_id","event_no");--> statement-breakpoint
CREATE INDEX "pin_event_by_key" ON "pin_event" USING btree ("client_id","key");--> statement-breakpoint
CREATE INDEX "pin_event_by_client" ON "pin_event" USING btree ("client_id","at");--> statement-breakpoint
CREATE TRIGGER pin_event_added_only BEFORE UPDATE OR DELETE OR TRUNCATE ON pin_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
