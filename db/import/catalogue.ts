/** Plans and writes dated versions of catalogue items; a version is known by code and first day. */
import { newId } from '../../server/kernel/ids.ts'
import { spellings } from '../seed/catalogue.ts'
import { type CopyValue, copyRows } from '../seed/copy.ts'
import { ITEM_COLUMNS, type ItemFacts, itemFacts, itemRow } from './catalogue-row.ts'
import {
  changesOf,
  type DatedPlan,
  type DatedTable,
  type ImportRules,
  planDated,
  type StoredVersion,
} from './dated-plan.ts'
import { type ImportPlan, type ImportSql, type Numbered, slices } from './transaction.ts'
import { itemUsage, planWithUsage } from './usage.ts'

export type ItemDraft = ItemFacts & { readonly from: string; readonly until: string | null }

const TABLE: DatedTable<ItemDraft> = {
  keyOf: (draft) => draft.itemCode,
  factsOf: itemFacts,
  usedAs: (itemCode) => itemCode,
}

export async function planCatalogue(
  sql: ImportSql,
  rows: readonly Numbered<ItemDraft>[],
  rules: ImportRules,
): Promise<ImportPlan> {
  const stored = await storedVersions(sql, [...new Set(rows.map(({ draft }) => draft.itemCode))])
  const plan = await planWithUsage(
    rules.today,
    async (usage) => planDated(TABLE, rows, stored, { ...rules, usage }),
    itemUsage(sql),
  )
  const changes = changesOf(TABLE, plan)
  return { outcomes: plan.outcomes, changes, write: (together) => writeChanges(together, plan) }
}

async function storedVersions(sql: ImportSql, codes: readonly string[]): Promise<StoredVersion[]> {
  const versions: StoredVersion[] = []
  for await (const some of slices(codes)) {
    const rows = await sql<(ItemFacts & { from: string; until: string | null })[]>`
      select to_char(lower(period), 'YYYY-MM-DD') as "from",
             to_char(upper(period), 'YYYY-MM-DD') as "until", item_code as "itemCode", kind,
             generic_name as "genericName", brand_name as "brandName",
             dosage_form as "dosageForm", spec, pack_unit as "packUnit",
             split_unit as "splitUnit", units_per_pack::text as "unitsPerPack", manufacturer,
             catalogue_class as "catalogueClass", preliminary_ratio::text as "preliminaryRatio",
             price_ceiling::text as "priceCeiling", unit_price::text as "unitPrice", prescription,
             trace_code_required as "traceCodeRequired", barcode, limits,
             approval_number as "approvalNumber", source, note, '{}'::text[] as "otherNames"
        from catalogue_item where item_code = any(${some as string[]})`
    for (const { from, until, ...facts } of rows) {
      versions.push({ key: facts.itemCode, from, until, facts: itemFacts(facts) })
    }
  }
  return versions
}

const spelled = (facts: ItemFacts): readonly [string, string] =>
  spellings([facts.genericName, facts.brandName, ...facts.otherNames])

async function writeChanges(sql: ImportSql, plan: DatedPlan<ItemDraft>): Promise<void> {
  for await (const ended of slices([...plan.ended])) {
    await sql`
      update catalogue_item v set period = daterange(lower(v.period), e.until)
        from unnest(${ended.map(({ key }) => key)}::text[],
                    ${ended.map(({ from }) => from)}::date[],
                    ${ended.map(({ until }) => until)}::date[]) as e(code, first, until)
       where v.item_code = e.code and lower(v.period) = e.first`
  }
  for (const { version, draft } of plan.corrected) {
    const [initials, full] = spelled(draft)
    const facts = Object.fromEntries(
      ITEM_COLUMNS.map((column, position) => [column, itemRow(draft)[position] ?? null]),
    )
    const limits = sql.json([...draft.limits])
    const values = { ...facts, limits, pinyin_initials: initials, pinyin_full: full }
    await sql`update catalogue_item set ${sql(values)}
               where item_code = ${version.key} and lower(period) = ${version.from}`
  }
  const columns = ['item_version_id', 'period', ...ITEM_COLUMNS, 'pinyin_initials', 'pinyin_full']
  await copyRows(
    sql,
    `catalogue_item (${columns.join(', ')})`,
    plan.added.map(({ from, until, draft }) => [
      newId(),
      `[${from},${until ?? ''})`,
      ...itemRow(draft).map(copyValue),
      ...spelled(draft),
    ]),
  )
}

const copyValue = (value: ReturnType<typeof itemRow>[number]): CopyValue =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : value
