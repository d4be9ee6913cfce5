-- Reads that a decision rests on, each in one call and so in one snapshot.

-- Version and balances of an owner; null for an owner without a position.
CREATE OR REPLACE FUNCTION read_position(owner uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object('version', s.version::text, 'balances', coalesce(
    (SELECT jsonb_agg(jsonb_build_array(b.scheme, b.benefit_year, b.kind, b.amount_fen::text))
       FROM balance b WHERE b.owner_id = s.owner_id), '[]'))
  FROM position s WHERE s.owner_id = owner
$$;

-- What is known of trace codes: only those that were sold or split before.
CREATE OR REPLACE FUNCTION read_trace_codes(codes text[]) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('code', t.trace_code, 'state', t.state,
    'institution', t.institution_code, 'unitsSold', t.units_sold,
    'unitsPerPack', t.units_per_pack, 'soldAt', t.last_sold_at)), '[]')
  FROM trace_code t WHERE t.trace_code = ANY (codes) AND t.state <> 'free'
$$;

-- Who presents a card, voucher or ID number, what covers them on the day, and the position of the
-- person and the household: everything an adjudication needs. Null when nobody is found.
--   kind: card | voucher | id-number;  value: the number, the token, or the hex of the blind index
CREATE OR REPLACE FUNCTION read_entitlement(kind text, value text, on_day date, codes text[])
RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH found AS (
    SELECT c.person_id, c.status AS card_status, c.status_since, NULL::timestamptz AS expires_at
      FROM card c WHERE kind = 'card' AND c.card_number = value
    UNION ALL
    SELECT v.person_id, NULL, NULL, v.expires_at
      FROM voucher v WHERE kind = 'voucher' AND v.token = value
    UNION ALL
    SELECT p.person_id, NULL, NULL, NULL FROM person p
     WHERE kind = 'id-number' AND p.id_number_index = decode(value, 'hex')
    UNION ALL
    SELECT p.person_id, NULL, NULL, NULL FROM person p
     WHERE kind = 'person' AND p.person_id = value::uuid
  )
  SELECT jsonb_build_object(
    'personId', p.person_id, 'name', p.name, 'sex', p.sex, 'birthDay', p.birth_day,
    'householdId', p.household_id, 'diedOn', p.died_on,
    'cardStatus', f.card_status, 'cardStatusSince', f.status_since, 'expiresAt', f.expires_at,
    'coverage', (SELECT jsonb_build_object('scheme', k.scheme, 'category', k.category,
        'tier', k.tier, 'civilServant', k.civil_servant, 'assistance', k.assistance,
        'status', k.status, 'from', lower(k.period), 'until', upper(k.period))
      FROM coverage_period k WHERE k.person_id = p.person_id AND k.period @> on_day),
    'coverageEnded', (SELECT max(upper(k.period)) FROM coverage_period k
      WHERE k.person_id = p.person_id AND upper(k.period) <= on_day),
    'position', read_position(p.person_id),
    'householdPosition', read_position(p.household_id),
    'codes', read_trace_codes(codes))
  FROM found f JOIN person p USING (person_id)
$$;
