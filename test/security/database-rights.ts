/** What the application's role may do with each table beyond reading it. */

/** Reference data that imports and the agency's changes keep. */
const KEPT = ['INSERT', 'UPDATE'] as const
const ADDED = ['INSERT'] as const
/** Written by the door alone. */
const NOTHING = [] as const

export const APPLICATION_MAY: Readonly<Record<string, readonly ('INSERT' | 'UPDATE')[]>> = {
  agreement: KEPT,
  applied_functions: NOTHING,
  audit_event: NOTHING,
  audit_seal: NOTHING,
  card: KEPT,
  catalogue_item: KEPT,
  coverage_period: KEPT,
  diagnosis: NOTHING,
  household: KEPT,
  idempotency: NOTHING,
  installation: ADDED,
  institution: KEPT,
  institution_item: KEPT,
  journal: NOTHING,
  nonce: NOTHING,
  operator: KEPT,
  person: KEPT,
  policy_version: ADDED,
  position: NOTHING,
  settlement: NOTHING,
  suspension: KEPT,
  terminal: KEPT,
  terminal_key: KEPT,
  town: NOTHING,
  trace_code: NOTHING,
  trace_code_event: NOTHING,
  voucher: KEPT,
  year_balances: NOTHING,
  year_movement: NOTHING,
}
