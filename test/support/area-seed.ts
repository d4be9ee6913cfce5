/**
 * The small area of the tests: five institutions, seven tills, sixteen items chosen for what they
 * make happen, and the forty named persons of the demo area.
 */
import postgres from 'postgres'
import { demoId } from '../../db/seed/demo-ids.ts'
import { seedPeople } from '../../db/seed/people.ts'
import { seedPolicies } from '../../db/seed/policies.ts'
import { openVault } from '../../server/store/vault.ts'

export const VAULT_KEYS = { data: Buffer.alloc(32, 7), index: Buffer.alloc(32, 9) }
export const VAULT = openVault(VAULT_KEYS)
export const TODAY = '2026-06-15'

export const SHOP = 'P33028200001'
export const OTHER_SHOP = 'P33028200002'
export const SUSPENDED_SHOP = 'P33028200003'
export const FORMER_SHOP = 'P33028200004'
export const HOSPITAL = 'H33028200001'

const INSTITUTIONS = [
  { code: SHOP, kind: 'pharmacy', level: null, agreement: '[2016-01-01,)' },
  { code: OTHER_SHOP, kind: 'pharmacy', level: null, agreement: '[2016-01-01,)' },
  { code: SUSPENDED_SHOP, kind: 'pharmacy', level: null, agreement: '[2016-01-01,)' },
  { code: FORMER_SHOP, kind: 'pharmacy', level: null, agreement: '[2016-01-01,2026-01-01)' },
  { code: HOSPITAL, kind: 'hospital', level: 2, agreement: '[2016-01-01,)' },
] as const

/** A till of an institution, e.g. till 1 of the shop. */
export const terminalOf = (institution: string, till = 1) => ({
  terminalId: demoId(`test-terminal/${institution}/${till}`),
  keyId: demoId(`test-key/${institution}/${till}`),
  secret: Buffer.from(demoId(`test-secret/${till}`).replaceAll('-', '').padEnd(64, '0'), 'hex'),
})
export const cashierOf = (institution: string): string => `${institution}-C1`

export type Item = {
  readonly code: string
  readonly cls: 'A' | 'B' | 'C'
  readonly price: string
  readonly kind?: 'drug' | 'service'
  readonly preliminary?: string
  readonly ceiling?: string
  readonly units?: number
  readonly traced?: boolean
  readonly limits?: readonly Record<string, string | number>[]
  readonly period?: string
  readonly mapped?: boolean
}

/** By what they are for; prices in yuan per pack. */
export const ITEMS = {
  plain: { code: 'ITEM-PLAIN', cls: 'A', price: '10.00' },
  dear: { code: 'ITEM-DEAR', cls: 'A', price: '480.00' },
  odd: { code: 'ITEM-ODD', cls: 'A', price: '3.335' },
  classB: { code: 'ITEM-CLASS-B', cls: 'B', price: '37.77', preliminary: '0.1' },
  classC: { code: 'ITEM-CLASS-C', cls: 'C', price: '25.50' },
  capped: { code: 'ITEM-CAPPED', cls: 'A', price: '30.00', ceiling: '22.50' },
  traced: { code: 'ITEM-TRACED', cls: 'A', price: '20.00', units: 12, traced: true },
  tracedB: {
    code: 'ITEM-TRACED-B',
    cls: 'B',
    price: '64.20',
    preliminary: '0.05',
    units: 10,
    traced: true,
  },
  womenOnly: { code: 'ITEM-WOMEN', cls: 'A', price: '18.00', limits: [{ kind: 'sex', sex: 'F' }] },
  expired: { code: 'ITEM-EXPIRED', cls: 'A', price: '9.00', period: '[2016-01-01,2025-01-01)' },
  unmapped: { code: 'ITEM-UNMAPPED', cls: 'A', price: '9.00', mapped: false },
  visit: { code: 'ITEM-VISIT', cls: 'A', price: '12.00', kind: 'service' },
} as const satisfies Record<string, Item>
export type ItemName = keyof typeof ITEMS

/** Seeds an empty, migrated database; `url` is of an owner of it. */
export async function seedArea(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    for (const one of INSTITUTIONS) await seedInstitution(sql, one)
    await sql`insert into suspension values
      (${demoId('test-suspension')}, ${SUSPENDED_SHOP}, '[2026-03-01,)', 'test')`
    for (const item of Object.values(ITEMS)) await seedItem(sql, item)
    await seedPolicies(sql, new URL('../../fixtures/', import.meta.url))
    await seedPeople(sql, {
      vault: VAULT,
      from: 0,
      until: 40,
      today: TODAY,
      benefitYear: 2026,
      onProgress: () => {},
    })
  } finally {
    await sql.end({ timeout: 5 })
  }
}

async function seedInstitution(
  sql: postgres.Sql,
  one: (typeof INSTITUTIONS)[number],
): Promise<void> {
  const { code } = one
  const tier = one.level === null ? null : 'jia'
  await sql`insert into institution (institution_code, name, kind, level, tier, town, community)
    values (${code}, ${`测试机构 ${code}`}, ${one.kind}, ${one.level}, ${tier}, '浒山街道', false)`
  await sql`insert into agreement
    values (${demoId(`test-agreement/${code}`)}, ${code}, ${one.agreement})`
  await sql`insert into operator values (${demoId(`test-operator/${code}`)}, ${cashierOf(code)},
    ${code}, '收银员', 'cashier', ${Buffer.alloc(16)}, ${Buffer.alloc(32)}, true)`
  for (const till of [1, 2]) {
    const { terminalId, keyId, secret } = terminalOf(code, till)
    await sql`insert into terminal
      values (${terminalId}, ${code}, ${`${till} 号收银台`}, 'enrolled', '2016-01-01T00:00Z')`
    const cipher = VAULT.encryptBytes(secret, `terminal_key/secret/${keyId}`)
    await sql`insert into terminal_key (key_id, terminal_id, secret_cipher, valid_from)
      values (${keyId}, ${terminalId}, ${cipher}, '2016-01-01T00:00Z')`
  }
}

async function seedItem(sql: postgres.Sql, item: Item): Promise<void> {
  const { code, cls, price, kind = 'drug', units = 1, traced = false } = item
  const ratio = cls === 'C' ? null : (item.preliminary ?? '0')
  const period = item.period ?? '[2016-01-01,)'
  await sql`insert into catalogue_item (item_version_id, item_code, period, kind, generic_name,
      pack_unit, split_unit, units_per_pack, catalogue_class, preliminary_ratio, price_ceiling,
      unit_price, prescription, trace_code_required, limits, pinyin_initials, pinyin_full, source)
    values (${demoId(`test-item/${code}`)}, ${code}, ${period}, ${kind}, ${`测试 ${code}`},
      '盒', '粒', ${units}, ${cls}, ${ratio}, ${item.ceiling ?? null}, ${price}, false, ${traced},
      ${sql.json((item.limits ?? []) as postgres.JSONValue)}, 'cs', 'ceshi', 'test')`
  if (item.mapped === false) return
  for (const institution of INSTITUTIONS) {
    await sql`insert into institution_item
      values (${institution.code}, ${code}, ${code}, ${code}, ${price}, ${period})`
  }
}
