CREATE TABLE "balance" (
	"owner_id" uuid NOT NULL,
	"scheme" text NOT NULL,
	"benefit_year" smallint NOT NULL,
	"kind" text NOT NULL,
	"version" integer NOT NULL,
	"opening_fen" bigint NOT NULL,
	"amount_fen" bigint NOT NULL,
	"ceiling_fen" bigint,
	CONSTRAINT "balance_owner_id_scheme_benefit_year_kind_pk" PRIMARY KEY("owner_id","scheme","benefit_year","kind"),
	CONSTRAINT "balance_not_negative" CHECK ("balance"."amount_fen" >= 0),
	CONSTRAINT "balance_within_ceiling" CHECK ("balance"."amount_fen" <= "balance"."ceiling_fen"),
	CONSTRAINT "balance_in_range" CHECK ("balance"."amount_fen" <= 1000000000000000),
	CONSTRAINT "balance_version_counts" CHECK ("balance"."version" >= 0)
);
--> statement-breakpoint
CREATE TABLE "journal" (
	"posting_id" uuid PRIMARY KEY NOT NULL,
	"operation" text NOT NULL,
	"booked_on" date NOT NULL,
	"posted_at" timestamp with time zone NOT NULL,
	"accounts" text[] NOT NULL,
	"amounts_fen" bigint[] NOT NULL,
	CONSTRAINT "journal_sums_to_zero" CHECK (fen_sum("journal"."amounts_fen") = 0),
	CONSTRAINT "journal_has_two_sides" CHECK (cardinality("journal"."amounts_fen") >= 2
        and cardinality("journal"."amounts_fen") = cardinality("journal"."accounts"))
);
--> statement-breakpoint
CREATE TABLE "movement" (
	"owner_id" uuid NOT NULL,
	"scheme" text NOT NULL,
	"benefit_year" smallint NOT NULL,
	"kind" text NOT NULL,
	"version" integer NOT NULL,
	"posting_id" uuid NOT NULL,
	"before_fen" bigint NOT NULL,
	"amount_fen" bigint NOT NULL,
	"after_fen" bigint NOT NULL,
	CONSTRAINT "movement_owner_id_scheme_benefit_year_kind_version_pk" PRIMARY KEY("owner_id","scheme","benefit_year","kind","version"),
	CONSTRAINT "movement_adds_up" CHECK ("movement"."after_fen" = "movement"."before_fen" + "movement"."amount_fen")
);
--> statement-breakpoint
CREATE TABLE "position" (
	"owner_id" uuid PRIMARY KEY NOT NULL,
	"owner_kind" text NOT NULL,
	"version" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "position_owner_known" CHECK ("position"."owner_kind" in ('person', 'household'))
);
--> statement-breakpoint
CREATE TABLE "settlement" (
	"document_id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"settlement_number" text NOT NULL,
	"original_id" uuid,
	"institution_code" text NOT NULL,
	"terminal_id" uuid NOT NULL,
	"operator_code" text NOT NULL,
	"person_id" uuid NOT NULL,
	"scheme" text NOT NULL,
	"service_kind" text NOT NULL,
	"service_day" date NOT NULL,
	"benefit_year" smallint NOT NULL,
	"posted_at" timestamp with time zone NOT NULL,
	"total_expense_fen" bigint NOT NULL,
	"outside_scope_fen" bigint NOT NULL,
	"over_limit_fen" bigint NOT NULL,
	"preliminary_share_fen" bigint NOT NULL,
	"in_scope_fen" bigint NOT NULL,
	"pooling_fund_fen" bigint NOT NULL,
	"large_sum_fund_fen" bigint NOT NULL,
	"critical_illness_fund_fen" bigint NOT NULL,
	"civil_servant_subsidy_fen" bigint NOT NULL,
	"medical_assistance_fen" bigint NOT NULL,
	"other_fund_fen" bigint NOT NULL,
	"current_year_account_fen" bigint NOT NULL,
	"past_year_account_fen" bigint NOT NULL,
	"family_share_fen" bigint NOT NULL,
	"household_account_fen" bigint NOT NULL,
	"employer_fen" bigint NOT NULL,
	"institution_fen" bigint NOT NULL,
	"cash_fen" bigint NOT NULL,
	"policy_versions" text[] NOT NULL,
	"document" jsonb NOT NULL,
	CONSTRAINT "settlement_settlement_number_unique" UNIQUE("settlement_number"),
	CONSTRAINT "settlement_kind_known" CHECK ("settlement"."kind" in ('settlement', 'reversal', 'return')),
	CONSTRAINT "settlement_parts_make_the_expense" CHECK ("settlement"."total_expense_fen" = "settlement"."outside_scope_fen" + "settlement"."over_limit_fen" + "settlement"."preliminary_share_fen" + "settlement"."in_scope_fen"),
	CONSTRAINT "settlement_payers_make_the_expense" CHECK ("settlement"."total_expense_fen" = "settlement"."pooling_fund_fen" + "settlement"."large_sum_fund_fen" + "settlement"."critical_illness_fund_fen" + "settlement"."civil_servant_subsidy_fen" + "settlement"."medical_assistance_fen" + "settlement"."other_fund_fen" + "settlement"."current_year_account_fen" + "settlement"."past_year_account_fen" + "settlement"."family_share_fen" + "settlement"."household_account_fen" + "settlement"."employer_fen" + "settlement"."institution_fen" + "settlement"."cash_fen"),
	CONSTRAINT "settlement_no_negative_part" CHECK ("settlement"."kind" <> 'settlement' or
        least("settlement"."outside_scope_fen", "settlement"."over_limit_fen", "settlement"."preliminary_share_fen", "settlement"."in_scope_fen", "settlement"."pooling_fund_fen", "settlement"."large_sum_fund_fen", "settlement"."critical_illness_fund_fen", "settlement"."civil_servant_subsidy_fen", "settlement"."medical_assistance_fen", "settlement"."other_fund_fen", "settlement"."current_year_account_fen", "settlement"."past_year_account_fen", "settlement"."family_share_fen", "settlement"."household_account_fen", "settlement"."employer_fen", "settlement"."institution_fen", "settlement"."cash_fen") >= 0),
	CONSTRAINT "settlement_taking_back_lowers" CHECK ("settlement"."kind" = 'settlement' or "settlement"."total_expense_fen" <= 0),
	CONSTRAINT "settlement_original_where_taken_back" CHECK (("settlement"."kind" = 'settlement') = ("settlement"."original_id" is null)),
	CONSTRAINT "settlement_lines_make_the_expense" CHECK (lines_sum("settlement"."document") = "settlement"."total_expense_fen")
);
--> statement-breakpoint
CREATE TABLE "trace_code" (
	"trace_code" text PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"institution_code" text NOT NULL,
	"units_sold" integer NOT NULL,
	"units_per_pack" integer NOT NULL,
	"last_posting_id" uuid NOT NULL,
	"last_sold_at" timestamp with time zone NOT NULL,
	CONSTRAINT "trace_code_form" CHECK ("trace_code"."trace_code" ~ '^[0-9]{20}$'),
	CONSTRAINT "trace_code_state_known" CHECK ("trace_code"."state" in ('sold', 'split', 'free')),
	CONSTRAINT "trace_code_units" CHECK ("trace_code"."units_sold" between 0 and "trace_code"."units_per_pack")
);
--> statement-breakpoint
CREATE TABLE "trace_code_event" (
	"trace_code" text NOT NULL,
	"posting_id" uuid NOT NULL,
	"line_no" smallint NOT NULL,
	"mode" text NOT NULL,
	"units" integer NOT NULL,
	"institution_code" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "trace_code_event_trace_code_posting_id_pk" PRIMARY KEY("trace_code","posting_id"),
	CONSTRAINT "trace_code_event_mode" CHECK ("trace_code_event"."mode" in ('sell', 'split', 'return'))
);
--> statement-breakpoint
CREATE TABLE "catalogue_item" (
	"item_version_id" uuid PRIMARY KEY NOT NULL,
	"item_code" text NOT NULL,
	"period" daterange NOT NULL,
	"kind" text NOT NULL,
	"generic_name" text NOT NULL,
	"brand_name" text,
	"dosage_form" text,
	"spec" text,
	"pack_unit" text NOT NULL,
	"split_unit" text,
	"units_per_pack" numeric(9, 4) NOT NULL,
	"manufacturer" text,
	"catalogue_class" text NOT NULL,
	"preliminary_ratio" numeric(7, 6),
	"price_ceiling" numeric(16, 6),
	"unit_price" numeric(16, 6),
	"prescription" boolean NOT NULL,
	"trace_code_required" boolean NOT NULL,
	"barcode" text,
	"limits" jsonb NOT NULL,
	"pinyin_initials" text NOT NULL,
	"pinyin_full" text NOT NULL,
	"approval_number" text,
	"source" text NOT NULL,
	"note" text,
	CONSTRAINT "catalogue_kind_known" CHECK ("catalogue_item"."kind" in ('drug', 'service', 'material')),
	CONSTRAINT "catalogue_class_known" CHECK ("catalogue_item"."catalogue_class" in ('A', 'B', 'C')),
	CONSTRAINT "catalogue_share_fits_class" CHECK (("catalogue_item"."catalogue_class" = 'C' and "catalogue_item"."preliminary_ratio" is null)
        or ("catalogue_item"."catalogue_class" <> 'C' and "catalogue_item"."preliminary_ratio" between 0 and 1)),
	CONSTRAINT "catalogue_units_positive" CHECK ("catalogue_item"."units_per_pack" > 0)
);
--> statement-breakpoint
CREATE TABLE "institution_item" (
	"institution_code" text NOT NULL,
	"local_code" text NOT NULL,
	"item_code" text NOT NULL,
	"local_name" text NOT NULL,
	"unit_price" numeric(16, 6) NOT NULL,
	"period" daterange NOT NULL,
	CONSTRAINT "institution_item_institution_code_local_code_period_pk" PRIMARY KEY("institution_code","local_code","period"),
	CONSTRAINT "institution_item_price" CHECK ("institution_item"."unit_price" >= 0)
);
--> statement-breakpoint
CREATE TABLE "policy_version" (
	"version_id" text PRIMARY KEY NOT NULL,
	"file_name" text NOT NULL,
	"document" text NOT NULL,
	"document_sha" "bytea" NOT NULL,
	"published_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "installation" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"area_code" text NOT NULL,
	"key_fingerprint" text NOT NULL,
	CONSTRAINT "installation_one_row" CHECK ("installation"."id" = 1)
);
--> statement-breakpoint
CREATE TABLE "agreement" (
	"agreement_id" uuid PRIMARY KEY NOT NULL,
	"institution_code" text NOT NULL,
	"period" daterange NOT NULL
);
--> statement-breakpoint
CREATE TABLE "institution" (
	"institution_code" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"level" smallint,
	"tier" text,
	"town" text NOT NULL,
	"community" boolean NOT NULL,
	"in_area" boolean DEFAULT true NOT NULL,
	"phone" text,
	CONSTRAINT "institution_kind_known" CHECK ("institution"."kind" in ('pharmacy', 'hospital', 'community-centre', 'village-clinic', 'clinic',
        'tcm-hospital')),
	CONSTRAINT "institution_level_known" CHECK ("institution"."level" between 1 and 3),
	CONSTRAINT "institution_tier_known" CHECK ("institution"."tier" in ('jia', 'yi', 'bing')),
	CONSTRAINT "institution_code_form" CHECK ("institution"."institution_code" ~ '^[A-Z][0-9]{11}$')
);
--> statement-breakpoint
CREATE TABLE "operator" (
	"operator_id" uuid PRIMARY KEY NOT NULL,
	"operator_code" text NOT NULL,
	"institution_code" text,
	"display_name" text NOT NULL,
	"role" text NOT NULL,
	"pin_salt" "bytea" NOT NULL,
	"pin_hash" "bytea" NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	CONSTRAINT "operator_operator_code_unique" UNIQUE("operator_code"),
	CONSTRAINT "operator_role_known" CHECK ("operator"."role" in ('cashier', 'supervisor', 'agency-clerk', 'agency-head', 'finance')),
	CONSTRAINT "operator_belongs" CHECK (("operator"."role" in ('cashier', 'supervisor')) = ("operator"."institution_code" is not null))
);
--> statement-breakpoint
CREATE TABLE "suspension" (
	"suspension_id" uuid PRIMARY KEY NOT NULL,
	"institution_code" text NOT NULL,
	"period" daterange NOT NULL,
	"reason" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "terminal" (
	"terminal_id" uuid PRIMARY KEY NOT NULL,
	"institution_code" text NOT NULL,
	"name" text NOT NULL,
	"status" text NOT NULL,
	"enrolled_at" timestamp with time zone NOT NULL,
	CONSTRAINT "terminal_of_institution" UNIQUE("terminal_id","institution_code"),
	CONSTRAINT "terminal_status_known" CHECK ("terminal"."status" in ('enrolled', 'retired'))
);
--> statement-breakpoint
CREATE TABLE "terminal_key" (
	"key_id" text PRIMARY KEY NOT NULL,
	"terminal_id" uuid NOT NULL,
	"secret_cipher" "bytea" NOT NULL,
	"valid_from" timestamp with time zone NOT NULL,
	"valid_until" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "card" (
	"card_number" text PRIMARY KEY NOT NULL,
	"person_id" uuid NOT NULL,
	"status" text NOT NULL,
	"issued_on" date NOT NULL,
	"status_since" timestamp with time zone NOT NULL,
	CONSTRAINT "card_status_known" CHECK ("card"."status" in ('active', 'lost', 'replaced'))
);
--> statement-breakpoint
CREATE TABLE "coverage_period" (
	"coverage_id" uuid PRIMARY KEY NOT NULL,
	"person_id" uuid NOT NULL,
	"scheme" text NOT NULL,
	"category" text NOT NULL,
	"tier" text,
	"civil_servant" boolean DEFAULT false NOT NULL,
	"assistance" text,
	"status" text NOT NULL,
	"period" daterange NOT NULL,
	CONSTRAINT "coverage_scheme_known" CHECK ("coverage_period"."scheme" in ('employee', 'rural')),
	CONSTRAINT "coverage_category_known" CHECK ("coverage_period"."category" in ('active', 'retired', 'resident-adult', 'student', 'infant')),
	CONSTRAINT "coverage_tier_known" CHECK ("coverage_period"."tier" in ('A', 'B')),
	CONSTRAINT "coverage_status_known" CHECK ("coverage_period"."status" in ('in-force', 'arrears', 'waiting', 'suspended')),
	CONSTRAINT "coverage_period_not_empty" CHECK (not isempty("coverage_period"."period"))
);
--> statement-breakpoint
CREATE TABLE "household" (
	"household_id" uuid PRIMARY KEY NOT NULL,
	"town" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "person" (
	"person_id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"name_pinyin" text NOT NULL,
	"sex" text NOT NULL,
	"birth_day" date NOT NULL,
	"id_number_cipher" "bytea" NOT NULL,
	"id_number_index" "bytea" NOT NULL,
	"phone_cipher" "bytea",
	"address_cipher" "bytea",
	"household_id" uuid,
	"died_on" date,
	CONSTRAINT "person_id_number_index_unique" UNIQUE("id_number_index"),
	CONSTRAINT "person_sex_known" CHECK ("person"."sex" in ('M', 'F')),
	CONSTRAINT "person_name_given" CHECK (length("person"."name") between 1 and 100)
);
--> statement-breakpoint
CREATE TABLE "voucher" (
	"token" text PRIMARY KEY NOT NULL,
	"person_id" uuid NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_event" (
	"event_id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_event_event_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone NOT NULL,
	"client_id" uuid NOT NULL,
	"operator_code" text NOT NULL,
	"institution_code" text,
	"operation" text NOT NULL,
	"result" text NOT NULL,
	"posting_id" uuid NOT NULL,
	"detail" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency" (
	"client_id" uuid NOT NULL,
	"key" uuid NOT NULL,
	"operation" text NOT NULL,
	"body_sha" "bytea" NOT NULL,
	"verdict" text NOT NULL,
	"status" smallint NOT NULL,
	"answer" text NOT NULL,
	"posting_id" uuid NOT NULL,
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_client_id_key_pk" PRIMARY KEY("client_id","key"),
	CONSTRAINT "idempotency_verdict" CHECK ("idempotency"."verdict" in ('done', 'refused', 'tombstone')),
	CONSTRAINT "idempotency_sha" CHECK (octet_length("idempotency"."body_sha") = 32)
);
--> statement-breakpoint
CREATE TABLE "nonce" (
	"client_id" uuid NOT NULL,
	"nonce" text NOT NULL,
	"seen_at" timestamp with time zone NOT NULL,
	CONSTRAINT "nonce_client_id_nonce_pk" PRIMARY KEY("client_id","nonce")
);
--> statement-breakpoint
ALTER TABLE "balance" ADD CONSTRAINT "balance_owner_id_position_owner_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."position"("owner_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "institution_item" ADD CONSTRAINT "institution_item_institution_code_institution_institution_code_fk" FOREIGN KEY ("institution_code") REFERENCES "public"."institution"("institution_code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "agreement" ADD CONSTRAINT "agreement_institution_code_institution_institution_code_fk" FOREIGN KEY ("institution_code") REFERENCES "public"."institution"("institution_code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "operator" ADD CONSTRAINT "operator_institution_code_institution_institution_code_fk" FOREIGN KEY ("institution_code") REFERENCES "public"."institution"("institution_code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "suspension" ADD CONSTRAINT "suspension_institution_code_institution_institution_code_fk" FOREIGN KEY ("institution_code") REFERENCES "public"."institution"("institution_code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "terminal" ADD CONSTRAINT "terminal_institution_code_institution_institution_code_fk" FOREIGN KEY ("institution_code") REFERENCES "public"."institution"("institution_code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "terminal_key" ADD CONSTRAINT "terminal_key_terminal_id_terminal_terminal_id_fk" FOREIGN KEY ("terminal_id") REFERENCES "public"."terminal"("terminal_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "card" ADD CONSTRAINT "card_person_id_person_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("person_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "coverage_period" ADD CONSTRAINT "coverage_period_person_id_person_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("person_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "person" ADD CONSTRAINT "person_household_id_household_household_id_fk" FOREIGN KEY ("household_id") REFERENCES "public"."household"("household_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "voucher" ADD CONSTRAINT "voucher_person_id_person_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."person"("person_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "settlement_reversed_once" ON "settlement" USING btree ("original_id") WHERE kind = 'reversal';--> statement-breakpoint
CREATE INDEX "settlement_by_original" ON "settlement" USING btree ("original_id") WHERE original_id is not null;--> statement-breakpoint
CREATE INDEX "settlement_by_institution" ON "settlement" USING btree ("institution_code","posted_at");--> statement-breakpoint
CREATE INDEX "settlement_by_person" ON "settlement" USING btree ("person_id","posted_at");--> statement-breakpoint
CREATE INDEX "catalogue_by_code" ON "catalogue_item" USING btree ("item_code");--> statement-breakpoint
CREATE INDEX "institution_item_by_item" ON "institution_item" USING btree ("institution_code","item_code");--> statement-breakpoint
CREATE INDEX "card_by_person" ON "card" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "person_by_household" ON "person" USING btree ("household_id");--> statement-breakpoint
CREATE INDEX "voucher_by_person" ON "voucher" USING btree ("person_id");--> statement-breakpoint
CREATE INDEX "nonce_by_age" ON "nonce" USING btree ("seen_at");