-- The posting door: the only writer of money (architecture, decision 4; decisions.md 18-21).
--
-- Takes an array of postings that were decided outside, each on stated versions of its owners, and
-- answers one verdict per posting. All of a batch is written in one transaction of one call, so no
-- driver can tear it. A posting is an object:
--   n          number within the batch              client, key, op, sha   idempotency; sha is hex
--   nonce      of the signature, or null            at                     instant of the decision
--   verdict    done | refused                       status, answer         what is answered
--   postingId  id of the posting and its document   tombstone              key to close, or null
--   owners     [{o, v}] owner and the version the decision was made on
--   moves      [{o, s, y, k, a, c}] owner, scheme, year, kind, fen, ceiling in fen or null
--   journal    {on, accounts, amounts} or null      doc                    settlement row or null
--   codes      [{c, l, m, u, p}] trace code, line, mode, units, units per pack
--   audit      {operator, institution, result, detail}
-- The caller gathers at most one posting per owner, key, nonce and trace code in a batch. A
-- constraint that the verdicts did not foresee fails the whole call, and the caller then posts
-- one by one, so that only the guilty one is refused.

-- Whether a trace code may go the way it is asked to: a whole pack once in all institutions; a
-- split pack stays with its shop until its units are sold (decisions.md 10).
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
CREATE OR REPLACE FUNCTION batch_verdicts(postings jsonb)
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
           WHEN EXISTS (SELECT FROM idempotency t
                         WHERE t.client_id = p.client AND t.key = p.tombstone) THEN 'stale'
           WHEN EXISTS (SELECT FROM jsonb_to_recordset(p.owners) AS o(o uuid, v bigint)
                          LEFT JOIN position b ON b.owner_id = o.o
                         WHERE b.version IS DISTINCT FROM o.v) THEN 'stale'
           WHEN EXISTS (SELECT FROM jsonb_to_recordset(p.codes) AS c(c text, m text, u int)
                          LEFT JOIN trace_code t ON t.trace_code = c.c
                         WHERE NOT code_available(t, c.m, c.u, p.audit ->> 'institution'))
             THEN 'code-taken'
           ELSE 'posted'
         END,
         i.status::int, i.answer
    FROM jsonb_to_recordset(postings) AS p(n int, client uuid, key uuid, op text, sha text,
           nonce text, tombstone uuid, owners jsonb, codes jsonb, audit jsonb)
    LEFT JOIN idempotency i ON i.client_id = p.client AND i.key = p.key
    LEFT JOIN nonce s ON s.client_id = p.client AND s.nonce = p.nonce;
END $$;

-- Balances of the posted ones, each with its movement. An existing balance is updated, a new one
-- inserted; the owner's lock keeps others from doing the same at this moment.
CREATE OR REPLACE FUNCTION write_balances(posted jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH moves AS MATERIALIZED (
    SELECT p."postingId" AS posting_id, m.*
      FROM jsonb_to_recordset(posted) AS p("postingId" uuid, moves jsonb),
           jsonb_to_recordset(p.moves) AS m(o uuid, s text, y smallint, k text, a bigint, c bigint)
  ), updated AS (
    UPDATE balance b
       SET amount_fen = b.amount_fen + m.a, version = b.version + 1,
           ceiling_fen = coalesce(m.c, b.ceiling_fen)
      FROM moves m
     WHERE b.owner_id = m.o AND b.scheme = m.s AND b.benefit_year = m.y AND b.kind = m.k
    RETURNING b.owner_id, b.scheme, b.benefit_year, b.kind, b.version, b.amount_fen,
              m.a, m.posting_id
  ), inserted AS (
    INSERT INTO balance (owner_id, scheme, benefit_year, kind, version, opening_fen, amount_fen,
                         ceiling_fen)
    SELECT m.o, m.s, m.y, m.k, 1, 0, m.a, m.c
      FROM moves m
     WHERE NOT EXISTS (SELECT FROM balance b WHERE b.owner_id = m.o AND b.scheme = m.s
                          AND b.benefit_year = m.y AND b.kind = m.k)
    RETURNING owner_id, scheme, benefit_year, kind, version, amount_fen
  )
  INSERT INTO movement (owner_id, scheme, benefit_year, kind, version, posting_id, before_fen,
                        amount_fen, after_fen)
  SELECT owner_id, scheme, benefit_year, kind, version, posting_id, amount_fen - a, a, amount_fen
    FROM updated
  UNION ALL
  SELECT i.owner_id, i.scheme, i.benefit_year, i.kind, i.version, m.posting_id, 0, m.a, m.a
    FROM inserted i
    JOIN moves m ON m.o = i.owner_id AND m.s = i.scheme AND m.y = i.benefit_year AND m.k = i.kind;
END $$;

-- Codes nobody sold before have no row to lock: of two sellers at once the later one finds the row
-- here, after its verdict. It fails, is posted again by itself, and then gets the proper verdict.
CREATE OR REPLACE FUNCTION write_trace_codes(posted jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  written bigint;
BEGIN
  WITH codes AS MATERIALIZED (
    SELECT p."postingId" AS posting_id, p.at, p.audit ->> 'institution' AS institution, c.*
      FROM jsonb_to_recordset(posted)
             AS p("postingId" uuid, at timestamptz, codes jsonb, audit jsonb),
           jsonb_to_recordset(p.codes) AS c(c text, l smallint, m text, u int, p int)
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
           WHEN t.units_sold = excluded.units_sold THEN 'free'
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
  IF written <> (SELECT count(*) FROM jsonb_path_query(posted, '$[*].codes[*]')) THEN
    RAISE EXCEPTION 'a trace code was taken at this moment'
      USING ERRCODE = 'unique_violation', CONSTRAINT = 'trace_code_taken';
  END IF;
END $$;

-- Idempotency rows with their answers, tombstones, journal, documents and audit events.
CREATE OR REPLACE FUNCTION write_documents(posted jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO idempotency (client_id, key, operation, body_sha, verdict, status, answer,
                           posting_id, created_at)
  SELECT client, key, op, decode(sha, 'hex'), verdict, status, answer, "postingId", at
    FROM jsonb_to_recordset(posted) AS p(client uuid, key uuid, op text, sha text, verdict text,
           status smallint, answer text, "postingId" uuid, at timestamptz)
  UNION ALL
  SELECT client, tombstone, 'tombstone', decode(sha, 'hex'), 'tombstone', 409, '', "postingId", at
    FROM jsonb_to_recordset(posted) AS p(client uuid, tombstone uuid, sha text,
           "postingId" uuid, at timestamptz)
   WHERE tombstone IS NOT NULL
   ORDER BY 1, 2;

  INSERT INTO journal (posting_id, operation, booked_on, posted_at, accounts, amounts_fen)
  SELECT p."postingId", p.op, j."on", p.at, j.accounts, j.amounts
    FROM jsonb_to_recordset(posted) AS p("postingId" uuid, op text, at timestamptz, journal jsonb),
         jsonb_to_record(p.journal) AS j("on" date, accounts text[], amounts bigint[])
   WHERE jsonb_typeof(p.journal) = 'object';

  INSERT INTO settlement
  SELECT d.*
    FROM jsonb_to_recordset(posted) AS p(doc jsonb),
         jsonb_populate_record(NULL::settlement, p.doc) AS d
   WHERE jsonb_typeof(p.doc) = 'object';

  INSERT INTO audit_event (at, client_id, operator_code, institution_code, operation, result,
                           posting_id, detail)
  SELECT p.at, p.client, a.operator, a.institution, p.op, a.result, p."postingId", a.detail
    FROM jsonb_to_recordset(posted) AS p(at timestamptz, client uuid, op text, "postingId" uuid,
           audit jsonb),
         jsonb_to_record(p.audit) AS a(operator text, institution text, result text, detail jsonb);
END $$;

-- The planner cannot know how few postings a batch holds: it takes a hundred for every unfolded
-- array and would scan whole tables. The settings hold it to the indexes.
CREATE OR REPLACE FUNCTION post_batch(postings jsonb) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  answers jsonb;
  posted jsonb;
BEGIN
  -- Locks in one order everywhere: owners by id, then trace codes. What follows needs no more.
  PERFORM FROM position
    WHERE owner_id IN (SELECT (o ->> 'o')::uuid FROM jsonb_array_elements(postings) p,
                              jsonb_array_elements(p -> 'owners') o)
    ORDER BY owner_id FOR NO KEY UPDATE;
  PERFORM FROM trace_code
    WHERE trace_code IN (SELECT c ->> 'c' FROM jsonb_array_elements(postings) p,
                                jsonb_array_elements(p -> 'codes') c)
    ORDER BY trace_code FOR NO KEY UPDATE;

  -- A new statement sees what the holders of those locks committed while we waited.
  SELECT jsonb_agg(jsonb_build_object('n', v.n, 'verdict', v.verdict, 'status', v.status,
           'answer', v.answer)),
         coalesce(jsonb_agg(postings -> v.n) FILTER (WHERE v.verdict = 'posted'), '[]')
    INTO answers, posted
    FROM batch_verdicts(postings) v;

  -- A nonce counts as used whatever became of the posting.
  INSERT INTO nonce (client_id, nonce, seen_at)
  SELECT p.client, p.nonce, p.at
    FROM jsonb_to_recordset(postings) AS p(n int, client uuid, nonce text, at timestamptz)
    JOIN jsonb_to_recordset(answers) AS a(n int, verdict text) USING (n)
   WHERE p.nonce IS NOT NULL AND a.verdict <> 'nonce-used'
   ORDER BY 1, 2;

  IF posted <> '[]' THEN
    UPDATE position b SET version = b.version + 1
      FROM (SELECT (o ->> 'o')::uuid AS owner_id FROM jsonb_array_elements(posted) p,
                   jsonb_array_elements(p -> 'owners') o) moved
     WHERE b.owner_id = moved.owner_id;
    PERFORM write_documents(posted);
    PERFORM write_balances(posted);
    IF jsonb_path_exists(posted, '$[*].codes[*]') THEN
      PERFORM write_trace_codes(posted);
    END IF;
  END IF;
  RETURN answers;
END $$;

-- A position for new owners, without balances: money only ever comes through a posting.
CREATE OR REPLACE FUNCTION open_positions(owners uuid[], kind text) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH opened AS (
    INSERT INTO position (owner_id, owner_kind)
    SELECT unnest(owners), kind ON CONFLICT DO NOTHING RETURNING 1
  ) SELECT count(*)::int FROM opened
$$;

ALTER FUNCTION post_batch(jsonb) OWNER TO settlement_door;
ALTER FUNCTION open_positions(uuid[], text) OWNER TO settlement_door;
REVOKE ALL ON FUNCTION post_batch(jsonb), open_positions(uuid[], text),
  batch_verdicts(jsonb), write_balances(jsonb), write_trace_codes(jsonb), write_documents(jsonb)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION post_batch(jsonb), open_positions(uuid[], text) TO settlement_app;
GRANT EXECUTE ON FUNCTION batch_verdicts(jsonb), write_balances(jsonb), write_trace_codes(jsonb),
  write_documents(jsonb) TO settlement_door;
