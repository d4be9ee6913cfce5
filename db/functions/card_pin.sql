-- The PIN of a card (reliability notes S14-S18). The application's role reads and writes neither
-- table: it begins a try, which is counted before it hears what to compare with, and ends it.

DO $$
DECLARE
  closed text;
BEGIN
  FOREACH closed IN ARRAY ARRAY['pin_event', 'card_pin'] LOOP
    EXECUTE format('REVOKE ALL ON %I FROM settlement_app, settlement_reader', closed);
    -- Only where it is not so yet: each of these waits for everybody who reads the table.
    CONTINUE WHEN (SELECT relforcerowsecurity FROM pg_class WHERE oid = closed::regclass);
    EXECUTE format('CREATE POLICY door ON %I TO settlement_door USING (true)', closed);
    EXECUTE format('CREATE POLICY owner ON %I TO %I USING (true)', closed,
      (SELECT relowner::regrole::text FROM pg_class WHERE oid = closed::regclass));
    IF closed = 'card_pin' THEN
      -- The reader of entitlements says whether there is a PIN; what it is made of it cannot see.
      CREATE POLICY reader ON card_pin FOR SELECT TO settlement_reader USING (true);
    END IF;
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', closed);
  END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON card_pin TO settlement_door;
GRANT SELECT, INSERT ON pin_event TO settlement_door;
GRANT SELECT (person_id) ON card_pin TO settlement_reader;

-- Begins a try, counting it; the statement commits before its answer can be compared with anything.
--   state: answered  the key has its answer already: nothing is counted
--          right, wrong, late  the same was asked under this key before, and so ended
--          running   the same is being compared at this moment
--          spray     too many wrong tries of this terminal, over all cards
--          locked    no try is left
--          missing   no PIN came with it, so nothing is counted
--          try       compare with version, salt and hash; tryNo says which try it is
CREATE OR REPLACE FUNCTION begin_pin_try(
  person uuid, client uuid, the_key uuid, sha bytea, given boolean, now_at timestamptz
) RETURNS json LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  before pin_event;
  pin card_pin;
  unanswered int;
BEGIN
  -- One try of a terminal at a time, so that many at once cannot slip past its limit.
  PERFORM pg_advisory_xact_lock(hashtext('begin_pin_try'), hashtext(client::text));
  IF EXISTS (SELECT FROM idempotency i WHERE i.client_id = client AND i.key = the_key) THEN
    RETURN json_build_object('state', 'answered');
  END IF;
  SELECT * INTO before FROM pin_event e
   WHERE e.client_id = client AND e.key = the_key AND e.body_sha = sha AND e.person_id = person
   ORDER BY e.event_no DESC LIMIT 1;
  IF before.kind IN ('right', 'wrong', 'late') THEN
    RETURN json_build_object('state', before.kind, 'left', 3 - before.try_no);
  END IF;
  -- A process that died while it compared leaves a counted try; its key may be tried anew.
  IF before.kind = 'tried' AND before.at > now_at - interval '10 s' THEN
    RETURN json_build_object('state', 'running');
  END IF;
  SELECT count(*) FILTER (WHERE e.kind = 'tried') - count(*) FILTER (WHERE e.kind = 'right')
    INTO unanswered
    FROM pin_event e WHERE e.client_id = client AND e.at > now_at - interval '10 min';
  IF unanswered >= 10 THEN
    RETURN json_build_object('state', 'spray');
  END IF;
  IF NOT given THEN
    RETURN json_build_object('state',
      CASE WHEN EXISTS (SELECT FROM card_pin c WHERE c.person_id = person AND c.tries = 3)
           THEN 'locked' ELSE 'missing' END);
  END IF;
  UPDATE card_pin c SET tries = c.tries + 1 WHERE c.person_id = person AND c.tries < 3
  RETURNING * INTO pin;
  IF NOT FOUND THEN
    RETURN json_build_object('state', 'locked');
  END IF;
  INSERT INTO pin_event (person_id, kind, try_no, client_id, key, body_sha, at)
  VALUES (person, 'tried', pin.tries, client, the_key, sha, now_at);
  RETURN json_build_object('state', 'try', 'tryNo', pin.tries, 'version', pin.version,
    'salt', encode(pin.salt, 'hex'), 'hash', encode(pin.hash, 'hex'));
END $$;

-- Ends a try with what the comparison said. A right one empties the counter, unless the card was
-- locked by others meanwhile: then it is late, and counts for nothing. Gives the kind it became;
-- asked again, because the answer was lost, the kind it had become.
CREATE OR REPLACE FUNCTION end_pin_try(
  person uuid, client uuid, the_key uuid, sha bytea, no smallint, is_right boolean,
  now_at timestamptz
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  became text := 'wrong';
  last_kind text;
BEGIN
  PERFORM FROM card_pin c WHERE c.person_id = person FOR UPDATE;
  SELECT e.kind INTO last_kind FROM pin_event e
   WHERE e.client_id = client AND e.key = the_key AND e.body_sha = sha
     AND e.person_id = person AND e.try_no = no
   ORDER BY e.event_no DESC LIMIT 1;
  IF last_kind IS NULL THEN
    RAISE EXCEPTION 'a try that never began' USING ERRCODE = '23000';
  END IF;
  IF last_kind <> 'tried' THEN
    RETURN last_kind;
  END IF;
  IF is_right THEN
    UPDATE card_pin c SET tries = 0 WHERE c.person_id = person AND (c.tries < 3 OR no = 3);
    became := CASE WHEN FOUND THEN 'right' ELSE 'late' END;
  END IF;
  INSERT INTO pin_event (person_id, kind, try_no, client_id, key, body_sha, at)
  VALUES (person, became, no, client, the_key, sha, now_at);
  RETURN became;
END $$;

ALTER FUNCTION begin_pin_try(uuid, uuid, uuid, bytea, boolean, timestamptz)
  OWNER TO settlement_door;
ALTER FUNCTION end_pin_try(uuid, uuid, uuid, bytea, smallint, boolean, timestamptz)
  OWNER TO settlement_door;
REVOKE ALL ON FUNCTION begin_pin_try(uuid, uuid, uuid, bytea, boolean, timestamptz),
  end_pin_try(uuid, uuid, uuid, bytea, smallint, boolean, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION begin_pin_try(uuid, uuid, uuid, bytea, boolean, timestamptz),
  end_pin_try(uuid, uuid, uuid, bytea, smallint, boolean, timestamptz) TO settlement_app;
