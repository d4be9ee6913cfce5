/**
 * One breach of every invariant, each as small as it can be; guards are off while it is planted.
 */
import { PLANTS_OF_PINS } from './plants-of-pins.ts'
import { type Plant, PROOF_PLANTS, statement } from './plants-of-proof.ts'

const first = (table: string, where = 'true') =>
  `(select ctid from ${table} where ${where} limit 1)`
/** Changes one row of a table; guards are off, constraints in the way are dropped first. */
const change = (table: string, set: string, where?: string, drop: readonly string[] = []): Plant =>
  statement(
    [
      ...drop.map((name) => `alter table ${table} drop constraint ${name}`),
      `update ${table} set ${set} where ctid = ${first(table, where)}`,
    ].join('; '),
  )
/** Adds a copy of one row with some columns changed. */
const copy = (
  table: string,
  columns: string,
  where = 'true',
  drop: readonly string[] = [],
): Plant =>
  statement(
    [
      ...drop.map((each) => `${each}`),
      `insert into ${table} overriding system value
         select (jsonb_populate_record(x, ${columns})).* from ${table} x
          where x.ctid = ${first(table, where)}`,
    ].join('; '),
  )
const object = (text: string) => `jsonb_build_object(${text})`
const SETTLED = "operation = 'settle' and verdict = 'done'"
const UNTOUCHED = `kind = 'settlement'
  and not exists (select from settlement r where r.original_id = settlement.document_id)`
const settlementParts = ['settlement_parts_make_the_expense', 'settlement_payers_make_the_expense']

export const PLANTS: [invariant: string, what: string, plant: Plant][] = [
  ...PROOF_PLANTS,
  [
    'I1',
    'a payer’s part is one fen more',
    change('settlement', 'cash_fen = cash_fen + 1', undefined, settlementParts),
  ],
  [
    'I1',
    'a part is one fen less',
    change('settlement', 'in_scope_fen = in_scope_fen - 1', undefined, settlementParts),
  ],
  [
    'I2',
    'one entry of a journal is changed',
    change('journal', 'amounts_fen[1] = amounts_fen[1] + 1', undefined, ['journal_sums_to_zero']),
  ],
  [
    'I3',
    'money appears in the ledger',
    change(
      'journal',
      "amounts_fen = amounts_fen || 5::bigint, accounts = accounts || 'held/x'::text",
      undefined,
      ['journal_sums_to_zero'],
    ),
  ],
  [
    'I3',
    'a settlement owes nothing in the ledger',
    change(
      'journal',
      "accounts = array_replace(accounts, 'payable/P33028200001', 'payable/P33028200002')",
      "accounts @> array['payable/P33028200001']",
    ),
  ],
  [
    'I4',
    'a balance is raised by hand',
    change('year_balances', 'amounts_fen[1] = amounts_fen[1] + 100'),
  ],
  [
    'I5',
    'a movement is missing',
    statement(`delete from year_movement where ctid = ${first('year_movement', 'version = 2')}`),
  ],
  [
    'I5',
    'a movement begins where the one before did not end',
    change('year_movement', 'afters_fen[1] = afters_fen[1] + 1', 'version = 2'),
  ],
  ['I5', 'a balance says it moved', change('year_balances', 'version = 3', 'version = 0')],
  [
    'I6',
    'a balance is below zero',
    change('year_balances', 'amounts_fen[1] = -1', undefined, ['balance_not_negative']),
  ],
  [
    'I7',
    'a balance is over its ceiling',
    change('year_balances', 'ceilings_fen[1] = amounts_fen[1] - 1', 'amounts_fen[1] > 0', [
      'balance_within_ceiling',
    ]),
  ],
  [
    'I8',
    'an accumulator counts what no settlement did',
    change(
      'year_movement',
      "posting_id = '00000000-0000-8000-8000-000000000000'",
      "'employee/outpatient-self-pay-borne' = any (slots)",
    ),
  ],
  [
    'I8',
    'a document says another movement',
    change(
      'settlement',
      "document = jsonb_set(document::jsonb, '{movements,0,amount}', '\"1.23\"')::text",
      "kind = 'settlement' and json_array_length(document::json -> 'movements') > 0",
    ),
  ],
  ['I9', 'an amount is kept in a float', statement('alter table year_balances add half_fen real')],
  [
    'I9',
    'an amount is kept with decimals',
    statement('alter table settlement alter cash_fen type numeric'),
  ],
  [
    'I9',
    'an amount is beyond all measure',
    change(
      'year_balances',
      'amounts_fen[1] = 1000000000000001, openings_fen[1] = 1000000000000001',
      'version = 0',
      ['balance_in_range'],
    ),
  ],
  [
    'I11',
    'a line is dearer than the total',
    change(
      'settlement',
      "document = jsonb_set(document::jsonb, '{answer,lines,0,amount}', '\"0.01\"')::text",
      "kind = 'settlement'",
      ['settlement_lines_make_the_expense'],
    ),
  ],
  [
    'I11',
    'a line is not price × quantity',
    change(
      'settlement',
      "document = jsonb_set(document::jsonb, '{answer,lines,0,quantity}', '\"99\"')::text",
      "kind = 'settlement'",
    ),
  ],
  [
    'I12',
    'a payer pays less than nothing',
    change('settlement', 'employer_fen = -100, cash_fen = cash_fen + 100', "kind = 'settlement'", [
      'settlement_no_negative_part',
    ]),
  ],
  [
    'I12',
    'a resident pays from an employee’s account',
    change(
      'settlement',
      'past_year_account_fen = cash_fen, cash_fen = 0',
      "kind = 'settlement' and scheme = 'rural' and cash_fen > 0",
    ),
  ],
  [
    'I12',
    'an account pays what did not leave it',
    change(
      'settlement',
      'past_year_account_fen = past_year_account_fen + cash_fen, cash_fen = 0',
      "kind = 'settlement' and scheme = 'employee' and cash_fen > 0",
    ),
  ],
  [
    'I13',
    'a key stands twice',
    copy('idempotency', object(''), "verdict = 'refused'", [
      'alter table idempotency drop constraint idempotency_client_id_key_pk',
    ]),
  ],
  [
    'I14',
    'a key has two bodies',
    copy('idempotency', object("'body_sha', '\\x' || repeat('ab', 32)"), "verdict = 'refused'", [
      'alter table idempotency drop constraint idempotency_client_id_key_pk',
    ]),
  ],
  [
    'I15',
    'a key is done without its settlement',
    statement(`delete from settlement where ctid = ${first('settlement', UNTOUCHED)}`),
  ],
  [
    'I15',
    'a settlement stands under no key',
    statement(`delete from idempotency where ctid = ${first('idempotency', SETTLED)}`),
  ],
  [
    'I15',
    'a credit lost its journal',
    statement("delete from journal where operation = 'credit-account'"),
  ],
  [
    'I17',
    'a settlement is reversed twice',
    copy(
      'settlement',
      object("'document_id', gen_random_uuid(), 'settlement_number', 'second'"),
      "kind = 'reversal'",
      ['drop index settlement_reversed_once'],
    ),
  ],
  [
    'I18',
    'a reversal left one fen on an account',
    change(
      'journal',
      'amounts_fen[1] = amounts_fen[1] + 1, amounts_fen[2] = amounts_fen[2] - 1',
      "operation = 'reverse'",
    ),
  ],
  [
    'I19',
    'a reversal gave back one fen less',
    statement(
      `update year_movement
          set amounts_fen[1] = amounts_fen[1] - 1, afters_fen[1] = afters_fen[1] - 1
        where posting_id in (select document_id from settlement where kind = 'reversal')`,
    ),
  ],
  [
    'I20',
    'a closed key was settled all the same',
    copy(
      'idempotency',
      object("'verdict', 'done', 'operation', 'settle'"),
      "verdict = 'tombstone'",
      ['alter table idempotency drop constraint idempotency_client_id_key_pk'],
    ),
  ],
  [
    'I20',
    'a key was closed by nobody',
    change('idempotency', 'posting_id = gen_random_uuid()', "verdict = 'tombstone'"),
  ],
  [
    'I20',
    'a key was closed by a terminal of another institution',
    change('idempotency', 'client_id = gen_random_uuid()', "verdict = 'tombstone'"),
  ],
  [
    'I21',
    'a settlement was reversed by hand and by compensation',
    copy(
      'idempotency',
      object("'key', gen_random_uuid(), 'operation', 'compensate'"),
      "operation = 'reverse' and verdict = 'done'",
    ),
  ],
  [
    'I22',
    'a returned settlement was reversed',
    change(
      'settlement',
      "kind = 'reversal'",
      `kind = 'return' and original_id in (select original_id from settlement
        where kind = 'return' group by 1 having count(*) > 1)`,
    ),
  ],
  [
    'I22',
    'a reversal is taken back',
    change(
      'settlement',
      "original_id = (select document_id from settlement where kind = 'reversal' limit 1)",
      "kind = 'return'",
    ),
  ],
  [
    'I22',
    'a settlement is of a terminal of another institution',
    change('settlement', "institution_code = 'P33028200002'", "institution_code = 'P33028200001'"),
  ],
  [
    'I11',
    'the line amounts beside a document are others than its own',
    change('settlement', 'line_amounts_fen[1] = line_amounts_fen[1] + 1', undefined, [
      'settlement_lines_make_the_expense',
    ]),
  ],
  [
    'I22',
    'a return is of another person',
    change('settlement', 'person_id = gen_random_uuid()', "kind = 'return'"),
  ],
  [
    'I22',
    'more came back than was sold',
    change(
      'settlement',
      "document = jsonb_set(document::jsonb, '{answer,lines,0,quantity}', '\"1000\"')::text",
      "kind = 'return'",
    ),
  ],
  [
    'I23',
    'a nonce was used twice',
    copy('nonce', object(''), 'true', [
      'alter table nonce drop constraint nonce_client_id_nonce_pk',
    ]),
  ],
  [
    'I26',
    'a refusal moved money',
    change(
      'idempotency',
      "verdict = 'refused', answer = 'no'",
      "operation = 'settle' and verdict = 'done'",
    ),
  ],
  [
    'I29',
    'two keys stand for one settlement',
    copy(
      'idempotency',
      object("'key', gen_random_uuid()"),
      "operation = 'settle' and verdict = 'done'",
    ),
  ],
  [
    'I34',
    'a posting has no audit event',
    statement(
      `delete from audit_event where ctid = ${first('audit_event', "operation = 'settle'")}`,
    ),
  ],
  ['I34', 'an audit event has no posting', change('audit_event', 'posting_id = gen_random_uuid()')],
  [
    'I35',
    'a trigger is switched off',
    statement('alter table journal disable trigger journal_added_only'),
  ],
  ['I35', 'a guard is gone', statement('drop trigger settlement_added_only on settlement')],
  [
    'I35',
    'a constraint was never validated',
    statement('alter table year_balances add constraint loose check (version < 5) not valid'),
  ],
  [
    'I35',
    'the application may write money',
    statement('grant update on year_balances to settlement_app'),
  ],
  ...PLANTS_OF_PINS,
  [
    'I40',
    'two coverage periods on one day',
    copy('coverage_period', object("'coverage_id', gen_random_uuid()"), 'true', [
      'alter table coverage_period drop constraint coverage_one_at_a_time',
    ]),
  ],
  [
    'I40',
    'two versions of an item on one day',
    copy('catalogue_item', object("'item_version_id', gen_random_uuid()"), 'true', [
      'alter table catalogue_item drop constraint catalogue_one_version_a_day',
    ]),
  ],
  [
    'I40',
    'two prices of an item on one day',
    copy('institution_item', object("'period', '[2020-01-01,)'"), "item_code = 'ITEM-PLAIN'", [
      'alter table institution_item drop constraint institution_item_one_price_a_day',
    ]),
  ],
  [
    'trace-codes',
    'a code holds units nobody sold',
    change('trace_code', 'units_sold = units_sold - 1', "state = 'sold' and units_sold > 1"),
  ],
]
