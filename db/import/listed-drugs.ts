/** Drugs of the national list as imported before, for files that name products without a class. */
import type { ImportSql } from './transaction.ts'

export type ListedDrug = {
  readonly genericName: string
  readonly catalogueClass: 'A' | 'B' | 'C'
  readonly preliminaryRatio: string | null
}

/** @param codePrefix of the list's entries */
export const listedDrugs = (sql: ImportSql, codePrefix: string) => sql<ListedDrug[]>`
  select distinct generic_name as "genericName", catalogue_class as "catalogueClass",
         trim_scale(preliminary_ratio)::text as "preliminaryRatio"
    from catalogue_item where kind = 'drug' and starts_with(item_code, ${codePrefix})`
