-- Seals over the audit events (db/schema/audit.ts). They are computed beside the door and never in
-- it; whoever seals hands the seal in here, and it is taken only where it follows the newest one.

-- False where somebody else was faster, or the seal follows nothing that stands.
CREATE OR REPLACE FUNCTION add_audit_seal(
  no bigint, previous bytea, ids bigint[], event_digests bytea, at text, seal_hash bytea
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  newest audit_seal;
BEGIN
  PERFORM pg_advisory_xact_lock(330286);
  SELECT * INTO newest FROM audit_seal s ORDER BY s.seal_no DESC LIMIT 1;
  IF no <> coalesce(newest.seal_no, 0) + 1
     OR previous <> coalesce(newest.hash, decode(repeat('00', 32), 'hex'))
     OR ids[1] <= coalesce(newest.last_event_id, 0)
     OR ids[cardinality(ids)] > pg_sequence_last_value('audit_event_event_id_seq') THEN
    RETURN false;
  END IF;
  INSERT INTO audit_seal (seal_no, last_event_id, event_ids, digests, sealed_at, previous_hash,
                          hash)
  VALUES (no, ids[cardinality(ids)], ids, event_digests, at, previous, seal_hash);
  RETURN true;
END $$;

GRANT INSERT ON audit_seal TO settlement_door;
GRANT SELECT ON SEQUENCE audit_event_event_id_seq TO settlement_door, settlement_app;
ALTER FUNCTION add_audit_seal(bigint, bytea, bigint[], bytea, text, bytea) OWNER TO settlement_door;
REVOKE ALL ON FUNCTION add_audit_seal(bigint, bytea, bigint[], bytea, text, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION add_audit_seal(bigint, bytea, bigint[], bytea, text, bytea)
  TO settlement_app;
