import type { CatalogueAnswer, CatalogueEntry } from '../contract/terminals.ts'
import { dayOf, instantText } from '../kernel/calendar.ts'
import type { Clock } from '../kernel/clock.ts'
import { formatRatio, formatUnitPrice } from '../kernel/money.ts'
import { done, type Outcome } from '../kernel/outcome.ts'
import type { ItemLimit } from '../rules/types.ts'
import type { CatalogueCache, CatalogueItem, MappedItem } from '../store/catalogue.ts'

/** The institution's price list joined with the catalogue of today: what its till can sell. */
export async function readCatalogue(
  { catalogue, clock }: { readonly catalogue: CatalogueCache; readonly clock: Clock },
  caller: { readonly institutionCode: string | null },
): Promise<Outcome<CatalogueAnswer>> {
  const at = clock.now()
  const day = dayOf(at)
  const mapped = await catalogue.mapped(caller.institutionCode ?? '', day)
  const items: CatalogueEntry[] = []
  for (const entry of mapped.values()) {
    const item = await catalogue.item(entry.itemCode, day)
    if (item !== null && item !== 'expired') items.push(entryOf(item, entry))
  }
  return done({ asOf: instantText(at), day, items })
}

const entryOf = (item: CatalogueItem, mapped: MappedItem): CatalogueEntry => ({
  itemCode: item.itemCode,
  localCode: mapped.localCode,
  kind: item.kind,
  genericName: item.genericName,
  brandName: item.brandName,
  dosageForm: item.dosageForm,
  spec: item.spec,
  manufacturer: item.manufacturer,
  packUnit: item.packUnit,
  splitUnit: item.splitUnit,
  unitsPerPack: item.unitsPerPack,
  catalogueClass: item.catalogueClass,
  preliminaryRatio: formatRatio(item.preliminaryRatio),
  unitPrice: mapped.unitPrice,
  priceCeiling: item.priceCeiling === null ? null : formatUnitPrice(item.priceCeiling),
  prescription: item.prescription,
  traceCodeRequired: item.traceCodeRequired,
  barcode: item.barcode,
  limits: item.limits.map(limitText),
  pinyinInitials: item.pinyinInitials,
  pinyinFull: item.pinyinFull,
})

/** A limit in the catalogue's own words, as a pharmacist reads it. */
function limitText(limit: ItemLimit): string {
  switch (limit.kind) {
    case 'sex':
      return limit.sex === 'F' ? '限女性' : '限男性'
    case 'age-min':
      return `限 ${limit.years} 岁及以上`
    case 'age-max':
      return `限 ${limit.years} 岁及以下`
    case 'level-min':
      return `限 ${limit.level} 级及以上医疗机构`
    case 'inpatient-only':
      return '限住院'
    case 'prescription':
      return '限凭处方'
    case 'diagnosis':
      return `限诊断 ${limit.prefixes.join('、')}`
    case 'days-supply-max':
      return `限 ${limit.days} 天用量`
  }
}
