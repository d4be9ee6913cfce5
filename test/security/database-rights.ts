/** What the application's role may do with each table. What it writes, the door writes for it. */
const READ = ['SELECT'] as const
/** Rows about persons: asked for by read_entitlements alone. */
const NOTHING = [] as const

export const APPLICATION_MAY: Readonly<Record<string, readonly ('INSERT' | 'SELECT')[]>> = {
  agreement: READ,
  applied_functions: READ,
  audit_event: READ,
  audit_seal: READ,
  card: NOTHING,
  card_pin: NOTHING,
  catalogue_item: READ,
  coverage_period: NOTHING,
  diagnosis: READ,
  household: NOTHING,
  idempotency: READ,
  installation: ['INSERT', 'SELECT'],
  institution: READ,
  institution_item: READ,
  journal: READ,
  nonce: READ,
  operator: READ,
  person: NOTHING,
  pin_event: NOTHING,
  policy_version: READ,
  position: READ,
  settlement: READ,
  suspension: READ,
  terminal: READ,
  terminal_key: READ,
  town: READ,
  trace_code: READ,
  trace_code_event: READ,
  voucher: NOTHING,
  year_balances: READ,
  year_movement: READ,
}
