/**
 * Institutions, agreements, operators and terminal keys, held in memory: small, asked for at every
 * request, and read again as soon as the agency changes them (NOTIFY), when the connection that
 * hears of it comes back, and from time to time, in case a notice was lost.
 */
import type { Instant, Period, ServiceDay } from '../kernel/calendar.ts'
import type { InstitutionFacts } from '../rules/types.ts'
import { call, type Sql } from './database.ts'
import type { Vault } from './vault.ts'

export type Institution = InstitutionFacts & {
  readonly name: string
  readonly phone: string | null
  readonly agreements: readonly Period[]
  readonly suspensions: readonly (Period & { readonly reason: string })[]
}
export type Operator = {
  readonly operatorId: string
  readonly operatorCode: string
  readonly institutionCode: string | null
  readonly displayName: string
  readonly role: 'cashier' | 'supervisor' | 'agency-clerk' | 'agency-head' | 'finance'
  readonly pinSalt: Uint8Array
  readonly pinHash: Uint8Array
  readonly active: boolean
}
export type TerminalKey = {
  readonly keyId: string
  readonly terminalId: string
  readonly institutionCode: string
  readonly enrolled: boolean
  readonly secret: Uint8Array
  readonly validFrom: Instant
  readonly validUntil: Instant | null
}

export type InstitutionCache = {
  find(code: string): Institution | null
  operator(code: string): Operator | null
  /** The key, where it is valid at the instant and its terminal is enrolled. */
  findKey(keyId: string, at: Instant): Promise<TerminalKey | null>
  refresh(): Promise<void>
}

type Loaded = {
  institutions: Map<string, Institution>
  operators: Map<string, Operator>
  keys: Map<string, TerminalKey>
}

export async function openInstitutions(sql: Sql, vault: Vault): Promise<InstitutionCache> {
  let loaded = await load(sql, vault)
  let asked = 0
  let held = 0
  return {
    find: (code) => loaded.institutions.get(code) ?? null,
    operator: (code) => loaded.operators.get(code) ?? null,
    async findKey(keyId, at) {
      const key = loaded.keys.get(keyId)
      if (!key?.enrolled || at < key.validFrom) return null
      return key.validUntil !== null && at >= key.validUntil ? null : key
    },
    async refresh() {
      asked += 1
      const mine = asked
      const read = await load(sql, vault)
      // Of two readings at once, the one that began later has seen more, whichever ends last.
      if (mine > held) {
        held = mine
        loaded = read
      }
    },
  }
}

async function load(sql: Sql, vault: Vault): Promise<Loaded> {
  const [institutions, operators, keys] = await Promise.all([
    loadInstitutions(sql),
    loadOperators(sql),
    loadKeys(sql, vault),
  ])
  return { institutions, operators, keys }
}

type PeriodRow = { from: ServiceDay; until: ServiceDay | null }

async function loadInstitutions(sql: Sql): Promise<Map<string, Institution>> {
  const rows = await call(
    () => sql<(Institution & { suspensions: (PeriodRow & { reason: string })[] })[]>`
      select institution_code as code, name, kind, level::int as level, tier, community,
             in_area as "inArea", phone,
             (select coalesce(jsonb_agg(jsonb_build_object('from', lower(a.period),
                'until', upper(a.period))), '[]')
                from agreement a where a.institution_code = i.institution_code) as agreements,
             (select coalesce(jsonb_agg(jsonb_build_object('from', lower(s.period),
                'until', upper(s.period), 'reason', s.reason)), '[]')
                from suspension s where s.institution_code = i.institution_code
                 and not isempty(s.period)) as suspensions
        from institution i`,
  )
  return new Map(rows.map((row) => [row.code, row]))
}

async function loadOperators(sql: Sql): Promise<Map<string, Operator>> {
  const rows = await call(
    () => sql<Operator[]>`
      select operator_id as "operatorId", operator_code as "operatorCode",
             institution_code as "institutionCode", display_name as "displayName", role,
             pin_salt as "pinSalt", pin_hash as "pinHash", active
        from operator`,
  )
  return new Map(rows.map((row) => [row.operatorCode, row]))
}

async function loadKeys(sql: Sql, vault: Vault): Promise<Map<string, TerminalKey>> {
  const rows = await call(
    () => sql<
      (Omit<TerminalKey, 'secret' | 'validFrom' | 'validUntil'> & {
        cipher: Uint8Array
        validFromMs: string
        validUntilMs: string | null
      })[]
    >`
      select k.key_id as "keyId", k.terminal_id as "terminalId",
             t.institution_code as "institutionCode", t.status = 'enrolled' as enrolled,
             k.secret_cipher as cipher,
             (extract(epoch from k.valid_from) * 1000)::bigint as "validFromMs",
             (extract(epoch from k.valid_until) * 1000)::bigint as "validUntilMs"
        from terminal_key k join terminal t using (terminal_id)`,
  )
  return new Map(
    rows.map(({ cipher, validFromMs, validUntilMs, ...key }) => [
      key.keyId,
      {
        ...key,
        secret: vault.decryptBytes(cipher, `terminal_key/secret/${key.keyId}`),
        validFrom: Number.parseInt(validFromMs, 10) as Instant,
        validUntil: validUntilMs === null ? null : (Number.parseInt(validUntilMs, 10) as Instant),
      },
    ]),
  )
}

/** Whether a terminal works, as the database knows it at this moment; null where there is none. */
export async function readTerminalStatus(
  sql: Sql,
  terminalId: string,
): Promise<'enrolled' | 'retired' | null> {
  const [row] = await call(
    () => sql<{ status: 'enrolled' | 'retired' }[]>`
      select status from terminal where terminal_id = ${terminalId}`,
  )
  return row?.status ?? null
}
