CREATE TABLE "diagnosis" (
	"edition" text NOT NULL,
	"code" text NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"pinyin_initials" text NOT NULL,
	"note" text,
	"period" daterange NOT NULL,
	CONSTRAINT "diagnosis_edition_code_period_pk" PRIMARY KEY("edition","code","period"),
	CONSTRAINT "diagnosis_kind_known" CHECK ("diagnosis"."kind" in ('disease', 'category', 'chronic')),
	CONSTRAINT "diagnosis_name_given" CHECK (length("diagnosis"."name") between 1 and 200),
	CONSTRAINT "diagnosis_period_not_empty" CHECK (not isempty("diagnosis"."period"))
);
--> statement-breakpoint
CREATE TABLE "town" (
	"town_code" text NOT NULL,
	"name" text NOT NULL,
	"pinyin_initials" text NOT NULL,
	"kind" text NOT NULL,
	"county_code" text NOT NULL,
	"county_name" text NOT NULL,
	"city_name" text NOT NULL,
	"period" daterange NOT NULL,
	CONSTRAINT "town_town_code_period_pk" PRIMARY KEY("town_code","period"),
	CONSTRAINT "town_kind_known" CHECK ("town"."kind" in ('street', 'town', 'township', 'zone')),
	CONSTRAINT "town_code_form" CHECK ("town"."town_code" ~ '^[0-9]{9}$'),
	CONSTRAINT "town_in_county" CHECK (starts_with("town"."town_code", "town"."county_code")),
	CONSTRAINT "town_period_not_empty" CHECK (not isempty("town"."period"))
);
--> statement-breakpoint
CREATE INDEX "diagnosis_by_code" ON "diagnosis" USING btree ("code");--> statement-breakpoint
ALTER TABLE diagnosis ADD CONSTRAINT diagnosis_one_version_a_day
  EXCLUDE USING gist (edition WITH =, code WITH =, period WITH &&);
--> statement-breakpoint
ALTER TABLE town ADD CONSTRAINT town_one_version_a_day
  EXCLUDE USING gist (town_code WITH =, period WITH &&);
--> statement-breakpoint
-- The roles come after the first migrations; where they are there already, they get to read these.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'settlement_app')
     AND EXISTS (SELECT FROM pg_roles WHERE rolname = 'settlement_door') THEN
    GRANT SELECT ON diagnosis, town TO settlement_app, settlement_door;
  END IF;
END $$;
