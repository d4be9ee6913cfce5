import type { CatalogueAnswer, CatalogueEntry } from '../contract/terminals.ts'
import { dayOf, instantText } from '../kernel/calendar.ts'
import type { Clock } from '../kernel/clock.ts'
import { formatRatio, formatUnitPrice } from '../kernel/money.ts'
import { done, type Outcome } from '../kernel/outcome.ts'
import { limitWords } from '../rules/limit-words.ts'
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
  for (const entry of [...mapped.values()].flat()) {
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
  limits: item.limits.map((limit) => limitWords(limit, 'zh')),
  pinyinInitials: item.pinyinInitials,
  pinyinFull: item.pinyinFull,
})
