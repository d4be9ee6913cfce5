/** Plans and writes dated versions of catalogue items; a version is known by code and first day. */
import { newId } from '../../server/kernel/ids.ts'
import { spellings } from '../seed/catalogue.ts'
import { type CopyValue, copyRows } from '../seed/copy.ts'
import { ITEM_COLUMNS, type ItemFacts, itemRow } from './catalogue-row.ts'
import { overlapsOthers, placeAmong } from './dated.ts'
import {
  type ImportPlan,
  type ImportSql,
  type Numbered,
  type PlanFault,
  type RowOutcome,
  slices,
} from './transaction.ts'

export type ItemDraft = ItemFacts & { readonly from: string; readonly until: string | null }

type Version = {
  readonly id: string
  readonly from: string
  until: string | null
  readonly facts: string
  /** The row that brings it in; null for a stored one. */
  readonly draft: ItemDraft | null
}
type Changes = {
  readonly added: Version[]
  readonly ended: Set<Version>
  readonly corrected: { readonly version: Version; readonly draft: ItemDraft }[]
}

export type CatalogueRules = {
  /** Whether a stored version that differs takes on what the file says. */
  readonly correct: boolean
  /** Whether the file says little of each item, and so ends no stored version. */
  readonly partial: boolean
}

export async function planCatalogue(
  sql: ImportSql,
  rows: readonly Numbered<ItemDraft>[],
  rules: CatalogueRules,
): Promise<ImportPlan> {
  const versions = await storedVersions(sql, [...new Set(rows.map(({ draft }) => draft.itemCode))])
  const changes: Changes = { added: [], ended: new Set(), corrected: [] }
  const touched = new Set<string>()
  const inOrder = [...rows].sort(byFirstDay)
  const outcomes = inOrder.map(({ rowNo, draft }): RowOutcome => {
    const key = `${draft.itemCode} ${draft.from}`
    if (touched.has(key)) return refused(rowNo, 'duplicate-in-file')
    touched.add(key)
    const known = versions.get(draft.itemCode) ?? []
    versions.set(draft.itemCode, known)
    return placeRow(known, { rowNo, draft }, changes, rules)
  })
  outcomes.sort((a, b) => a.rowNo - b.rowNo)
  return { outcomes, write: (together) => writeChanges(together, changes) }
}

const byFirstDay = (a: Numbered<ItemDraft>, b: Numbered<ItemDraft>): number =>
  a.draft.from === b.draft.from ? a.rowNo - b.rowNo : a.draft.from < b.draft.from ? -1 : 1

const refused = (rowNo: number, fault: PlanFault): RowOutcome => ({
  rowNo,
  verdict: 'refused',
  column: 'valid_from',
  fault,
})

function placeRow(
  known: Version[],
  { rowNo, draft }: Numbered<ItemDraft>,
  changes: Changes,
  { correct, partial }: CatalogueRules,
): RowOutcome {
  const place = placeAmong(known, draft)
  if (place.kind === 'overlap') return refused(rowNo, 'version-overlaps')
  if (place.kind === 'free') {
    if (place.ends !== null && partial) return refused(rowNo, 'version-known-fully')
    if (place.ends !== null) endAt(place.ends, draft.from, changes)
    const { from, until } = draft
    const version = { id: newId(), from, until, facts: factsText(draft), draft }
    const verdict = known.length === 0 ? 'new' : 'extended'
    known.push(version)
    changes.added.push(version)
    return { rowNo, verdict }
  }
  if (place.kind === 'same' && place.version.facts === factsText(draft)) {
    return { rowNo, verdict: 'unchanged' }
  }
  if (!correct) return refused(rowNo, 'version-differs')
  if (overlapsOthers(known, place, draft)) return refused(rowNo, 'version-overlaps')
  if (place.kind === 'other-end') endAt(place.version, draft.until, changes)
  changes.corrected.push({ version: place.version, draft })
  return { rowNo, verdict: 'corrected' }
}

function endAt(version: Version, until: string | null, changes: Changes): void {
  version.until = until
  if (version.draft === null) changes.ended.add(version)
}

/** The facts as one text, so that two versions can be compared; figures without trailing zeros. */
const factsText = (facts: ItemFacts): string =>
  JSON.stringify(itemRow(facts), (_, value: unknown) =>
    typeof value === 'string' && /^\d+\.\d*0+$/.test(value)
      ? value.replace(/\.?0+$/, '')
      : value instanceof Object && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort())
        : value,
  )

async function storedVersions(
  sql: ImportSql,
  codes: readonly string[],
): Promise<Map<string, Version[]>> {
  const versions = new Map<string, Version[]>()
  for await (const some of slices(codes)) {
    const rows = await sql<(ItemFacts & { id: string; from: string; until: string | null })[]>`
      select item_version_id as id, to_char(lower(period), 'YYYY-MM-DD') as "from",
             to_char(upper(period), 'YYYY-MM-DD') as "until", item_code as "itemCode", kind,
             generic_name as "genericName", brand_name as "brandName",
             dosage_form as "dosageForm", spec, pack_unit as "packUnit",
             split_unit as "splitUnit", units_per_pack::text as "unitsPerPack", manufacturer,
             catalogue_class as "catalogueClass", preliminary_ratio::text as "preliminaryRatio",
             price_ceiling::text as "priceCeiling", unit_price::text as "unitPrice", prescription,
             trace_code_required as "traceCodeRequired", barcode, limits,
             approval_number as "approvalNumber", source, note, '{}'::text[] as "otherNames"
        from catalogue_item where item_code = any(${some as string[]})`
    for (const { id, from, until, ...facts } of rows) {
      const known = versions.get(facts.itemCode) ?? []
      known.push({ id, from, until, facts: factsText(facts), draft: null })
      versions.set(facts.itemCode, known)
    }
  }
  return versions
}

const spelled = (facts: ItemFacts): readonly [string, string] =>
  spellings([facts.genericName, facts.brandName, ...facts.otherNames])

async function writeChanges(sql: ImportSql, changes: Changes): Promise<void> {
  for (const { id, from, until } of changes.ended) {
    await sql`update catalogue_item set period = daterange(${from}, ${until})
               where item_version_id = ${id}`
  }
  for (const { version, draft } of changes.corrected) {
    const [initials, full] = spelled(draft)
    const facts = Object.fromEntries(
      ITEM_COLUMNS.map((column, position) => [column, itemRow(draft)[position] ?? null]),
    )
    const limits = sql.json([...draft.limits])
    const values = { ...facts, limits, pinyin_initials: initials, pinyin_full: full }
    await sql`update catalogue_item set ${sql(values)} where item_version_id = ${version.id}`
  }
  const columns = ['item_version_id', 'period', ...ITEM_COLUMNS, 'pinyin_initials', 'pinyin_full']
  await copyRows(
    sql,
    `catalogue_item (${columns.join(', ')})`,
    changes.added.flatMap(({ id, from, until, draft }) => {
      if (draft === null) return []
      const cells = itemRow(draft).map(copyValue)
      return [[id, `[${from},${until ?? ''})`, ...cells, ...spelled(draft)]]
    }),
  )
}

const copyValue = (value: ReturnType<typeof itemRow>[number]): CopyValue =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : value
