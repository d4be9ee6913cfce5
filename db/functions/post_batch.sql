-- The posting door: the only writer of money (architecture, decision 4; decisions.md 18-21).
--
-- Takes postings that were decided outside, each on stated versions of its owners, and answers one
-- verdict per posting. All of a batch is written in one transaction of one call, so no driver can
-- tear it. A batch comes as four texts of rows, between which stands a record separator (1E), and
-- between the cells of a row a unit separator (1F); an empty cell is null. JSON texts hold neither
-- unescaped. As one JSON text the same batch cost more to read than all that is written of it.
--   postings   a row each: the fields of posting_input but the first, in their order
--   moves      a row per owner and year of a posting: the fields of move_input, in their order
--   codes      a row per trace code of a posting: the fields of code_input, in their order
--   answers    of each posting its answer, or nothing where that stands in the document
-- and of each posting its document, or null.
-- The caller gathers at most one posting per owner, key, nonce and trace code in a batch. A
-- constraint that the verdicts did not foresee fails the whole call, and the caller then posts
-- one by one, so that only the guilty one is refused.

DROP FUNCTION IF EXISTS post_batch(jsonb), batch_verdicts(jsonb), write_balances(jsonb),
  write_trace_codes(jsonb), write_documents(jsonb), post_batch(json, text, text);
DROP TYPE IF EXISTS posting_input, move_input, code_input CASCADE;
CREATE TYPE posting_input AS (
  n int,                       -- number within the batch, from 1
  client uuid, key uuid, op text, sha bytea,  -- idempotency
  nonce text,                  -- of the signature, or null
  "at" timestamptz,            -- instant of the decision
  verdict text,                -- done | refused
  status smallint,             -- of what is answered
  posting_id uuid,             -- id of the posting and its document
  tombstone uuid, tombstone_client uuid,      -- key to close, and whose; or null
  owners uuid[], versions bigint[],           -- owners, and the versions that were decided on
  booked_on date, accounts text[], amounts bigint[],                     -- journal, or null
  operator text, institution text, result text, detail jsonb,            -- audit event
  -- The settlement row; of a posting without a document all null.
  kind text, settlement_number text, original_id uuid, terminal_id uuid, person_id uuid,
  scheme text, service_kind text, service_day date, benefit_year smallint, totals bigint[],
  payers bigint[], policy_versions text[], line_amounts bigint[]
);
-- Of each balance its slot, fen, and ceiling in fen (null: none; -1: whichever stands).
CREATE TYPE move_input AS (
  n int, owner uuid, year smallint, slots text[], amounts bigint[], ceilings bigint[]
);
CREATE TYPE code_input AS (
  n int, code text, line_no smallint, mode text, units int, units_per_pack int
);

CREATE FUNCTION postings_of(rows text) RETURNS posting_input[] LANGUAGE sql STABLE AS $$
  SELECT array_agg(ROW(r.n, c[1]::uuid, c[2]::uuid, c[3], decode(c[4], 'hex'), c[5],
           c[6]::timestamptz, c[7], c[8]::smallint, c[9]::uuid, c[10]::uuid, c[11]::uuid,
           c[12]::uuid[], c[13]::bigint[], c[14]::date, c[15]::text[], c[16]::bigint[],
           c[17], c[18], c[19], c[20]::jsonb, c[21], c[22], c[23]::uuid, c[24]::uuid,
           c[25]::uuid, c[26], c[27], c[28]::date, c[29]::smallint, c[30]::bigint[],
           c[31]::bigint[], c[32]::text[], c[33]::bigint[])::posting_input ORDER BY r.n)
    FROM unnest(string_to_array(rows, E'\x1E')) WITH ORDINALITY AS r(cells, n),
         string_to_array(r.cells, E'\x1F', '') AS c
$$;

CREATE FUNCTION moves_of(rows text) RETURNS SETOF move_input LANGUAGE sql STABLE AS $$
  SELECT c[1]::int, c[2]::uuid, c[3]::smallint, c[4]::text[], c[5]::bigint[], c[6]::bigint[]
    FROM unnest(string_to_array(rows, E'\x1E')) AS r(cells),
         string_to_array(r.cells, E'\x1F', '') AS c
$$;

CREATE FUNCTION codes_of(rows text) RETURNS code_input[] LANGUAGE sql STABLE AS $$
  SELECT array_agg(ROW(c[1]::int, c[2], c[3]::smallint, c[4], c[5]::int, c[6]::int)::code_input)
    FROM unnest(string_to_array(rows, E'\x1E')) AS r(cells),
         string_to_array(r.cells, E'\x1F', '') AS c
$$;

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

-- The answer stored under a key. Of a settlement, return or reversal it stands in the document.
CREATE OR REPLACE FUNCTION stored_answer(held idempotency) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce(held.answer,
    (SELECT s.document::json ->> 'answer' FROM settlement s WHERE s.document_id = held.posting_id))
$$;

-- The verdict of every posting, read after the locks are held, in this order of precedence:
-- nonce-used, compensated, key-conflict, replayed, stale, code-taken, posted.
CREATE OR REPLACE FUNCTION batch_verdicts(postings posting_input[], codes code_input[])
RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT array_agg(CASE
           WHEN s.nonce IS NOT NULL THEN 'nonce-used'
           WHEN i.verdict = 'tombstone' THEN 'compensated'
           WHEN i.operation <> p.op OR i.body_sha <> p.sha THEN 'key-conflict'
           WHEN i.key IS NOT NULL THEN 'replayed'
           WHEN p.tombstone IS NOT NULL AND EXISTS (SELECT FROM idempotency t
                         WHERE t.client_id = coalesce(p.tombstone_client, p.client)
                           AND t.key = p.tombstone) THEN 'stale'
           WHEN EXISTS (SELECT FROM unnest(p.owners, p.versions) AS o(owner, version)
                          LEFT JOIN position b ON b.owner_id = o.owner
                         WHERE b.version IS DISTINCT FROM o.version) THEN 'stale'
           WHEN codes IS NOT NULL AND
                EXISTS (SELECT FROM unnest(codes) c
                          LEFT JOIN trace_code t ON t.trace_code = c.code
                         WHERE c.n = p.n
                           AND NOT code_available(t, c.mode, c.units, p.institution))
             THEN 'code-taken'
           ELSE 'posted'
         END ORDER BY p.n)
    FROM unnest(postings) AS p
    LEFT JOIN idempotency i ON i.client_id = p.client AND i.key = p.key
    LEFT JOIN nonce s ON s.client_id = p.client AND s.nonce = p.nonce);
END $$;

-- Balances of the posted ones, each with its movement: years that their owners have are updated,
-- and only where some have not, a second statement adds them. The owner's lock keeps others from
-- doing the same at this moment.
CREATE OR REPLACE FUNCTION write_balances(postings posting_input[], verdicts text[], moves text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  complete boolean;
BEGIN
  WITH moved AS MATERIALIZED (
    SELECT m.*, (postings[m.n]).posting_id
      FROM moves_of(moves) m WHERE verdicts[m.n] = 'posted'
  ), updated AS (
    UPDATE year_balances b
       SET version = b.version + 1, (slots, openings_fen, amounts_fen, ceilings_fen) = (
             SELECT f.slots, f.openings, f.amounts, f.ceilings
               FROM moved_balances(b.slots, b.openings_fen, b.amounts_fen, b.ceilings_fen,
                                   m.slots, m.amounts, m.ceilings) f)
      FROM moved m
     WHERE b.owner_id = m.owner AND b.benefit_year = m.year
    RETURNING b.owner_id, b.benefit_year, b.version, m.posting_id, m.slots, m.amounts,
              amounts_in(b.slots, b.amounts_fen, m.slots) AS after
  ), written AS (
    INSERT INTO year_movement (owner_id, benefit_year, version, posting_id, slots, amounts_fen,
                               afters_fen)
    SELECT owner_id, benefit_year, version, posting_id, slots, amounts, after FROM updated
    RETURNING 1
  )
  SELECT (SELECT count(*) FROM moved) = (SELECT count(*) FROM written) INTO complete;
  IF complete THEN
    RETURN;
  END IF;

  WITH moved AS MATERIALIZED (
    SELECT m.*, (postings[m.n]).posting_id
      FROM moves_of(moves) m
     WHERE verdicts[m.n] = 'posted'
       AND NOT EXISTS (SELECT FROM year_balances b
                        WHERE b.owner_id = m.owner AND b.benefit_year = m.year)
  ), inserted AS (
    INSERT INTO year_balances (owner_id, benefit_year, version, slots, openings_fen, amounts_fen,
                               ceilings_fen)
    SELECT m.owner, m.year, 1, m.slots, array_fill(0::bigint, ARRAY[cardinality(m.slots)]),
           m.amounts, (SELECT array_agg(nullif(c, -1)) FROM unnest(m.ceilings) c)
      FROM moved m
  )
  INSERT INTO year_movement (owner_id, benefit_year, version, posting_id, slots, amounts_fen,
                             afters_fen)
  SELECT m.owner, m.year, 1, m.posting_id, m.slots, m.amounts, m.amounts FROM moved m;
END $$;

-- Codes nobody sold before have no row to lock: of two sellers at once the later one finds the row
-- here, after its verdict. It fails, is posted again by itself, and then gets the proper verdict.
CREATE OR REPLACE FUNCTION write_trace_codes(
  postings posting_input[], verdicts text[], asked code_input[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  written bigint;
BEGIN
  WITH codes AS MATERIALIZED (
    SELECT p.posting_id, p.at, p.institution, c.code AS c, c.line_no AS l, c.mode AS m,
           c.units AS u, c.units_per_pack AS p
      FROM unnest(asked) c JOIN unnest(postings) p ON p.n = c.n
     WHERE verdicts[c.n] = 'posted'
     ORDER BY c.code
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
  IF written <> (SELECT count(*) FROM unnest(asked) c WHERE verdicts[c.n] = 'posted') THEN
    RAISE EXCEPTION 'a trace code was taken at this moment'
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'trace_code_taken';
  END IF;
END $$;

-- Settlement rows. That a terminal acts for its own institution only is looked up here instead of
-- by a foreign key: the key would lock the terminal's row with every sale of the shop, and
-- terminals are never removed.
CREATE OR REPLACE FUNCTION write_settlements(
  postings posting_input[], verdicts text[], documents text[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM unnest(postings) p
               LEFT JOIN terminal t ON t.terminal_id = p.terminal_id
                    AND t.institution_code = p.institution
              WHERE p.kind IS NOT NULL AND verdicts[p.n] = 'posted' AND t.terminal_id IS NULL) THEN
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
  SELECT p.posting_id, p.kind, p.settlement_number, p.original_id, p.institution,
         p.terminal_id, p.operator, p.person_id, p.scheme, p.service_kind, p.service_day,
         p.benefit_year, p.at, p.totals[1], p.totals[2], p.totals[3], p.totals[4],
         p.totals[5], p.payers[1], p.payers[2], p.payers[3], p.payers[4], p.payers[5], p.payers[6],
         p.payers[7], p.payers[8], p.payers[9], p.payers[10], p.payers[11], p.payers[12],
         p.payers[13], p.policy_versions, documents[p.n], p.line_amounts
    FROM unnest(postings) p
   WHERE p.kind IS NOT NULL AND verdicts[p.n] = 'posted';
END $$;

-- Idempotency rows with their answers, tombstones, journals and audit events.
CREATE OR REPLACE FUNCTION write_postings(
  postings posting_input[], verdicts text[], answers text[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO idempotency (client_id, key, operation, body_sha, verdict, status, answer,
                           posting_id, created_at)
  SELECT p.client, p.key, p.op, p.sha, p.verdict, p.status, answers[p.n],
         p.posting_id, p.at
    FROM unnest(postings) p WHERE verdicts[p.n] = 'posted'
  UNION ALL
  SELECT coalesce(p.tombstone_client, p.client), p.tombstone, 'tombstone', p.sha,
         'tombstone', 409, '', p.posting_id, p.at
    FROM unnest(postings) p WHERE p.tombstone IS NOT NULL AND verdicts[p.n] = 'posted'
   ORDER BY 1, 2;

  INSERT INTO journal (posting_id, operation, booked_on, posted_at, accounts, amounts_fen)
  SELECT p.posting_id, p.op, p.booked_on, p.at, p.accounts, p.amounts
    FROM unnest(postings) p WHERE p.booked_on IS NOT NULL AND verdicts[p.n] = 'posted';

  INSERT INTO audit_event (at, client_id, operator_code, institution_code, operation, result,
                           posting_id, detail)
  SELECT p.at, p.client, p.operator, p.institution, p.op, p.result, p.posting_id, p.detail
    FROM unnest(postings) p WHERE verdicts[p.n] = 'posted';
END $$;

-- The planner cannot know how few postings a batch holds: it takes a hundred for every unfolded
-- array and would scan whole tables. The settings hold it to the indexes.
CREATE OR REPLACE FUNCTION post_batch(
  postings text, moves text, codes text, answers text, documents text[]
) RETURNS json LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  batch posting_input[] := postings_of(postings);
  asked code_input[] := CASE WHEN codes <> '' THEN codes_of(codes) END;
  owned uuid[];
  held text[];
  verdicts text[];
BEGIN
  -- Locks in one order everywhere: owners by id, then trace codes. What follows needs no more.
  SELECT array_agg(o) INTO owned FROM unnest(batch) p, unnest(p.owners) o;
  PERFORM FROM position WHERE owner_id = ANY (owned) ORDER BY owner_id FOR NO KEY UPDATE;
  IF asked IS NOT NULL THEN
    SELECT array_agg(c.code) INTO held FROM unnest(asked) c;
    PERFORM FROM trace_code WHERE trace_code = ANY (held) ORDER BY trace_code FOR NO KEY UPDATE;
  END IF;

  -- A new statement sees what the holders of those locks committed while we waited.
  SELECT batch_verdicts(batch, asked) INTO verdicts;

  -- A nonce counts as used whatever became of the posting.
  INSERT INTO nonce (client_id, nonce, seen_at)
  SELECT p.client, p.nonce, p.at FROM unnest(batch) p
   WHERE p.nonce IS NOT NULL AND verdicts[p.n] <> 'nonce-used'
   ORDER BY 1, 2;

  IF 'posted' = ANY (verdicts) THEN
    UPDATE position b SET version = b.version + 1
     WHERE b.owner_id IN (SELECT o FROM unnest(batch) p, unnest(p.owners) o
                           WHERE verdicts[p.n] = 'posted');
    PERFORM write_postings(batch, verdicts, string_to_array(answers, E'\x1E', ''));
    PERFORM write_settlements(batch, verdicts, documents);
    PERFORM write_balances(batch, verdicts, moves);
    IF asked IS NOT NULL THEN
      PERFORM write_trace_codes(batch, verdicts, asked);
    END IF;
  END IF;
  RETURN (
    SELECT json_agg(CASE WHEN verdicts[p.n] <> 'replayed'
                      THEN json_build_object('verdict', verdicts[p.n])
                      ELSE (SELECT json_build_object('verdict', 'replayed', 'status', i.status,
                                                     'answer', stored_answer(i))
                              FROM idempotency i WHERE i.client_id = p.client AND i.key = p.key)
                    END ORDER BY p.n)
      FROM unnest(batch) p);
END $$;

-- A position for new owners, without balances: money only ever comes through a posting.
CREATE OR REPLACE FUNCTION open_positions(owners uuid[], kind text) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH opened AS (
    INSERT INTO position (owner_id, owner_kind)
    SELECT unnest(owners), kind ON CONFLICT DO NOTHING RETURNING 1
  ) SELECT count(*)::int FROM opened
$$;

ALTER FUNCTION post_batch(text, text, text, text, text[]) OWNER TO settlement_door;
ALTER FUNCTION open_positions(uuid[], text) OWNER TO settlement_door;
REVOKE ALL ON FUNCTION post_batch(text, text, text, text, text[]), open_positions(uuid[], text),
  postings_of(text), moves_of(text), codes_of(text), stored_answer(idempotency),
  batch_verdicts(posting_input[], code_input[]),
  write_balances(posting_input[], text[], text),
  write_trace_codes(posting_input[], text[], code_input[]),
  write_postings(posting_input[], text[], text[]),
  write_settlements(posting_input[], text[], text[])
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION post_batch(text, text, text, text, text[]), open_positions(uuid[], text),
  postings_of(text), stored_answer(idempotency)
  TO settlement_app;
GRANT EXECUTE ON FUNCTION postings_of(text), moves_of(text), codes_of(text),
  stored_answer(idempotency), batch_verdicts(posting_input[], code_input[]),
  write_balances(posting_input[], text[], text),
  write_trace_codes(posting_input[], text[], code_input[]),
  write_postings(posting_input[], text[], text[]),
  write_settlements(posting_input[], text[], text[])
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
