-- The posting door: the only writer of money (architecture, decision 4; decisions.md 18-21).
--
-- Takes postings that were decided outside, each on stated versions of its owners, and answers one
-- verdict per posting. All of a batch is written in one transaction of one call, so no driver can
-- tear it. A posting is an object:
--   n          number within the batch, from 1      client, key, op, sha   idempotency; sha is hex
--   nonce      of the signature, or null            at                     instant of the decision
--   verdict    done | refused                       status                 of what is answered
--   postingId  id of the posting and its document   tombstone              key to close, or null,
--                                                   tombstoneClient        whose, if not client's
--   owners     [{o, v}] owner and the version the decision was made on
--   moves      [{o, y, s, a, c}] owner, year, and of each balance its slot, fen, and ceiling in
--              fen (null: none; -1: whichever stands)
--   journal    {on, accounts, amounts} or null      doc                    settlement row or null
--   codes      [{c, l, m, u, p}] trace code, line, mode, units, units per pack
--   audit      {operator, institution, result, detail}
-- The two long texts of a posting, its answer and its document, travel beside: as many as there
-- are postings, in their order, with a record separator between them, which no JSON text holds
-- unescaped. Parsed as JSON together with the rest they cost more than all that is written.
-- The caller gathers at most one posting per owner, key, nonce and trace code in a batch. A
-- constraint that the verdicts did not foresee fails the whole call, and the caller then posts
-- one by one, so that only the guilty one is refused.

DROP FUNCTION IF EXISTS post_batch(jsonb), batch_verdicts(jsonb), write_balances(jsonb),
  write_trace_codes(jsonb), write_documents(jsonb);
DROP TYPE IF EXISTS posting_input CASCADE;
CREATE TYPE posting_input AS (
  n int, client uuid, key uuid, op text, sha text, nonce text, "at" timestamptz, verdict text,
  status smallint, "postingId" uuid, tombstone uuid, "tombstoneClient" uuid,
  owners json, moves json, journal json, doc json, codes json, audit json
);

-- Whether a trace code may go the way it is asked to: a whole pack once in all institutions; a
-- split pack stays with its shop until its units are sold (decisions.md 10). A pack that was once
-- opened never becomes a whole one again, even when all its units came back.
CREATE OR REPLACE FUNCTION code_available(held trace_code, mode text, units int, institution text)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE mode
    WHEN 'sell' THEN held.trace_code IS NULL OR held.state = 'free'
    WHEN 'split' THEN held.trace_code IS NULL OR held.state = 'free'
      OR (held.state = 'split' AND held.institution_code = institution
          AND held.units_sold + units <= held.units_per_pack)
    WHEN 'return' THEN held.state IN ('sold', 'split') AND held.institution_code = institution
      AND held.units_sold >= units
    ELSE false
  END
$$;

-- The verdict of every posting, read after the locks are held, in this order of precedence:
-- nonce-used, compensated, key-conflict, replayed, stale, code-taken, posted.
CREATE OR REPLACE FUNCTION batch_verdicts(postings posting_input[])
RETURNS TABLE (n int, verdict text, status int, answer text)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT p.n,
         CASE
           WHEN s.nonce IS NOT NULL THEN 'nonce-used'
           WHEN i.verdict = 'tombstone' THEN 'compensated'
           WHEN i.operation <> p.op OR i.body_sha <> decode(p.sha, 'hex') THEN 'key-conflict'
           WHEN i.key IS NOT NULL THEN 'replayed'
           WHEN p.tombstone IS NOT NULL AND EXISTS (SELECT FROM idempotency t
                         WHERE t.client_id = coalesce(p."tombstoneClient", p.client)
                           AND t.key = p.tombstone) THEN 'stale'
           WHEN EXISTS (SELECT FROM json_to_recordset(p.owners) AS o(o uuid, v bigint)
                          LEFT JOIN position b ON b.owner_id = o.o
                         WHERE b.version IS DISTINCT FROM o.v) THEN 'stale'
           WHEN p.codes IS NOT NULL AND
                EXISTS (SELECT FROM json_to_recordset(p.codes) AS c(c text, m text, u int)
                          LEFT JOIN trace_code t ON t.trace_code = c.c
                         WHERE NOT code_available(t, c.m, c.u, p.audit ->> 'institution'))
             THEN 'code-taken'
           ELSE 'posted'
         END,
         i.status::int, i.answer
    FROM unnest(postings) AS p
    LEFT JOIN idempotency i ON i.client_id = p.client AND i.key = p.key
    LEFT JOIN nonce s ON s.client_id = p.client AND s.nonce = p.nonce;
END $$;

-- The balances of one owner and year after some moves: those that stand are changed, new ones are
-- added at the end. A ceiling of -1 leaves the one that stands; null says that there is none.
CREATE OR REPLACE FUNCTION moved_balances(
  INOUT slots text[], INOUT openings bigint[], INOUT amounts bigint[], INOUT ceilings bigint[],
  moved text[], by bigint[], under bigint[]
) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  place int;
BEGIN
  FOR i IN 1 .. cardinality(moved) LOOP
    place := array_position(slots, moved[i]);
    IF place IS NULL THEN
      slots := slots || moved[i];
      openings := openings || 0::bigint;
      amounts := amounts || by[i];
      ceilings := ceilings || nullif(under[i], -1);
    ELSE
      amounts[place] := amounts[place] + by[i];
      IF under[i] IS DISTINCT FROM -1 THEN
        ceilings[place] := under[i];
      END IF;
    END IF;
  END LOOP;
END $$;

-- What stands in the named slots, in their order.
CREATE OR REPLACE FUNCTION amounts_in(slots text[], amounts bigint[], named text[])
RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  found bigint[] := '{}';
BEGIN
  FOR i IN 1 .. cardinality(named) LOOP
    found := found || amounts[array_position(slots, named[i])];
  END LOOP;
  RETURN found;
END $$;

-- Balances of the posted ones, each with its movement. A year that an owner has is updated, a new
-- one inserted; the owner's lock keeps others from doing the same at this moment.
CREATE OR REPLACE FUNCTION write_balances(posted posting_input[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  WITH moved AS MATERIALIZED (
    SELECT p."postingId" AS posting_id, m.*
      FROM unnest(posted) p, json_to_recordset(p.moves)
             AS m(o uuid, y smallint, s text[], a bigint[], c bigint[])
  ), updated AS (
    UPDATE year_balances b
       SET version = b.version + 1, (slots, openings_fen, amounts_fen, ceilings_fen) = (
             SELECT f.slots, f.openings, f.amounts, f.ceilings
               FROM moved_balances(b.slots, b.openings_fen, b.amounts_fen, b.ceilings_fen,
                                   m.s, m.a, m.c) f)
      FROM moved m
     WHERE b.owner_id = m.o AND b.benefit_year = m.y
    RETURNING b.owner_id, b.benefit_year, b.version, m.posting_id, m.s, m.a,
              amounts_in(b.slots, b.amounts_fen, m.s) AS after
  ), inserted AS (
    INSERT INTO year_balances (owner_id, benefit_year, version, slots, openings_fen, amounts_fen,
                               ceilings_fen)
    SELECT m.o, m.y, 1, m.s, array_fill(0::bigint, ARRAY[cardinality(m.s)]), m.a,
           (SELECT array_agg(nullif(c, -1)) FROM unnest(m.c) c)
      FROM moved m
     WHERE NOT EXISTS (SELECT FROM year_balances b WHERE b.owner_id = m.o AND b.benefit_year = m.y)
    RETURNING owner_id, benefit_year
  )
  INSERT INTO year_movement (owner_id, benefit_year, version, posting_id, slots, amounts_fen,
                             afters_fen)
  SELECT owner_id, benefit_year, version, posting_id, s, a, after FROM updated
  UNION ALL
  SELECT i.owner_id, i.benefit_year, 1, m.posting_id, m.s, m.a, m.a
    FROM inserted i JOIN moved m ON m.o = i.owner_id AND m.y = i.benefit_year;
END $$;

-- Codes nobody sold before have no row to lock: of two sellers at once the later one finds the row
-- here, after its verdict. It fails, is posted again by itself, and then gets the proper verdict.
CREATE OR REPLACE FUNCTION write_trace_codes(posted posting_input[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  written bigint;
BEGIN
  WITH codes AS MATERIALIZED (
    SELECT p."postingId" AS posting_id, p.at, p.audit ->> 'institution' AS institution, c.*
      FROM unnest(posted) p,
           json_to_recordset(p.codes) AS c(c text, l smallint, m text, u int, p int)
     ORDER BY c.c
  ), events AS (
    INSERT INTO trace_code_event (trace_code, posting_id, line_no, mode, units,
                                  institution_code, at)
    SELECT c, posting_id, l, m, u, institution, at FROM codes
  )
  INSERT INTO trace_code AS t (trace_code, state, institution_code, units_sold, units_per_pack,
                               last_posting_id, last_sold_at)
  SELECT c, CASE m WHEN 'sell' THEN 'sold' ELSE 'split' END, institution, u, p, posting_id, at
    FROM codes
  ON CONFLICT (trace_code) DO UPDATE
     SET state = CASE
           WHEN (SELECT m FROM codes WHERE c = t.trace_code) <> 'return' THEN excluded.state
           WHEN t.state = 'sold' AND t.units_sold = excluded.units_sold THEN 'free'
           ELSE 'split' END,
         units_sold = CASE
           WHEN (SELECT m FROM codes WHERE c = t.trace_code) = 'return'
             THEN t.units_sold - excluded.units_sold
           WHEN t.state = 'free' THEN excluded.units_sold
           ELSE t.units_sold + excluded.units_sold END,
         institution_code = excluded.institution_code,
         units_per_pack = excluded.units_per_pack,
         last_posting_id = excluded.last_posting_id,
         last_sold_at = CASE
           WHEN (SELECT m FROM codes WHERE c = t.trace_code) = 'return' THEN t.last_sold_at
           ELSE excluded.last_sold_at END
   WHERE code_available(t, (SELECT m FROM codes WHERE c = t.trace_code), excluded.units_sold,
                        excluded.institution_code);
  GET DIAGNOSTICS written = ROW_COUNT;
  IF written <> (SELECT sum(json_array_length(p.codes)) FROM unnest(posted) p) THEN
    RAISE EXCEPTION 'a trace code was taken at this moment'
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'trace_code_taken';
  END IF;
END $$;

-- Settlement rows. That a terminal acts for its own institution only is looked up here instead of
-- by a foreign key: the key would lock the terminal's row with every sale of the shop, and
-- terminals are never removed.
CREATE OR REPLACE FUNCTION write_settlements(posted posting_input[], documents text[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM unnest(posted) p
               LEFT JOIN terminal t ON t.terminal_id = (p.doc ->> 'terminal_id')::uuid
                    AND t.institution_code = p.doc ->> 'institution_code'
              WHERE p.doc IS NOT NULL AND t.terminal_id IS NULL) THEN
    RAISE EXCEPTION 'a terminal of another institution' USING
      ERRCODE = 'foreign_key_violation', CONSTRAINT = 'settlement_terminal_of_institution';
  END IF;
  INSERT INTO settlement (document_id, kind, settlement_number, original_id, institution_code,
    terminal_id, operator_code, person_id, scheme, service_kind, service_day, benefit_year,
    posted_at, total_expense_fen, outside_scope_fen, over_limit_fen, preliminary_share_fen,
    in_scope_fen, pooling_fund_fen, large_sum_fund_fen, critical_illness_fund_fen,
    civil_servant_subsidy_fen, medical_assistance_fen, other_fund_fen, current_year_account_fen,
    past_year_account_fen, family_share_fen, household_account_fen, employer_fen, institution_fen,
    cash_fen, policy_versions, document, line_amounts_fen)
  SELECT d.document_id, d.kind, d.settlement_number, d.original_id, d.institution_code,
         d.terminal_id, d.operator_code, d.person_id, d.scheme, d.service_kind, d.service_day,
         d.benefit_year, d.posted_at, d.totals[1], d.totals[2], d.totals[3], d.totals[4],
         d.totals[5], d.payers[1], d.payers[2], d.payers[3], d.payers[4], d.payers[5], d.payers[6],
         d.payers[7], d.payers[8], d.payers[9], d.payers[10], d.payers[11], d.payers[12],
         d.payers[13], d.policy_versions, documents[p.n]::json, d.line_amounts_fen
    FROM unnest(posted) p, json_to_record(p.doc) AS d(
           document_id uuid, kind text, settlement_number text, original_id uuid,
           institution_code text, terminal_id uuid, operator_code text, person_id uuid,
           scheme text, service_kind text, service_day date, benefit_year smallint,
           posted_at timestamptz, totals bigint[], payers bigint[], policy_versions text[],
           line_amounts_fen bigint[])
   WHERE p.doc IS NOT NULL;
END $$;

-- Idempotency rows with their answers, tombstones, journals and audit events.
CREATE OR REPLACE FUNCTION write_postings(posted posting_input[], answers text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO idempotency (client_id, key, operation, body_sha, verdict, status, answer,
                           posting_id, created_at)
  SELECT client, key, op, decode(sha, 'hex'), verdict, status, answers[n], "postingId", at
    FROM unnest(posted)
  UNION ALL
  SELECT coalesce("tombstoneClient", client), tombstone, 'tombstone', decode(sha, 'hex'),
         'tombstone', 409, '', "postingId", at
    FROM unnest(posted) WHERE tombstone IS NOT NULL
   ORDER BY 1, 2;

  INSERT INTO journal (posting_id, operation, booked_on, posted_at, accounts, amounts_fen)
  SELECT p."postingId", p.op, j."on", p.at, j.accounts, j.amounts
    FROM unnest(posted) p,
         json_to_record(p.journal) AS j("on" date, accounts text[], amounts bigint[])
   WHERE p.journal IS NOT NULL;

  INSERT INTO audit_event (at, client_id, operator_code, institution_code, operation, result,
                           posting_id, detail)
  SELECT p.at, p.client, a.operator, a.institution, p.op, a.result, p."postingId", a.detail
    FROM unnest(posted) p,
         json_to_record(p.audit) AS a(operator text, institution text, result text, detail jsonb);
END $$;

-- The planner cannot know how few postings a batch holds: it takes a hundred for every unfolded
-- array and would scan whole tables. The settings hold it to the indexes.
CREATE OR REPLACE FUNCTION post_batch(postings json, answers text, documents text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  batch posting_input[];
  posted posting_input[];
  owners uuid[];
  verdicts jsonb;
BEGIN
  SELECT array_agg(p ORDER BY p.n) INTO batch
    FROM json_populate_recordset(NULL::posting_input, postings) p;

  -- Locks in one order everywhere: owners by id, then trace codes. What follows needs no more.
  SELECT array_agg((o ->> 'o')::uuid) INTO owners
    FROM unnest(batch) p, json_array_elements(p.owners) o;
  PERFORM FROM position WHERE owner_id = ANY (owners) ORDER BY owner_id FOR NO KEY UPDATE;
  PERFORM FROM trace_code
    WHERE trace_code IN (SELECT c ->> 'c' FROM unnest(batch) p, json_array_elements(p.codes) c)
    ORDER BY trace_code FOR NO KEY UPDATE;

  -- A new statement sees what the holders of those locks committed while we waited.
  SELECT jsonb_agg(jsonb_build_object('n', v.n, 'verdict', v.verdict, 'status', v.status,
           'answer', v.answer)),
         coalesce(array_agg(batch[v.n]) FILTER (WHERE v.verdict = 'posted'), '{}')
    INTO verdicts, posted
    FROM batch_verdicts(batch) v;

  -- A nonce counts as used whatever became of the posting.
  INSERT INTO nonce (client_id, nonce, seen_at)
  SELECT p.client, p.nonce, p.at
    FROM jsonb_to_recordset(verdicts) AS v(n int, verdict text), unnest(batch[v.n : v.n]) p
   WHERE p.nonce IS NOT NULL AND v.verdict <> 'nonce-used'
   ORDER BY 1, 2;

  IF cardinality(posted) > 0 THEN
    UPDATE position b SET version = b.version + 1
     WHERE b.owner_id IN (SELECT (o ->> 'o')::uuid
                            FROM unnest(posted) p, json_array_elements(p.owners) o);
    PERFORM write_postings(posted, string_to_array(answers, E'\x1E'));
    PERFORM write_settlements(posted, string_to_array(documents, E'\x1E'));
    PERFORM write_balances(posted);
    IF EXISTS (SELECT FROM unnest(posted) p WHERE p.codes IS NOT NULL) THEN
      PERFORM write_trace_codes(posted);
    END IF;
  END IF;
  RETURN verdicts;
END $$;

-- A position for new owners, without balances: money only ever comes through a posting.
CREATE OR REPLACE FUNCTION open_positions(owners uuid[], kind text) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH opened AS (
    INSERT INTO position (owner_id, owner_kind)
    SELECT unnest(owners), kind ON CONFLICT DO NOTHING RETURNING 1
  ) SELECT count(*)::int FROM opened
$$;

ALTER FUNCTION post_batch(json, text, text) OWNER TO settlement_door;
ALTER FUNCTION open_positions(uuid[], text) OWNER TO settlement_door;
REVOKE ALL ON FUNCTION post_batch(json, text, text), open_positions(uuid[], text),
  batch_verdicts(posting_input[]), write_balances(posting_input[]),
  write_trace_codes(posting_input[]), write_postings(posting_input[], text[]),
  write_settlements(posting_input[], text[])
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION post_batch(json, text, text), open_positions(uuid[], text)
  TO settlement_app;
GRANT EXECUTE ON FUNCTION batch_verdicts(posting_input[]), write_balances(posting_input[]),
  write_trace_codes(posting_input[]), write_postings(posting_input[], text[]),
  write_settlements(posting_input[], text[])
  TO settlement_door;

-- Counts the versions of owners up whose facts changed outside a posting (coverage, cards), so that
-- what was decided on the old facts is decided again.
CREATE OR REPLACE FUNCTION touch_positions(owners uuid[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE position SET version = version + 1
   WHERE owner_id IN (SELECT owner_id FROM position WHERE owner_id = ANY (owners)
                       ORDER BY owner_id FOR NO KEY UPDATE)
$$;
ALTER FUNCTION touch_positions(uuid[]) OWNER TO settlement_door;
REVOKE ALL ON FUNCTION touch_positions(uuid[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION touch_positions(uuid[]) TO settlement_app;
