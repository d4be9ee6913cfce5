-- Rows about persons (decisions.md 21): whoever comes without saying for what sees none of them.
--
-- The application's role may neither read nor write these tables. It asks read_entitlements, which
-- runs as settlement_reader, one call for each decision; and agency_change, which runs as the door.
-- Row-level security stands behind the rights: should somebody grant the application a table by
-- mistake, it still sees no row of it. It holds for the owner too, who imports and seeds by a
-- policy of his own.
DO $$
DECLARE
  personal text;
  reading regprocedure;
BEGIN
  FOREACH personal IN ARRAY ARRAY['person', 'household', 'coverage_period', 'card', 'voucher'] LOOP
    EXECUTE format('REVOKE ALL ON %I FROM settlement_app', personal);
    -- Only where it is not so yet: each of these waits for everybody who reads the table.
    CONTINUE WHEN (SELECT relforcerowsecurity FROM pg_class WHERE oid = personal::regclass);
    EXECUTE format('CREATE POLICY reader ON %I FOR SELECT TO settlement_reader USING (true)',
      personal);
    EXECUTE format('CREATE POLICY owner ON %I TO %I USING (true)', personal,
      (SELECT relowner::regrole::text FROM pg_class WHERE oid = personal::regclass));
    IF personal = 'card' THEN
      -- Cards are changed by the agency's door alone; it names no other person's table.
      CREATE POLICY door ON card TO settlement_door USING (true);
    END IF;
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', personal);
  END LOOP;

  FOR reading IN SELECT oid FROM pg_proc
                  WHERE proname = 'read_entitlements' AND pronamespace = 'public'::regnamespace LOOP
    EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = public, pg_temp', reading);
    EXECUTE format('ALTER FUNCTION %s OWNER TO settlement_reader', reading);
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', reading);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO settlement_app', reading);
  END LOOP;
END $$;

GRANT SELECT ON person, household, coverage_period, card, voucher, position, year_balances,
  trace_code TO settlement_reader;

REVOKE ALL ON person, household, coverage_period, voucher FROM settlement_door;
