/** The catalogue in dated versions, and every institution's price list over it. */
import {
  type FixtureDrug,
  type FixtureMaterial,
  type FixtureService,
  loadDrugs,
  loadMaterials,
  loadServices,
} from '../../fixtures/catalogue/load.ts'
import { type FixtureInstitution, loadInstitutions } from '../../fixtures/institutions/load.ts'
import { type CopySql, type CopyTarget, type CopyValue, copyRows, openCopy } from './copy.ts'
import { demoId } from './demo-ids.ts'
import { limitsOf } from './limits.ts'
import { pinyinFull, pinyinInitials } from './pinyin.ts'

const ITEM_COLUMNS =
  'catalogue_item (item_version_id, item_code, period, kind, generic_name, brand_name, ' +
  'dosage_form, spec, pack_unit, split_unit, units_per_pack, manufacturer, catalogue_class, ' +
  'preliminary_ratio, price_ceiling, unit_price, prescription, trace_code_required, barcode, ' +
  'limits, pinyin_initials, pinyin_full, approval_number, source, note)'

type Version = { readonly code: string; validFrom: string; validUntil: string | null }

const periodOf = (one: Version): string => `[${one.validFrom},${one.validUntil ?? ''})`
const versionId = (one: Version): string => demoId(`item/${one.code}/${one.validFrom}`)

/** Names people type: the generic name, the brand and what else it is called. */
export function spellings(
  names: readonly (string | null)[],
): readonly [initials: string, full: string] {
  const given = names.filter((name) => name !== null)
  const joined = (spell: (name: string) => string) => [...new Set(given.map(spell))].join(' ')
  return [joined(pinyinInitials), joined(pinyinFull)]
}

function drugRow(one: FixtureDrug): CopyValue[] {
  const { limits, note } = limitsOf(one)
  const [initials, full] = spellings([one.genericName, one.brandName, ...one.otherNames])
  return [
    versionId(one),
    one.code,
    periodOf(one),
    'drug',
    one.genericName,
    one.brandName,
    one.dosageForm,
    one.spec,
    one.packUnit,
    one.splitUnit,
    String(one.unitsPerPack),
    one.manufacturer,
    one.class,
    one.preliminaryRatio,
    one.priceCeiling,
    one.unitPrice,
    one.prescription === 'rx',
    one.traceCodeRequired,
    one.barcode,
    JSON.stringify(limits),
    initials,
    full,
    one.approvalNumber,
    one.source,
    noteOf(one.demo, note),
  ]
}

/** Services and materials have no maker, no pack and no trace code. */
function plainRow(
  one: FixtureService | FixtureMaterial,
  kind: 'service' | 'material',
): CopyValue[] {
  const service = 'priceLevel1' in one ? one : null
  const material = 'unitPrice' in one ? one : null
  const inpatientOnly = service?.inpatientOnly ?? material?.hospitalOnly ?? false
  const { limits, note } = service === null ? { limits: [], note: null } : limitsOf(service)
  const only = service !== null && inpatientOnly ? [{ kind: 'inpatient-only' }] : []
  const [initials, full] = spellings([one.name])
  return [
    versionId(one),
    one.code,
    periodOf(one),
    kind,
    one.name,
    null,
    null,
    null,
    one.unit,
    null,
    '1',
    null,
    one.class,
    one.preliminaryRatio,
    one.priceCeiling,
    service?.priceLevel2 ?? material?.unitPrice ?? null,
    false,
    false,
    null,
    JSON.stringify([...limits, ...only]),
    initials,
    full,
    null,
    one.source,
    noteOf(one.demo, note),
  ]
}

export const noteOf = (demo: readonly string[], note: string | null): string | null => {
  const figures = demo.filter((cell) => cell !== '')
  const parts = [figures.length === 0 ? null : `demo: ${figures.join(', ')}`, note]
  return parts.filter((part) => part !== null).join('; ') || null
}

export async function seedCatalogue(sql: CopySql, fixturesRoot: URL): Promise<void> {
  const folder = new URL('catalogue/', fixturesRoot)
  const drugs = loadDrugs(folder)
  const services = loadServices(folder)
  const materials = loadMaterials(folder)
  await copyRows(sql, ITEM_COLUMNS, [
    ...drugs.map(drugRow),
    ...services.map((one) => plainRow(one, 'service')),
    ...materials.map((one) => plainRow(one, 'material')),
  ])
  const target = await openCopy(
    sql,
    'institution_item (institution_code, local_code, item_code, local_name, unit_price, period)',
  )
  for (const institution of loadInstitutions(new URL('institutions/', fixturesRoot))) {
    const pharmacy = institution.kind === 'pharmacy'
    const own = drugs.filter((one) => !(pharmacy && one.hospitalOnly) && stocks(institution, one))
    await priceDrugs(target, institution, own)
    if (!pharmacy) await priceOthers(target, institution, services, materials)
  }
  await target.end()
}

/** Of all drugs, a pharmacy and a hospital stock every one; a small place some, always the same. */
const STOCKED_OF_TEN = {
  pharmacy: 10,
  hospital: 10,
  'tcm-hospital': 10,
  'specialist-hospital': 10,
  'community-centre': 5,
  'community-station': 3,
  'village-clinic': 2,
  clinic: 2,
} as const satisfies Record<FixtureInstitution['kind'], number>

const stocks = ({ code, kind }: FixtureInstitution, drug: FixtureDrug): boolean =>
  chanceOf(`stock/${code}/${drug.code}`) % 10 < STOCKED_OF_TEN[kind]

/** A number from 0 to 16,777,215 that stands for a text, the same on every machine. */
const chanceOf = (text: string): number => Number.parseInt(demoId(text).slice(0, 6), 16)

async function priceDrugs(
  target: CopyTarget,
  institution: FixtureInstitution,
  drugs: readonly FixtureDrug[],
): Promise<void> {
  for (const one of drugs) {
    const price = shopPrice(institution.code, one.code, one.unitPrice, one.priceCeiling)
    await target.write([
      institution.code,
      one.code,
      one.code,
      one.genericName,
      price,
      periodOf(one),
    ])
  }
}

async function priceOthers(
  target: CopyTarget,
  { code, level }: FixtureInstitution,
  services: readonly FixtureService[],
  materials: readonly FixtureMaterial[],
): Promise<void> {
  for (const one of services) {
    const price = { 1: one.priceLevel1, 2: one.priceLevel2, 3: one.priceLevel3 }[level ?? 1]
    await target.write([code, one.code, one.code, one.name, price, periodOf(one)])
  }
  for (const one of materials) {
    await target.write([code, one.code, one.code, one.name, one.unitPrice, periodOf(one)])
  }
}

/**
 * A shop's own price: between 90 and 110 per cent of the usual one, the same on every machine; in
 * whole fen of yuan text. A ceiling is only passed where the usual price passes it already.
 */
function shopPrice(shop: string, item: string, usual: string, ceiling: string | null): string {
  const fen = yuanToFen(usual)
  const priced = (fen * BigInt(900 + (chanceOf(`price/${shop}/${item}`) % 201)) + 500n) / 1000n
  const most = ceiling === null ? null : yuanToFen(ceiling)
  const capped = most !== null && fen <= most && priced > most ? most : priced
  return `${capped / 100n}.${String(capped % 100n).padStart(2, '0')}`
}

function yuanToFen(text: string): bigint {
  const [yuan = '0', cents = ''] = text.split('.')
  return BigInt(yuan) * 100n + BigInt(cents.padEnd(2, '0').slice(0, 2))
}
