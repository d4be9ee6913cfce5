/**
 * The class of every column of the schema (GB/T 22239 §8.1.4.11, 个保法: medical data is sensitive).
 *
 *   secret       opens something: keys, derived PINs; never leaves the database in clear
 *   sealed       personal, stored as cipher or blind index (decisions.md 22)
 *   identifying  names a person in clear: name, card, voucher
 *   health       sensitive: what was bought, for which illness, what assistance somebody gets
 *   personal     about one person, without naming: ids, coverage, amounts
 *   staff        who works with it
 *   business     the agency's and the institutions' own facts
 *   technical    order, time, proof
 */
export type DataClass =
  | 'secret'
  | 'sealed'
  | 'identifying'
  | 'health'
  | 'personal'
  | 'staff'
  | 'business'
  | 'technical'

type Columns = Partial<Record<DataClass, string>>

const AMOUNTS =
  'total_expense_fen outside_scope_fen over_limit_fen preliminary_share_fen in_scope_fen ' +
  'pooling_fund_fen large_sum_fund_fen critical_illness_fund_fen civil_servant_subsidy_fen ' +
  'medical_assistance_fen other_fund_fen current_year_account_fen past_year_account_fen ' +
  'family_share_fen household_account_fen employer_fen institution_fen cash_fen line_amounts_fen'

const TABLES: Readonly<Record<string, Columns>> = {
  agreement: { business: 'agreement_id institution_code period' },
  applied_functions: { technical: 'sha at' },
  audit_event: {
    // Detail names no person: amounts, reasons and numbers; corrections are sealed in it.
    personal: 'posting_id detail',
    staff: 'client_id operator_code',
    business: 'institution_code operation result',
    technical: 'event_id at',
  },
  audit_seal: {
    technical: 'seal_no last_event_id event_ids digests sealed_at previous_hash hash',
  },
  card: { identifying: 'card_number', personal: 'person_id status issued_on status_since' },
  card_pin: { secret: 'salt hash', personal: 'person_id tries', technical: 'version' },
  catalogue_item: {
    business:
      'item_version_id item_code period kind generic_name brand_name dosage_form spec pack_unit ' +
      'split_unit units_per_pack manufacturer catalogue_class preliminary_ratio price_ceiling ' +
      'unit_price prescription trace_code_required barcode limits pinyin_initials pinyin_full ' +
      'approval_number source note',
  },
  coverage_period: {
    health: 'assistance',
    personal: 'coverage_id person_id scheme category tier civil_servant status period',
  },
  diagnosis: { business: 'edition code kind name pinyin_initials note period' },
  household: { personal: 'household_id town' },
  idempotency: {
    health: 'answer',
    personal: 'posting_id',
    staff: 'client_id',
    technical: 'key operation body_sha verdict status xid created_at',
  },
  installation: { business: 'area_code', technical: 'id key_fingerprint' },
  institution: {
    business: 'institution_code name kind level tier town community in_area phone',
  },
  institution_item: {
    business: 'institution_code local_code item_code local_name unit_price period',
  },
  journal: {
    personal: 'posting_id accounts amounts_fen',
    technical: 'operation booked_on posted_at',
  },
  nonce: { staff: 'client_id', technical: 'nonce seen_at' },
  operator: {
    secret: 'pin_salt pin_hash',
    staff: 'operator_id operator_code institution_code display_name role active',
  },
  person: {
    sealed: 'id_number_cipher id_number_index phone_cipher address_cipher',
    identifying: 'name name_pinyin',
    personal: 'person_id sex birth_day household_id died_on',
  },
  pin_event: {
    personal: 'person_id kind try_no',
    staff: 'client_id',
    technical: 'event_no key body_sha at',
  },
  policy_version: {
    business: 'version_id file_name document',
    technical: 'document_sha published_at',
  },
  position: { personal: 'owner_id owner_kind version' },
  settlement: {
    health: 'document service_kind',
    personal: `document_id original_id person_id scheme service_day benefit_year ${AMOUNTS}`,
    staff: 'terminal_id operator_code',
    business: 'settlement_number institution_code policy_versions',
    technical: 'kind posted_at',
  },
  suspension: { business: 'suspension_id institution_code period reason' },
  terminal: { business: 'terminal_id institution_code name status enrolled_at' },
  terminal_key: { secret: 'secret_cipher', business: 'key_id terminal_id valid_from valid_until' },
  town: {
    business: 'town_code name pinyin_initials kind county_code county_name city_name period',
  },
  trace_code: {
    personal: 'last_posting_id',
    business: 'trace_code state institution_code units_sold units_per_pack last_sold_at',
  },
  trace_code_event: {
    personal: 'posting_id',
    business: 'trace_code line_no mode units institution_code at',
  },
  voucher: { identifying: 'token', personal: 'person_id expires_at' },
  year_balances: {
    personal: 'owner_id benefit_year version slots openings_fen amounts_fen ceilings_fen',
  },
  year_movement: {
    personal: 'owner_id benefit_year version posting_id slots amounts_fen afters_fen',
  },
}

/** Class by `table.column`. */
export const DATA_CLASSES: Readonly<Record<string, DataClass>> = Object.fromEntries(
  Object.entries(TABLES).flatMap(([table, classes]) =>
    Object.entries(classes).flatMap(([kind, columns]) =>
      columns.split(' ').map((column) => [`${table}.${column}`, kind as DataClass] as const),
    ),
  ),
)

/** Columns of each table. */
export const SCHEMA_COLUMNS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(TABLES).map(([table, classes]) => [
    table,
    Object.values(classes).flatMap((columns) => columns.split(' ')),
  ]),
)
