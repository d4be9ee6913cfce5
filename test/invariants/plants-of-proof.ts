/** Breaches of what proves the books and hides persons: seals, policies. */
import type postgres from 'postgres'

export type Plant = (sql: postgres.TransactionSql) => Promise<unknown>
export const statement =
  (text: string): Plant =>
  (sql) =>
    sql.unsafe(text)

/** A first seal, over one event alone. */
const sealOf = (event: string) => `insert into audit_seal
  select 1, ${event}, array[${event}], sha256('a') || sha256('b'), '',
         decode(repeat('00', 32), 'hex'), sha256('c') from audit_event`

export const PROOF_PLANTS: [invariant: string, what: string, plant: Plant][] = [
  ['I33', 'an event is missing under its seal', statement(sealOf('min(event_id) - 1'))],
  ['I33', 'an event stands among sealed ones', statement(sealOf('max(event_id)'))],
  [
    'I33',
    'a seal follows nothing',
    statement(`${sealOf('min(event_id)')}; update audit_seal set previous_hash = sha256('x')`),
  ],
  [
    'I35-persons',
    'the owner of a table of persons is past its policies',
    statement('alter table person no force row level security'),
  ],
  [
    'I35-persons',
    'a policy shows persons to everybody',
    statement('create policy everybody on person using (true)'),
  ],
]
