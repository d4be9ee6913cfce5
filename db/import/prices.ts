/**
 * Plans and writes institutions' price lists with their mapping to the catalogue. A price is known
 * by institution, local code and first day; a later one ends the open one where it begins.
 */
import { copyRows } from '../seed/copy.ts'
import {
  changesOf,
  type DatedDraft,
  type DatedPlan,
  type DatedTable,
  type ImportRules,
  planDated,
  type StoredVersion,
  type Version,
} from './dated-plan.ts'
import {
  type ImportPlan,
  type ImportSql,
  type Numbered,
  type PlanFault,
  type RowOutcome,
  slices,
} from './transaction.ts'
import { planWithUsage, priceUsage } from './usage.ts'

export type PriceDraft = DatedDraft & {
  readonly institutionCode: string
  /** The institution's own code of the item. */
  readonly localCode: string
  readonly itemCode: string
  readonly localName: string
  /** Yuan per pack or unit, as decimal text. */
  readonly unitPrice: string
}

const keyOf = (one: { readonly institutionCode: string; readonly localCode: string }): string =>
  `${one.institutionCode} ${one.localCode}`

const TABLE: DatedTable<PriceDraft> = {
  keyOf,
  factsOf: ({ itemCode, localName, unitPrice }) => ({ itemCode, localName, unitPrice }),
  usedAs: (key, { itemCode }) => `${key.slice(0, key.indexOf(' '))} ${itemCode}`,
}

export async function planPrices(
  sql: ImportSql,
  rows: readonly Numbered<PriceDraft>[],
  rules: ImportRules,
): Promise<ImportPlan> {
  const refused = await refusedBeforehand(sql, rows)
  const taken = rows.filter(({ rowNo }) => !refused.has(rowNo))
  const stored = await storedPrices(sql, taken)
  const plan = await planWithUsage(
    rules.today,
    async (usage) => planDated(TABLE, taken, stored, { ...rules, usage }),
    priceUsage(sql),
  )
  const outcomes = [...plan.outcomes, ...refused.values()].sort((a, b) => a.rowNo - b.rowNo)
  return {
    outcomes,
    changes: changesOf(TABLE, plan),
    write: (together) => writeChanges(together, plan),
  }
}

/** Rows that name an institution or an item nobody knows, or an item not in force at any time. */
async function refusedBeforehand(
  sql: ImportSql,
  rows: readonly Numbered<PriceDraft>[],
): Promise<Map<number, RowOutcome>> {
  const institutions = await sql<{ code: string }[]>`
    select institution_code as code from institution`
  const known = new Set(institutions.map(({ code }) => code))
  const periods = await itemPeriods(sql, [...new Set(rows.map(({ draft }) => draft.itemCode))])
  const refused = new Map<number, RowOutcome>()
  for (const { rowNo, draft } of rows) {
    const [column, fault] = problemOf(draft, known, periods)
    if (fault !== null) refused.set(rowNo, { rowNo, verdict: 'refused', column, fault })
  }
  return refused
}

type Periods = ReadonlyMap<string, readonly DatedDraft[]>

function problemOf(
  draft: PriceDraft,
  institutions: ReadonlySet<string>,
  periods: Periods,
): readonly [column: string, fault: PlanFault | null] {
  if (!institutions.has(draft.institutionCode)) return ['institution_code', 'institution-unknown']
  const versions = periods.get(draft.itemCode)
  if (versions === undefined) return ['item_code', 'item-unknown']
  const meets = versions.some(
    ({ from, until }) =>
      (until === null || draft.from < until) && (draft.until === null || from < draft.until),
  )
  return ['item_code', meets ? null : 'item-not-in-force']
}

async function itemPeriods(sql: ImportSql, codes: readonly string[]): Promise<Periods> {
  const periods = new Map<string, DatedDraft[]>()
  for await (const some of slices(codes)) {
    const rows = await sql<(DatedDraft & { code: string })[]>`
      select item_code as code, to_char(lower(period), 'YYYY-MM-DD') as "from",
             to_char(upper(period), 'YYYY-MM-DD') as "until"
        from catalogue_item where item_code = any(${some as string[]})`
    for (const { code, ...period } of rows) {
      periods.set(code, [...(periods.get(code) ?? []), period])
    }
  }
  return periods
}

async function storedPrices(
  sql: ImportSql,
  rows: readonly Numbered<PriceDraft>[],
): Promise<StoredVersion[]> {
  const versions: StoredVersion[] = []
  const keys = [...new Map(rows.map(({ draft }) => [keyOf(draft), draft])).values()]
  for await (const some of slices(keys)) {
    const found = await sql<PriceDraft[]>`
      select p.institution_code as "institutionCode", p.local_code as "localCode",
             p.item_code as "itemCode", p.local_name as "localName",
             trim_scale(p.unit_price)::text as "unitPrice",
             to_char(lower(p.period), 'YYYY-MM-DD') as "from",
             to_char(upper(p.period), 'YYYY-MM-DD') as "until"
        from institution_item p
        join unnest(${some.map((one) => one.institutionCode)}::text[],
                    ${some.map((one) => one.localCode)}::text[]) as k(institution, local)
          on p.institution_code = k.institution and p.local_code = k.local`
    for (const one of found) {
      const { from, until } = one
      versions.push({ key: keyOf(one), from, until, facts: TABLE.factsOf(one) })
    }
  }
  return versions
}

const splitKey = ({ key }: Version<PriceDraft>): [institution: string, local: string] => {
  const at = key.indexOf(' ')
  return [key.slice(0, at), key.slice(at + 1)]
}

async function writeChanges(sql: ImportSql, plan: DatedPlan<PriceDraft>): Promise<void> {
  for await (const ended of slices([...plan.ended])) {
    await sql`
      update institution_item v set period = daterange(lower(v.period), e.until)
        from unnest(${ended.map((one) => splitKey(one)[0])}::text[],
                    ${ended.map((one) => splitKey(one)[1])}::text[],
                    ${ended.map(({ from }) => from)}::date[],
                    ${ended.map(({ until }) => until)}::date[])
               as e(institution, local, first, until)
       where v.institution_code = e.institution and v.local_code = e.local
         and lower(v.period) = e.first`
  }
  for (const { version, draft } of plan.corrected) {
    await sql`
      update institution_item
         set item_code = ${draft.itemCode}, local_name = ${draft.localName},
             unit_price = ${draft.unitPrice}
       where institution_code = ${draft.institutionCode} and local_code = ${draft.localCode}
         and lower(period) = ${version.from}`
  }
  await copyRows(
    sql,
    'institution_item (institution_code, local_code, item_code, local_name, unit_price, period)',
    plan.added.map(({ from, until, draft }) => [
      draft.institutionCode,
      draft.localCode,
      draft.itemCode,
      draft.localName,
      draft.unitPrice,
      `[${from},${until ?? ''})`,
    ]),
  )
}
