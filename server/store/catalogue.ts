/**
 * The catalogue in memory: every dated version of every item, and per institution which items it
 * has mapped and at which price. Loaded when first asked for, dropped when the agency changes it.
 */
import { periodCovers, type ServiceDay } from '../kernel/calendar.ts'
import { parseRatio, parseUnitPrice, type Ratio, type UnitPrice } from '../kernel/money.ts'
import type { CatalogueClass, ItemKind, ItemLimit } from '../rules/types.ts'
import { call, type Sql } from './database.ts'

export type CatalogueItem = {
  readonly itemCode: string
  readonly from: ServiceDay
  readonly until: ServiceDay | null
  readonly kind: ItemKind
  readonly genericName: string
  readonly brandName: string | null
  readonly dosageForm: string | null
  readonly spec: string | null
  readonly packUnit: string
  readonly splitUnit: string | null
  readonly unitsPerPack: string
  readonly manufacturer: string | null
  readonly catalogueClass: CatalogueClass
  readonly preliminaryRatio: Ratio
  readonly priceCeiling: UnitPrice | null
  readonly prescription: boolean
  readonly traceCodeRequired: boolean
  readonly barcode: string | null
  readonly limits: readonly ItemLimit[]
  readonly pinyinInitials: string
  readonly pinyinFull: string
}
export type MappedItem = {
  readonly localCode: string
  readonly itemCode: string
  readonly unitPrice: string
  readonly from: ServiceDay
  readonly until: ServiceDay | null
}

/**
 * The price list of an institution by item code, an item's entries in the order of their local
 * codes: two packages of one item may have two.
 */
export type PriceList = ReadonlyMap<string, readonly MappedItem[]>

export type CatalogueCache = {
  /** The version of the day; `expired` where only other days' versions exist; null where none. */
  item(code: string, day: ServiceDay): Promise<CatalogueItem | 'expired' | null>
  mapped(institutionCode: string, day: ServiceDay): Promise<PriceList>
  refresh(): void
}

type RawItem = Omit<CatalogueItem, 'preliminaryRatio' | 'priceCeiling'> & {
  preliminaryRatio: string | null
  priceCeiling: string | null
}

export function openCatalogue(sql: Sql): CatalogueCache {
  const items = keptUntilForgotten(() => loadItems(sql))
  // A price list as of a day is asked for with every claim, and changes with the day only.
  const priceLists = new Map<string, Kept<PriceList>>()
  return {
    async item(code, day) {
      const versions = (await items.get()).get(code)
      if (versions === undefined) return null
      return versions.find((version) => periodCovers(version, day)) ?? 'expired'
    },
    mapped(institutionCode, day) {
      const name = `${institutionCode} ${day}`
      let list = priceLists.get(name)
      if (list === undefined) {
        if (priceLists.size >= PRICE_LISTS_MAX) priceLists.clear()
        list = keptUntilForgotten(() => loadPriceList(sql, institutionCode, day))
        priceLists.set(name, list)
      }
      return list.get()
    },
    refresh() {
      items.forget()
      priceLists.clear()
    },
  }
}

/** Price lists held at once: every institution today, and some for days that are settled late. */
const PRICE_LISTS_MAX = 2_000

type Kept<T> = { get(): Promise<T>; forget(): void }

/** Loads once and keeps; a load that failed is forgotten, so that the next question loads again. */
function keptUntilForgotten<T>(load: () => Promise<T>): Kept<T> {
  let kept: Promise<T> | null = null
  const forget = (): void => {
    kept = null
  }
  return {
    get() {
      if (kept === null) {
        kept = load()
        kept.catch(forget)
      }
      return kept
    },
    forget,
  }
}

async function loadItems(sql: Sql): Promise<Map<string, CatalogueItem[]>> {
  const rows = await call(
    () => sql<RawItem[]>`
      select item_code as "itemCode", to_char(lower(period), 'YYYY-MM-DD') as "from",
             to_char(upper(period), 'YYYY-MM-DD') as "until", kind,
             generic_name as "genericName", brand_name as "brandName",
             dosage_form as "dosageForm", spec, pack_unit as "packUnit",
             split_unit as "splitUnit", trim_scale(units_per_pack)::text as "unitsPerPack",
             manufacturer, catalogue_class as "catalogueClass",
             trim_scale(preliminary_ratio)::text as "preliminaryRatio",
             trim_scale(price_ceiling)::text as "priceCeiling", prescription,
             trace_code_required as "traceCodeRequired", barcode, limits,
             pinyin_initials as "pinyinInitials", pinyin_full as "pinyinFull"
        from catalogue_item`,
  )
  const byCode = new Map<string, CatalogueItem[]>()
  for (const row of rows) {
    const versions = byCode.get(row.itemCode) ?? []
    versions.push({
      ...row,
      preliminaryRatio: parseRatio(row.preliminaryRatio ?? '0'),
      priceCeiling: row.priceCeiling === null ? null : parseUnitPrice(row.priceCeiling),
    })
    byCode.set(row.itemCode, versions)
  }
  return byCode
}

async function loadPriceList(
  sql: Sql,
  institutionCode: string,
  day: ServiceDay,
): Promise<PriceList> {
  const rows = await call(
    () => sql<MappedItem[]>`
      select local_code as "localCode", item_code as "itemCode",
             trim_scale(unit_price)::text as "unitPrice",
             to_char(lower(period), 'YYYY-MM-DD') as "from",
             to_char(upper(period), 'YYYY-MM-DD') as "until"
        from institution_item
       where institution_code = ${institutionCode} and period @> ${day}::date
       order by local_code`,
  )
  const byItem = new Map<string, MappedItem[]>()
  for (const entry of rows) {
    byItem.set(entry.itemCode, [...(byItem.get(entry.itemCode) ?? []), entry])
  }
  return byItem
}
