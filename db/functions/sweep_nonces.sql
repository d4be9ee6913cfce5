-- Nonces that no request can bring again are swept, a few at a time (decisions.md 20). A request
-- is believed from 300 s behind to 60 s ahead of the server's clock, so a nonce can come again for
-- 360 s after it was seen. Whatever the caller names, none is swept before ten minutes more have
-- passed by the database's own clock: no clock that runs ahead may open the door to a replay.
CREATE OR REPLACE FUNCTION sweep_nonces(before timestamptz, rows_max int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  swept int;
BEGIN
  -- One sweeper at a time; whoever comes second has nothing left to do.
  IF NOT pg_try_advisory_xact_lock(330283) THEN
    RETURN 0;
  END IF;
  DELETE FROM nonce n
   USING (SELECT o.client_id, o.nonce FROM nonce o
           WHERE o.seen_at < least(before, now() - interval '16 minutes')
           ORDER BY o.seen_at LIMIT least(rows_max, 10000)) AS old
   WHERE n.client_id = old.client_id AND n.nonce = old.nonce;
  GET DIAGNOSTICS swept = ROW_COUNT;
  RETURN swept;
END $$;

ALTER FUNCTION sweep_nonces(timestamptz, int) OWNER TO settlement_door;
REVOKE ALL ON FUNCTION sweep_nonces(timestamptz, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sweep_nonces(timestamptz, int) TO settlement_app;
