/** A catalogue version's facts, and the columns they stand in. */

/** As server/rules reads a limit; plain data, since db imports no rules. */
export type LimitFact = Readonly<Record<string, string | number | readonly string[]>>

/** Amounts in yuan and ratios are decimal text, as in the file and as in the table. */
export type ItemFacts = {
  readonly itemCode: string
  readonly kind: 'drug' | 'service' | 'material'
  readonly genericName: string
  readonly brandName: string | null
  /** Further names for the search; they stand in no column of their own. */
  readonly otherNames: readonly string[]
  readonly dosageForm: string | null
  readonly spec: string | null
  readonly packUnit: string
  readonly splitUnit: string | null
  readonly unitsPerPack: string
  readonly manufacturer: string | null
  readonly catalogueClass: 'A' | 'B' | 'C'
  /** Null for class C. */
  readonly preliminaryRatio: string | null
  readonly priceCeiling: string | null
  readonly unitPrice: string | null
  readonly prescription: boolean
  readonly traceCodeRequired: boolean
  readonly barcode: string | null
  readonly limits: readonly LimitFact[]
  readonly approvalNumber: string | null
  readonly source: string
  readonly note: string | null
}

const COLUMN_OF = {
  itemCode: 'item_code',
  kind: 'kind',
  genericName: 'generic_name',
  brandName: 'brand_name',
  dosageForm: 'dosage_form',
  spec: 'spec',
  packUnit: 'pack_unit',
  splitUnit: 'split_unit',
  unitsPerPack: 'units_per_pack',
  manufacturer: 'manufacturer',
  catalogueClass: 'catalogue_class',
  preliminaryRatio: 'preliminary_ratio',
  priceCeiling: 'price_ceiling',
  unitPrice: 'unit_price',
  prescription: 'prescription',
  traceCodeRequired: 'trace_code_required',
  barcode: 'barcode',
  limits: 'limits',
  approvalNumber: 'approval_number',
  source: 'source',
  note: 'note',
} as const satisfies Record<Exclude<keyof ItemFacts, 'otherNames'>, string>

const FACTS = Object.keys(COLUMN_OF) as (keyof typeof COLUMN_OF)[]

export const ITEM_COLUMNS: readonly string[] = FACTS.map((fact) => COLUMN_OF[fact])

/** The facts in the order of {@link ITEM_COLUMNS}. */
export const itemRow = (facts: ItemFacts) => FACTS.map((fact) => facts[fact])

/** The facts by their names, without the names that only the search uses. */
export const itemFacts = (facts: ItemFacts) =>
  Object.fromEntries(FACTS.map((fact) => [fact, facts[fact]]))
