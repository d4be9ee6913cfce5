-- Reads that a decision rests on, each in one call and so in one snapshot.

-- Version and balances of an owner; null for an owner without a position.
DROP FUNCTION IF EXISTS read_entitlements(text[], text[], date[], text[]), read_position(uuid);
CREATE FUNCTION read_position(owner uuid) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT json_build_object('version', s.version::text, 'years', coalesce(
    (SELECT json_agg(json_build_array(b.benefit_year, b.slots, b.amounts_fen::text[]))
       FROM year_balances b WHERE b.owner_id = s.owner_id), '[]'))
  FROM position s WHERE s.owner_id = owner
$$;

-- What is known of trace codes: those that were sold, and packs that were opened.
DROP FUNCTION IF EXISTS read_trace_codes(text[]);
CREATE FUNCTION read_trace_codes(codes text[]) RETURNS json LANGUAGE sql STABLE AS $$
  SELECT coalesce(json_agg(json_build_object('code', t.trace_code, 'state', t.state,
    'institution', t.institution_code, 'unitsSold', t.units_sold,
    'unitsPerPack', t.units_per_pack, 'soldAt', t.last_sold_at)), '[]')
  FROM trace_code t WHERE t.trace_code = ANY (codes) AND t.state <> 'free'
$$;

DROP FUNCTION IF EXISTS read_entitlement(text, text, date, text[]);

-- Who presents a card, voucher or ID number, what covers them on the day, and the position of the
-- person and the household: everything an adjudication needs. One row per question that finds
-- somebody, with the question's number from 1. Many at once cost a tenth of one by one.
--   kinds: card | voucher | id-number | person;  wanted: the number, the token, the hex of the
--   blind index, the person's id;  codes: the trace codes of a question as an array's text
CREATE FUNCTION read_entitlements(
  kinds text[], wanted text[], days date[], codes text[]
) RETURNS TABLE (n bigint, found json)
LANGUAGE plpgsql STABLE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET jit = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
  WITH asked AS MATERIALIZED (
    SELECT * FROM unnest(kinds, wanted, days, codes)
                    WITH ORDINALITY AS a(kind, wanted, day, codes, n)
  ), held AS (
    SELECT a.n, a.day, a.codes, c.person_id, c.status, c.status_since,
           NULL::timestamptz AS expires_at
      FROM asked a JOIN card c ON c.card_number = a.wanted WHERE a.kind = 'card'
    UNION ALL
    SELECT a.n, a.day, a.codes, v.person_id, NULL, NULL, v.expires_at
      FROM asked a JOIN voucher v ON v.token = a.wanted WHERE a.kind = 'voucher'
    UNION ALL
    SELECT a.n, a.day, a.codes, p.person_id, NULL, NULL, NULL
      FROM asked a JOIN person p ON p.id_number_index = decode(a.wanted, 'hex')
     WHERE a.kind = 'id-number'
    UNION ALL
    SELECT a.n, a.day, a.codes, a.wanted::uuid, NULL, NULL, NULL
      FROM asked a WHERE a.kind = 'person'
  )
  SELECT h.n, json_build_object(
      'personId', p.person_id, 'name', p.name, 'sex', p.sex, 'birthDay', p.birth_day,
      'householdId', p.household_id, 'diedOn', p.died_on,
      'hasPin', EXISTS (SELECT FROM card_pin c WHERE c.person_id = p.person_id),
      'cardStatus', h.status, 'cardStatusSince', h.status_since, 'expiresAt', h.expires_at,
      'coverage', k.now, 'coverageEnded', k.ended,
      'position', json_build_object('version', s.version::text, 'years', b.years),
      -- Not read_position: a function here is planned and started anew for every household.
      'householdPosition', CASE WHEN hs.owner_id IS NOT NULL THEN json_build_object(
          'version', hs.version::text, 'years', coalesce((
            SELECT json_agg(json_build_array(b.benefit_year, b.slots, b.amounts_fen::text[]))
              FROM year_balances b WHERE b.owner_id = hs.owner_id), '[]')) END,
      'codes', CASE WHEN h.codes <> '{}' THEN read_trace_codes(h.codes::text[]) ELSE '[]' END)
    FROM held h
    JOIN person p ON p.person_id = h.person_id
    JOIN position s ON s.owner_id = p.person_id
    LEFT JOIN position hs ON hs.owner_id = p.household_id
   CROSS JOIN LATERAL (
     SELECT coalesce(json_agg(json_build_array(b.benefit_year, b.slots, b.amounts_fen::text[])),
                     '[]') AS years
       FROM year_balances b WHERE b.owner_id = p.person_id) b
   CROSS JOIN LATERAL (
     SELECT (json_agg(json_build_object('scheme', k.scheme, 'category', k.category,
               'tier', k.tier, 'civilServant', k.civil_servant, 'assistance', k.assistance,
               'status', k.status, 'from', lower(k.period), 'until', upper(k.period)))
             FILTER (WHERE k.period @> h.day)) -> 0 AS now,
            max(upper(k.period)) FILTER (WHERE upper(k.period) <= h.day) AS ended
       FROM coverage_period k WHERE k.person_id = p.person_id) k;
END $$;
