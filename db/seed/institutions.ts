/** Institutions with agreements, terminals and operators of the demo area. */
import { scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { loadInstitutions, loadOperators, loadTerminals } from '../../fixtures/institutions/load.ts'
import type { InstitutionKind } from '../../server/kernel/words.ts'
import { type CopySql, copyRows } from './copy.ts'
import {
  demoId,
  demoOperatorId,
  demoTerminalId,
  demoTerminalKeyId,
  demoTerminalSecret,
} from './demo-ids.ts'
import type { SeedVault } from './people.ts'

/** Kinds as a file may name them. */
export const KINDS = {
  hospital: 'hospital',
  'specialist-hospital': 'specialist-hospital',
  'tcm-hospital': 'tcm-hospital',
  'community-centre': 'community-centre',
  'community-station': 'community-station',
  'village-clinic': 'village-clinic',
  clinic: 'clinic',
  pharmacy: 'pharmacy',
} as const satisfies { [Kind in InstitutionKind]: Kind }
export const TIERS = { 甲: 'jia', 乙: 'yi', 丙: 'bing' } as const

const HOSPITAL_PIN = '101101'
const ENROLLED_AT = '2016-01-01T00:00Z'

export type DemoTerminal = {
  readonly label: string
  readonly terminalId: string
  readonly keyId: string
  /** 32 bytes in hex. */
  readonly secret: string
  readonly institutionCode: string
  readonly name: string
}

/** The tills of the fixtures, and one terminal for every other institution. */
export function demoTerminals(fixturesRoot: URL): DemoTerminal[] {
  const folder = new URL('institutions/', fixturesRoot)
  const others = loadInstitutions(folder)
    .filter((one) => one.kind !== 'pharmacy')
    .map(({ code }) => ({ terminalId: `${code}-01`, institutionCode: code, name: '1 号窗口' }))
  return [...loadTerminals(folder), ...others].map(({ terminalId: label, ...rest }) => ({
    label,
    terminalId: demoTerminalId(label),
    keyId: demoTerminalKeyId(label),
    secret: demoTerminalSecret(label),
    ...rest,
  }))
}

type DemoOperator = {
  readonly operatorCode: string
  readonly institutionCode: string | null
  readonly displayName: string
  readonly role: string
  readonly demoPin: string
}

export function demoOperators(fixturesRoot: URL): DemoOperator[] {
  const folder = new URL('institutions/', fixturesRoot)
  const others = loadInstitutions(folder)
    .filter((one) => one.kind !== 'pharmacy')
    .map(({ code }) => ({
      operatorCode: `${code}-C1`,
      institutionCode: code,
      displayName: '窗口收费员',
      role: 'cashier',
      demoPin: HOSPITAL_PIN,
    }))
  return [...loadOperators(folder), ...others]
}

export async function seedInstitutions(
  sql: CopySql,
  fixturesRoot: URL,
  vault: SeedVault,
): Promise<void> {
  const institutions = loadInstitutions(new URL('institutions/', fixturesRoot))
  await copyRows(
    sql,
    'institution (institution_code, name, kind, level, tier, town, community, in_area, phone)',
    institutions.map((one, index) => [
      one.code,
      one.name,
      one.kind,
      one.level,
      one.tier === null ? null : TIERS[one.tier],
      one.town,
      one.community,
      true,
      `0574-5555${String(index).padStart(4, '0')}`,
    ]),
  )
  await copyRows(
    sql,
    'agreement (agreement_id, institution_code, period)',
    institutions.map((one) => [
      demoId(`agreement/${one.code}`),
      one.code,
      `[${one.agreementFrom},${one.agreementUntil ?? ''})`,
    ]),
  )
  await copyRows(
    sql,
    'suspension (suspension_id, institution_code, period, reason)',
    institutions
      .filter((one) => one.agreementStatus === 'suspended')
      .map((one) => [demoId(`suspension/${one.code}`), one.code, '[2026-01-01,)', '演示:暂停结算']),
  )
  await seedTerminals(sql, fixturesRoot, vault)
}

async function seedTerminals(sql: CopySql, fixturesRoot: URL, vault: SeedVault): Promise<void> {
  const terminals = demoTerminals(fixturesRoot)
  await copyRows(
    sql,
    'terminal (terminal_id, institution_code, name, status, enrolled_at)',
    terminals.map((one) => [
      one.terminalId,
      one.institutionCode,
      one.name,
      'enrolled',
      ENROLLED_AT,
    ]),
  )
  await copyRows(
    sql,
    'terminal_key (key_id, terminal_id, secret_cipher, valid_from)',
    terminals.map((one) => [
      one.keyId,
      one.terminalId,
      vault.encryptBytes(Buffer.from(one.secret, 'hex'), `terminal_key/secret/${one.keyId}`),
      ENROLLED_AT,
    ]),
  )
}

const derive = promisify(scrypt) as (
  pin: string,
  salt: Uint8Array,
  bytes: number,
) => Promise<Buffer>

const saltOf = (pin: string): Buffer => Buffer.from(demoId(`pin/${pin}`).replaceAll('-', ''), 'hex')

/**
 * Salts of the demo are derived, so that two seeds are alike; equal PINs share one derivation.
 * It takes a second of computing, which may run while other tables load.
 */
export async function hashDemoPins(fixturesRoot: URL): Promise<ReadonlyMap<string, Buffer>> {
  const pins = [...new Set(demoOperators(fixturesRoot).map((one) => one.demoPin))]
  const hashed = pins.map(async (pin) => [pin, await derive(pin, saltOf(pin), 32)] as const)
  return new Map(await Promise.all(hashed))
}

export async function seedOperators(
  sql: CopySql,
  fixturesRoot: URL,
  hashes: ReadonlyMap<string, Buffer>,
): Promise<void> {
  await copyRows(
    sql,
    'operator (operator_id, operator_code, institution_code, display_name, role, pin_salt, ' +
      'pin_hash, active)',
    demoOperators(fixturesRoot).map((one) => [
      demoOperatorId(one.operatorCode),
      one.operatorCode,
      one.institutionCode,
      one.displayName,
      one.role,
      saltOf(one.demoPin),
      hashes.get(one.demoPin) ?? null,
      true,
    ]),
  )
}
