-- Three roles without login: the door owns the writing of money, the reader sees rows about persons
-- (personal_rows.sql), the application may only call what they own.
-- Roles belong to the whole cluster, so an existing one is kept.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'settlement_door') THEN
    CREATE ROLE settlement_door NOLOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'settlement_app') THEN
    CREATE ROLE settlement_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'settlement_reader') THEN
    CREATE ROLE settlement_reader NOLOGIN NOSUPERUSER NOBYPASSRLS;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL; -- Another database of the same cluster is being migrated at this moment.
END $$;

GRANT USAGE ON SCHEMA public TO settlement_door, settlement_reader, settlement_app;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO settlement_door, settlement_app;
-- Whether the newest migration of a build is there, the application sees for itself.
GRANT USAGE ON SCHEMA drizzle TO settlement_app;
GRANT SELECT ON drizzle.__drizzle_migrations TO settlement_app;
GRANT INSERT ON year_movement, journal, settlement, trace_code_event, idempotency, nonce,
  audit_event TO settlement_door;
GRANT INSERT, UPDATE ON position, year_balances, trace_code TO settlement_door;
GRANT USAGE ON SEQUENCE settlement_number_block TO settlement_app;
-- Old nonces leave through sweep_nonces only, which runs as the door.
REVOKE DELETE ON nonce FROM settlement_app;
GRANT DELETE ON nonce TO settlement_door;
-- What the agency changes, it changes through agency_change, which runs as the door; imports run as
-- the owner. The application itself writes none of it.
REVOKE INSERT, UPDATE ON person, household, coverage_period, card, voucher, institution, agreement,
  suspension, terminal, terminal_key, operator, catalogue_item, institution_item, policy_version
  FROM settlement_app;
GRANT INSERT, UPDATE ON card, suspension, terminal, terminal_key TO settlement_door;
GRANT INSERT ON policy_version TO settlement_door;
GRANT INSERT ON installation TO settlement_app;
