-- What must hold in the books at any moment (reliability notes, section 2). Every query returns no
-- row when all is well; a row names what is broken (key) and how (detail). All are read in one
-- REPEATABLE READ READ ONLY snapshot. I10 (recomputation), I16 (replayed bytes) and I24, I25, I27
-- (acknowledged means stored) need more than SQL and are tests.

-- name: I1 the parts and the payers make the total expense, to the fen
SELECT document_id::text AS key,
       format('total %s, parts %s, payers %s', total, parts, payers) AS detail
  FROM (SELECT document_id, total_expense_fen AS total,
          outside_scope_fen + over_limit_fen + preliminary_share_fen + in_scope_fen AS parts,
          pooling_fund_fen + large_sum_fund_fen + critical_illness_fund_fen
            + civil_servant_subsidy_fen + medical_assistance_fen + other_fund_fen
            + current_year_account_fen + past_year_account_fen + family_share_fen
            + household_account_fen + employer_fen + institution_fen + cash_fen AS payers
          FROM settlement) s
 WHERE parts <> total OR payers <> total;

-- name: I2 a journal sums to zero and has two sides
SELECT posting_id::text AS key,
       format('sum %s over %s entries', sum(amount_fen), count(*)) AS detail
  FROM journal_entry GROUP BY posting_id HAVING sum(amount_fen) <> 0 OR count(*) < 2;

-- name: I3 the whole ledger sums to zero, and every settlement is in it with what it owes
SELECT 'ledger' AS key, format('sum %s', sum(amount_fen)) AS detail
  FROM journal_entry HAVING sum(amount_fen) <> 0
UNION ALL
SELECT s.document_id::text, format('payable %s in the ledger', coalesce(sum(e.amount_fen), 0))
  FROM settlement s
  LEFT JOIN journal_entry e ON e.posting_id = s.document_id
        AND e.account = 'payable/' || s.institution_code
 GROUP BY s.document_id, s.total_expense_fen, s.cash_fen
HAVING coalesce(sum(e.amount_fen), 0) <> s.cash_fen - s.total_expense_fen;

-- name: I4 a balance is its opening and its movements
SELECT format('%s/%s/%s/%s', b.owner_id, b.scheme, b.benefit_year, b.kind) AS key,
       format('%s instead of %s', b.amount_fen, b.opening_fen + coalesce(sum(m.amount_fen), 0))
         AS detail
  FROM balance b LEFT JOIN movement m USING (owner_id, scheme, benefit_year, kind)
 GROUP BY b.owner_id, b.scheme, b.benefit_year, b.kind, b.opening_fen, b.amount_fen
HAVING b.amount_fen <> b.opening_fen + coalesce(sum(m.amount_fen), 0);

-- name: I5 the chain of movements is unbroken and ends at the balance
SELECT format('%s/%s', owner_id, benefit_year) AS key,
       format('version %s after %s, the year stands at %s', version, version_before, last_version)
         AS detail
  FROM (SELECT m.owner_id, m.benefit_year, m.version, b.version AS last_version,
          lag(m.version) OVER w AS version_before, lead(m.version) OVER w AS version_after
          FROM year_movement m LEFT JOIN year_balances b USING (owner_id, benefit_year)
        WINDOW w AS (PARTITION BY owner_id, benefit_year ORDER BY m.version)) t
 WHERE version <> coalesce(version_before, 0) + 1
    OR (version_after IS NULL AND last_version IS DISTINCT FROM version)
UNION ALL
SELECT format('%s/%s/%s/%s', owner_id, scheme, benefit_year, kind),
       format('version %s: %s + %s = %s', version, before_fen, amount_fen, after_fen)
  FROM (SELECT m.*, b.opening_fen, b.amount_fen AS balance_fen,
          lag(m.after_fen) OVER w AS after_before, lead(m.version) OVER w AS version_after
          FROM movement m LEFT JOIN balance b USING (owner_id, scheme, benefit_year, kind)
        WINDOW w AS (PARTITION BY owner_id, scheme, benefit_year, kind ORDER BY m.version)) t
 WHERE before_fen IS DISTINCT FROM coalesce(after_before, opening_fen)
    OR (version_after IS NULL AND balance_fen IS DISTINCT FROM after_fen)
UNION ALL
SELECT format('%s/%s', owner_id, benefit_year),
       format('stands at version %s without movements', version)
  FROM year_balances b
 WHERE version > 0 AND NOT EXISTS (SELECT FROM year_movement m
         WHERE m.owner_id = b.owner_id AND m.benefit_year = b.benefit_year);

-- name: I6 no balance is negative
SELECT format('%s/%s/%s/%s', owner_id, scheme, benefit_year, kind) AS key,
       amount_fen::text AS detail
  FROM balance WHERE amount_fen < 0;

-- name: I7 no balance is over its ceiling
SELECT format('%s/%s/%s/%s', owner_id, scheme, benefit_year, kind) AS key,
       format('%s over %s', amount_fen, ceiling_fen) AS detail
  FROM balance WHERE amount_fen > ceiling_fen;

-- name: I8 accumulators count settlements and nothing else, each as its document says
SELECT format('%s/%s/%s/%s', b.owner_id, b.scheme, b.benefit_year, b.kind) AS key,
       format('%s instead of %s', b.amount_fen, b.opening_fen + coalesce(sum(m.amount_fen), 0))
         AS detail
  FROM balance b
  LEFT JOIN (SELECT * FROM movement
              WHERE posting_id IN (SELECT document_id FROM settlement)) m
    USING (owner_id, scheme, benefit_year, kind)
 WHERE b.kind NOT LIKE '%-account'
 GROUP BY b.owner_id, b.scheme, b.benefit_year, b.kind, b.opening_fen, b.amount_fen
HAVING b.amount_fen <> b.opening_fen + coalesce(sum(m.amount_fen), 0)
UNION ALL
SELECT document_id::text, format('%s/%s: %s in the document, %s in the books',
         benefit_year, kind, d.amount_fen, m.amount_fen)
  FROM (SELECT document_id, (x ->> 'benefitYear')::smallint AS benefit_year, x ->> 'kind' AS kind,
               ((x ->> 'amount')::numeric * 100)::bigint AS amount_fen
          FROM settlement, json_array_elements(document::json -> 'movements') x
         WHERE settlement.kind = 'settlement' AND (x ->> 'amount')::numeric <> 0) d
  FULL JOIN (SELECT posting_id AS document_id, m.benefit_year, m.kind, amount_fen
               FROM movement m JOIN settlement s
                 ON s.document_id = m.posting_id AND s.kind = 'settlement') m
    USING (document_id, benefit_year, kind)
 WHERE d.amount_fen IS DISTINCT FROM m.amount_fen;

-- name: I9 money is whole fen, and none is beyond 10^15
SELECT format('%s.%s', table_name, column_name) AS key, data_type AS detail
  FROM information_schema.columns
 WHERE table_schema = 'public' AND table_name NOT IN ('journal_entry', 'balance', 'movement')
   AND (data_type IN ('real', 'double precision', 'money')
        OR (column_name LIKE '%\_fen' AND udt_name NOT IN ('int8', '_int8')))
UNION ALL
SELECT key, amount_fen::text
  FROM (SELECT owner_id::text AS key, amount_fen FROM balance
        UNION ALL SELECT owner_id::text, amount_fen FROM movement
        UNION ALL SELECT posting_id::text, amount_fen FROM journal_entry
        UNION ALL SELECT document_id::text, total_expense_fen FROM settlement) a
 WHERE abs(amount_fen) > 1000000000000000;

-- name: I11 the lines make the total, and each is price times quantity, half up
SELECT document_id::text AS key, format('lines %s, total %s', lines, total_expense_fen) AS detail
  FROM (SELECT s.document_id, s.total_expense_fen,
               (SELECT sum((x ->> 'amount')::numeric) * 100
                  FROM json_array_elements(document_lines(s.document)) x) AS lines
          FROM settlement s) t
 WHERE lines IS DISTINCT FROM total_expense_fen
UNION ALL
SELECT document_id::text, 'the line amounts beside the document are not those of the document'
  FROM settlement
 WHERE line_amounts_fen IS DISTINCT FROM ARRAY(
         SELECT ((x ->> 'amount')::numeric * 100)::bigint
           FROM json_array_elements(document_lines(document)) x)
UNION ALL
SELECT document_id::text, format('line %s: %s × %s is not %s', x ->> 'lineNo', x ->> 'unitPrice',
         x ->> 'quantity', x ->> 'amount')
  FROM settlement, json_array_elements(document_lines(document)) x
 WHERE kind = 'settlement' AND (x ->> 'amount')::numeric
       <> round((x ->> 'unitPrice')::numeric * (x ->> 'quantity')::numeric, 2);

-- name: I12 no payer of a settlement pays less than nothing, none pays that may not, and what
-- accounts pay is what left them
SELECT document_id::text AS key, 'a negative part' AS detail
  FROM settlement
 WHERE kind = 'settlement'
   AND least(outside_scope_fen, over_limit_fen, preliminary_share_fen, in_scope_fen,
         pooling_fund_fen, large_sum_fund_fen, critical_illness_fund_fen,
         civil_servant_subsidy_fen, medical_assistance_fen, other_fund_fen,
         current_year_account_fen, past_year_account_fen, family_share_fen,
         household_account_fen, employer_fen, institution_fen, cash_fen) < 0
UNION ALL
SELECT document_id::text, format('an account that the scheme %s does not have', scheme)
  FROM settlement
 WHERE (scheme = 'rural' AND (current_year_account_fen <> 0 OR past_year_account_fen <> 0))
    OR (scheme = 'employee' AND household_account_fen <> 0)
UNION ALL
SELECT s.document_id::text, format('accounts pay %s, %s left them', a.paid_fen, a.drawn_fen)
  FROM settlement s
 CROSS JOIN LATERAL (
   SELECT s.current_year_account_fen + s.past_year_account_fen + s.household_account_fen
            AS paid_fen,
          coalesce(-(SELECT sum(m.amount_fen) FROM movement m
                      WHERE m.posting_id = s.document_id AND m.kind LIKE '%-account'), 0)
            AS drawn_fen) a
 WHERE a.paid_fen <> a.drawn_fen;

-- name: I13 a key of a client stands once
SELECT format('%s/%s', client_id, key) AS key, format('%s rows', count(*)) AS detail
  FROM idempotency GROUP BY client_id, idempotency.key HAVING count(*) > 1;

-- name: I14 a key of a client has one body and one operation
SELECT format('%s/%s', client_id, key) AS key, 'two bodies' AS detail
  FROM idempotency GROUP BY client_id, idempotency.key
HAVING count(DISTINCT (body_sha, operation)) > 1;

-- name: I15 a key that is done stands for one effect, and every effect for one key
SELECT i.key::text AS key, format('%s without its document', i.operation) AS detail
  FROM idempotency i
 WHERE i.verdict = 'done' AND i.operation IN ('settle', 'reverse', 'return')
   AND NOT EXISTS (SELECT FROM settlement s WHERE s.document_id = i.posting_id)
UNION ALL
SELECT i.key::text, 'a credit without its journal' FROM idempotency i
 WHERE i.verdict = 'done' AND i.operation = 'credit-account'
   AND NOT EXISTS (SELECT FROM journal j WHERE j.posting_id = i.posting_id)
UNION ALL
SELECT e.posting_id::text, format('a %s under %s keys', e.effect, coalesce(k.keys, 0))
  FROM (SELECT document_id AS posting_id, kind AS effect FROM settlement
        UNION ALL SELECT posting_id, 'journal' FROM journal
        UNION ALL SELECT DISTINCT posting_id, 'movement' FROM year_movement) e
  LEFT JOIN (SELECT posting_id, count(*) AS keys FROM idempotency
              WHERE verdict = 'done' GROUP BY posting_id) k USING (posting_id)
 WHERE coalesce(k.keys, 0) <> 1;

-- name: I17 a settlement is reversed at most once
SELECT original_id::text AS key, format('%s reversals', count(*)) AS detail
  FROM settlement WHERE kind = 'reversal' GROUP BY original_id HAVING count(*) > 1;

-- name: I18 a reversal mirrors its original on every account of the ledger
-- (into a later benefit year the current-year account's part goes to the past-year account)
SELECT original_id::text AS key, format('%s: %s is left', account, sum(amount_fen)) AS detail
  FROM (SELECT r.original_id, e.amount_fen,
               CASE WHEN e.account IN ('held/current-year-account', 'held/past-year-account')
                         AND extract(year FROM r.posted_at + interval '8 hours') > r.benefit_year
                    THEN 'held/own account' ELSE e.account END AS account
          FROM settlement r
         CROSS JOIN LATERAL (VALUES (r.document_id), (r.original_id)) pair (posting_id)
          JOIN journal_entry e USING (posting_id)
         WHERE r.kind = 'reversal') t
 GROUP BY original_id, account HAVING sum(amount_fen) <> 0;

-- name: I19 a reversal moves every balance back by what its original moved it
SELECT original_id::text AS key, format('%s %s: %s is left', benefit_year, kind, sum(amount_fen))
         AS detail
  FROM (SELECT r.original_id, m.owner_id, m.amount_fen,
               CASE WHEN later AND m.kind LIKE '%-year-account' THEN 'own account' ELSE m.kind END
                 AS kind,
               CASE WHEN later AND m.kind LIKE '%-year-account' THEN 0 ELSE m.benefit_year END
                 AS benefit_year
          FROM (SELECT *, extract(year FROM posted_at + interval '8 hours') > benefit_year AS later
                  FROM settlement WHERE kind = 'reversal') r
         CROSS JOIN LATERAL (VALUES (r.document_id), (r.original_id)) pair (posting_id)
          JOIN movement m USING (posting_id)) t
 GROUP BY original_id, owner_id, benefit_year, kind HAVING sum(amount_fen) <> 0;

-- name: I20 a key closed by a tombstone has no effect; a compensation of the institution closed it
SELECT t.key::text AS key, 'settled although closed' AS detail
  FROM idempotency t JOIN idempotency i USING (client_id, key)
 WHERE t.verdict = 'tombstone' AND i.verdict = 'done'
UNION ALL
SELECT t.key::text, 'closed by nobody' FROM idempotency t
 WHERE t.verdict = 'tombstone'
   AND NOT EXISTS (SELECT FROM idempotency c
         WHERE c.posting_id = t.posting_id AND c.verdict = 'done' AND c.operation = 'compensate'
           AND (c.client_id = t.client_id
                OR EXISTS (SELECT FROM terminal x JOIN terminal y USING (institution_code)
                            WHERE x.terminal_id = c.client_id AND y.terminal_id = t.client_id)));

-- name: I21 a settlement is reversed or compensated, not both
SELECT r.original_id::text AS key, string_agg(i.operation, ' and ') AS detail
  FROM settlement r JOIN idempotency i ON i.posting_id = r.document_id AND i.verdict = 'done'
 WHERE r.kind = 'reversal'
 GROUP BY r.original_id HAVING count(DISTINCT i.operation) > 1;

-- name: I22 a settlement goes only from settled to reversed, or by returns to returned
SELECT o.document_id::text AS key, 'reversed and returned' AS detail
  FROM settlement o
 WHERE EXISTS (SELECT FROM settlement r WHERE r.original_id = o.document_id AND r.kind = 'reversal')
   AND EXISTS (SELECT FROM settlement r WHERE r.original_id = o.document_id AND r.kind = 'return')
UNION ALL
SELECT s.document_id::text, 'is of a terminal of another institution'
  FROM settlement s LEFT JOIN terminal t USING (terminal_id, institution_code)
 WHERE t.terminal_id IS NULL
UNION ALL
SELECT r.document_id::text, format('takes back of a %s', o.kind)
  FROM settlement r JOIN settlement o ON o.document_id = r.original_id
 WHERE o.kind <> 'settlement'
UNION ALL
SELECT r.document_id::text, 'is of another person, institution, scheme, year or earlier'
  FROM settlement r JOIN settlement o ON o.document_id = r.original_id
 WHERE (r.person_id, r.institution_code, r.scheme, r.benefit_year)
       IS DISTINCT FROM (o.person_id, o.institution_code, o.scheme, o.benefit_year)
    OR r.posted_at < o.posted_at
UNION ALL
SELECT o.document_id::text, format('line %s: %s of %s returned', x ->> 'lineNo', b.quantity,
         x ->> 'quantity')
  FROM settlement o, json_array_elements(document_lines(o.document)) x,
       LATERAL (SELECT coalesce(sum((y ->> 'quantity')::numeric), 0) AS quantity
                  FROM settlement r, json_array_elements(document_lines(r.document)) y
                 WHERE r.original_id = o.document_id AND y ->> 'lineNo' = x ->> 'lineNo') b
 WHERE o.kind = 'settlement' AND b.quantity > (x ->> 'quantity')::numeric;

-- name: I23 a nonce of a client is used once
SELECT format('%s/%s', client_id, nonce) AS key, format('%s times', count(*)) AS detail
  FROM nonce GROUP BY client_id, nonce HAVING count(*) > 1;

-- name: I26 a refusal moved nothing
SELECT i.key::text AS key, format('%s refused, and yet a %s', i.operation, e.effect) AS detail
  FROM idempotency i
  JOIN (SELECT posting_id, 'journal' AS effect FROM journal
        UNION ALL SELECT posting_id, 'movement' FROM year_movement
        UNION ALL SELECT document_id, 'document' FROM settlement
        UNION ALL SELECT posting_id, 'trace code' FROM trace_code_event) e
    USING (posting_id)
 WHERE i.verdict = 'refused';

-- name: I29 no two keys stand for one posting
SELECT posting_id::text AS key, format('%s keys', count(*)) AS detail
  FROM idempotency WHERE verdict <> 'tombstone' GROUP BY posting_id HAVING count(*) > 1;

-- name: I33 seals follow one another without a gap and cover every event up to the newest
-- The digests are checked outside of the database: npm run audit -- verify.
SELECT s.seal_no::text AS key, 'does not follow the seal before' AS detail
  FROM (SELECT *, lag(hash) OVER w AS hash_before, lag(seal_no) OVER w AS no_before
          FROM audit_seal WINDOW w AS (ORDER BY seal_no)) s
 WHERE s.seal_no <> coalesce(s.no_before, 0) + 1
    OR s.previous_hash <> coalesce(s.hash_before, decode(repeat('00', 32), 'hex'))
UNION ALL
SELECT coalesce(e.event_id, c.event_id)::text,
       CASE WHEN e.event_id IS NULL THEN 'sealed, and not there' ELSE 'not under its seal' END
  FROM (SELECT unnest(event_ids) AS event_id FROM audit_seal) c
  FULL JOIN (SELECT event_id FROM audit_event
              WHERE event_id <= (SELECT max(last_event_id) FROM audit_seal)) e USING (event_id)
 WHERE e.event_id IS NULL OR c.event_id IS NULL;

-- name: I34 every posting has one audit event, and every audit event its posting
SELECT i.posting_id::text AS key, format('%s audit events', count(a.event_id)) AS detail
  FROM idempotency i LEFT JOIN audit_event a USING (posting_id)
 WHERE i.verdict <> 'tombstone'
 GROUP BY i.client_id, i.key, i.posting_id HAVING count(a.event_id) <> 1
UNION ALL
SELECT a.posting_id::text, 'an audit event of nothing' FROM audit_event a
 WHERE NOT EXISTS (SELECT FROM idempotency i WHERE i.posting_id = a.posting_id);

-- name: I35 no guard is off: constraints, triggers, rights
SELECT conrelid::regclass || '.' || conname AS key, 'not validated or not enforced' AS detail
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND NOT convalidated
UNION ALL
SELECT tgrelid::regclass || '.' || tgname, 'switched off'
  FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'D'
UNION ALL
SELECT t, 'may be changed' FROM unnest(ARRAY['year_movement', 'journal', 'settlement',
         'trace_code_event', 'idempotency', 'audit_event', 'audit_seal', 'policy_version',
         'pin_event']) t
 WHERE NOT EXISTS (SELECT FROM pg_trigger
         WHERE tgrelid = t::regclass AND tgname = t || '_added_only')
UNION ALL
SELECT t, format('the application may %s', r)
  FROM unnest(ARRAY['position', 'year_balances', 'year_movement', 'journal', 'settlement',
         'trace_code', 'trace_code_event', 'idempotency', 'audit_event', 'audit_seal']) t,
       unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) r
 WHERE has_table_privilege('settlement_app', t, r);

-- name: I35-persons rows about persons are shown by the reading function alone
SELECT c.relname::text AS key, 'row-level security is off, or not forced' AS detail
  FROM pg_class c
 WHERE c.oid IN ('person'::regclass, 'household'::regclass, 'coverage_period'::regclass,
                 'card'::regclass, 'voucher'::regclass)
   AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
UNION ALL
SELECT p.polrelid::regclass::text, format('policy %s shows rows to the application', p.polname)
  FROM pg_policy p
 WHERE 0 = ANY (p.polroles) OR 'settlement_app'::regrole = ANY (p.polroles);

-- name: I36 a PIN has three tries, each counted; none is right while the card is locked
WITH last AS (
  SELECT e.person_id, max(e.event_no) FILTER (WHERE e.kind IN ('right', 'set', 'unlocked')) AS open,
         max(e.event_no) FILTER (WHERE e.kind = 'tried') AS tried
    FROM pin_event e GROUP BY e.person_id
), counted AS (
  SELECT c.person_id, c.tries,
         (SELECT count(*) FROM pin_event e WHERE e.person_id = c.person_id AND e.kind = 'tried'
             AND e.event_no > coalesce(l.open, 0)) AS events
    FROM card_pin c LEFT JOIN last l USING (person_id)
)
SELECT person_id::text AS key, format('%s tries, and %s events of them', tries, events) AS detail
  FROM counted WHERE tries <> events OR tries NOT BETWEEN 0 AND 3
UNION ALL
-- Locked by a third try of another key, and right before anybody had opened it again.
SELECT r.person_id::text, 'right while locked'
  FROM pin_event r JOIN pin_event t
    ON t.person_id = r.person_id AND t.kind = 'tried' AND t.try_no = 3 AND t.event_no < r.event_no
   AND (t.client_id, t.key) <> (r.client_id, r.key)
 WHERE r.kind = 'right'
   AND NOT EXISTS (SELECT FROM pin_event o WHERE o.person_id = r.person_id
         AND o.kind IN ('right', 'set', 'unlocked')
         AND o.event_no > t.event_no AND o.event_no < r.event_no)
UNION ALL
SELECT e.person_id::text, format('%s without a try', e.kind)
  FROM pin_event e
 WHERE e.kind IN ('right', 'wrong', 'late')
   AND NOT EXISTS (SELECT FROM pin_event t WHERE t.kind = 'tried' AND t.event_no < e.event_no
         AND t.client_id = e.client_id AND t.key = e.key AND t.try_no = e.try_no)
UNION ALL
SELECT 'card_pin', format('the application may %s', r)
  FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) r
 WHERE has_table_privilege('settlement_app', 'card_pin', r);

-- name: I40 one coverage, agreement, suspension, item version and price a day
SELECT a.person_id::text AS key, 'two coverage periods' AS detail
  FROM coverage_period a JOIN coverage_period b
    ON a.person_id = b.person_id AND a.coverage_id < b.coverage_id AND a.period && b.period
UNION ALL
SELECT a.institution_code, 'two agreements' FROM agreement a JOIN agreement b
    ON a.institution_code = b.institution_code AND a.agreement_id < b.agreement_id
   AND a.period && b.period
UNION ALL
SELECT a.institution_code, 'two suspensions' FROM suspension a JOIN suspension b
    ON a.institution_code = b.institution_code AND a.suspension_id < b.suspension_id
   AND a.period && b.period
UNION ALL
SELECT a.item_code, 'two versions' FROM catalogue_item a JOIN catalogue_item b
    ON a.item_code = b.item_code AND a.item_version_id < b.item_version_id AND a.period && b.period
UNION ALL
SELECT a.institution_code || '/' || a.local_code, 'two prices'
  FROM institution_item a JOIN institution_item b
    ON a.institution_code = b.institution_code AND a.local_code = b.local_code
   AND a.period < b.period AND a.period && b.period;

-- name: trace-codes a code holds as many units sold as its events say (decisions.md 10)
SELECT t.trace_code AS key, format('%s units instead of %s', t.units_sold,
         sum(CASE e.mode WHEN 'return' THEN -e.units ELSE e.units END)) AS detail
  FROM trace_code t LEFT JOIN trace_code_event e USING (trace_code)
 GROUP BY t.trace_code
HAVING t.units_sold IS DISTINCT FROM sum(CASE e.mode WHEN 'return' THEN -e.units ELSE e.units END)
    OR (t.state = 'free' AND t.units_sold <> 0) OR (t.state = 'sold' AND t.units_sold = 0);
