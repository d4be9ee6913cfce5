-- Changes the agency makes: cards, institutions, terminals, keys. Each travels with a posting (its
-- key, its answer, its audit event) in one call, so that it happens once or not at all. A change
-- that finds nothing to change fails the call, and nothing is written.
DROP FUNCTION IF EXISTS agency_change(jsonb, text, jsonb), agency_change(json, text, text, jsonb);
CREATE OR REPLACE FUNCTION agency_change(posting text, answer text, change text, facts jsonb)
RETURNS json LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  answers json := post_batch(posting, '', '', answer, ARRAY[NULL::text]);
  decided posting_input := (postings_of(posting))[1];
  changed int := 0;
BEGIN
  IF answers -> 0 ->> 'verdict' <> 'posted' OR decided.verdict <> 'done' THEN
    RETURN answers;
  END IF;
  CASE change
    WHEN 'report-card-lost' THEN
      UPDATE card SET status = 'lost', status_since = decided.at
       WHERE card_number = facts ->> 'cardNumber' AND status = 'active';
    WHEN 'reissue-card' THEN
      UPDATE card SET status = 'replaced', status_since = decided.at
       WHERE person_id = (facts ->> 'personId')::uuid AND status IN ('active', 'lost');
      INSERT INTO card (card_number, person_id, status, issued_on, status_since)
      VALUES (facts ->> 'cardNumber', (facts ->> 'personId')::uuid, 'active',
              (facts ->> 'on')::date, decided.at);
    WHEN 'set-card-pin' THEN
      INSERT INTO card_pin (person_id, version, salt, hash)
      VALUES ((facts ->> 'personId')::uuid, (facts ->> 'version')::smallint,
              decode(facts ->> 'salt', 'hex'), decode(facts ->> 'hash', 'hex'))
      ON CONFLICT (person_id) DO UPDATE
        SET version = excluded.version, salt = excluded.salt, hash = excluded.hash, tries = 0;
      PERFORM add_pin_event(facts, decided, 'set');
    WHEN 'unlock-card-pin' THEN
      UPDATE card_pin SET tries = 0
       WHERE person_id = (facts ->> 'personId')::uuid AND tries > 0;
      IF FOUND THEN
        PERFORM add_pin_event(facts, decided, 'unlocked');
      END IF;
    WHEN 'suspend-institution' THEN
      INSERT INTO suspension (suspension_id, institution_code, period, reason)
      VALUES (decided.posting_id, facts ->> 'institutionCode',
              daterange((facts ->> 'from')::date, NULL), facts ->> 'reason');
    WHEN 'lift-suspension' THEN
      UPDATE suspension SET period = daterange(lower(period), (facts ->> 'on')::date)
       WHERE institution_code = facts ->> 'institutionCode' AND upper_inf(period)
         AND lower(period) <= (facts ->> 'on')::date;
    WHEN 'enrol-terminal' THEN
      INSERT INTO terminal (terminal_id, institution_code, name, status, enrolled_at)
      VALUES ((facts ->> 'terminalId')::uuid, facts ->> 'institutionCode', facts ->> 'name',
              'enrolled', decided.at);
      PERFORM add_terminal_key(facts, decided.at);
    WHEN 'replace-terminal' THEN
      -- The lock keeps it from being retired at this moment; of a retired one nothing is changed.
      PERFORM FROM terminal
        WHERE terminal_id = (facts ->> 'terminalId')::uuid AND status = 'enrolled' FOR SHARE;
      IF FOUND THEN
        UPDATE terminal_key SET valid_until = decided.at
         WHERE terminal_id = (facts ->> 'terminalId')::uuid
           AND (valid_until IS NULL OR valid_until > decided.at);
        PERFORM add_terminal_key(facts, decided.at);
      END IF;
    WHEN 'rotate-terminal-key' THEN
      PERFORM FROM terminal
        WHERE terminal_id = (facts ->> 'terminalId')::uuid AND status = 'enrolled' FOR SHARE;
      IF FOUND THEN
        UPDATE terminal_key SET valid_until = (facts ->> 'oldKeyValidUntil')::timestamptz
         WHERE terminal_id = (facts ->> 'terminalId')::uuid AND valid_until IS NULL;
        PERFORM add_terminal_key(facts, decided.at);
      END IF;
    WHEN 'retire-terminal' THEN
      UPDATE terminal SET status = 'retired'
       WHERE terminal_id = (facts ->> 'terminalId')::uuid AND status = 'enrolled';
    WHEN 'publish-policy' THEN
      -- Checked against what was published then; of two at once, one finds nothing to change.
      PERFORM pg_advisory_xact_lock(hashtext('publish-policy'));
      INSERT INTO policy_version (version_id, file_name, document, document_sha, published_at)
      SELECT facts ->> 'versionId', facts ->> 'fileName', facts ->> 'document',
             decode(facts ->> 'sha', 'hex'),
             greatest(decided.at, max(published_at) + interval '1 ms')
        FROM policy_version HAVING count(*) = (facts ->> 'publishedBefore')::int;
  END CASE;
  GET DIAGNOSTICS changed = ROW_COUNT;
  IF changed = 0 THEN
    RAISE EXCEPTION 'nothing to change' USING ERRCODE = '23000', CONSTRAINT = 'nothing_to_change';
  END IF;
  NOTIFY reference_changed;
  RETURN answers;
END $$;

CREATE OR REPLACE FUNCTION add_terminal_key(facts jsonb, at timestamptz) RETURNS void
LANGUAGE sql AS $$
  INSERT INTO terminal_key (key_id, terminal_id, secret_cipher, valid_from)
  VALUES (facts ->> 'keyId', (facts ->> 'terminalId')::uuid,
          decode(facts ->> 'secretCipher', 'hex'), at)
$$;

CREATE OR REPLACE FUNCTION add_pin_event(facts jsonb, decided posting_input, kind text)
RETURNS void LANGUAGE sql AS $$
  INSERT INTO pin_event (person_id, kind, client_id, key, body_sha, at)
  VALUES ((facts ->> 'personId')::uuid, kind, decided.client, decided.key, decided.sha, decided.at)
$$;

ALTER FUNCTION agency_change(text, text, text, jsonb) OWNER TO settlement_door;
REVOKE ALL ON FUNCTION agency_change(text, text, text, jsonb),
  add_terminal_key(jsonb, timestamptz),
  add_pin_event(jsonb, posting_input, text) FROM PUBLIC, settlement_app;
GRANT EXECUTE ON FUNCTION agency_change(text, text, text, jsonb) TO settlement_app;
GRANT EXECUTE ON FUNCTION add_terminal_key(jsonb, timestamptz),
  add_pin_event(jsonb, posting_input, text) TO settlement_door;
