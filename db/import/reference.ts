/** Plans and writes lists that others keep: diagnoses by edition, and towns. */
import { copyRows } from '../seed/copy.ts'
import { pinyinInitials } from '../seed/pinyin.ts'
import {
  changesOf,
  type DatedDraft,
  type DatedPlan,
  type DatedTable,
  type ImportRules,
  planDated,
  type StoredVersion,
} from './dated-plan.ts'
import { type ImportPlan, type ImportSql, type Numbered, slices } from './transaction.ts'
import { diagnosisUsage, planWithUsage } from './usage.ts'

export type DiagnosisDraft = DatedDraft & {
  readonly edition: string
  readonly code: string
  readonly kind: 'disease' | 'category' | 'chronic'
  readonly name: string
  readonly note: string | null
}
export type TownDraft = DatedDraft & {
  readonly townCode: string
  readonly name: string
  readonly kind: 'street' | 'town' | 'township' | 'zone'
  readonly countyCode: string
  readonly countyName: string
  readonly cityName: string
}

type Named = DatedDraft & { readonly name: string }
/** Columns from our own source: the key's, and every fact's by its name. */
type ReferenceTable<Draft> = DatedTable<Draft> & {
  readonly table: string
  readonly keyColumns: readonly string[]
  readonly keyValues: (draft: Draft) => readonly string[]
  readonly factColumns: Readonly<Record<string, string>>
}

const DIAGNOSIS: ReferenceTable<DiagnosisDraft> = {
  table: 'diagnosis',
  keyColumns: ['edition', 'code'],
  keyValues: ({ edition, code }) => [edition, code],
  factColumns: { kind: 'kind', name: 'name', note: 'note' },
  keyOf: ({ edition, code }) => `${edition} ${code}`,
  factsOf: ({ kind, name, note }) => ({ kind, name, note }),
  // Codes hold no space; an edition may.
  usedAs: (key) => key.slice(key.lastIndexOf(' ') + 1),
}
const TOWN: ReferenceTable<TownDraft> = {
  table: 'town',
  keyColumns: ['town_code'],
  keyValues: ({ townCode }) => [townCode],
  factColumns: {
    name: 'name',
    kind: 'kind',
    countyCode: 'county_code',
    countyName: 'county_name',
    cityName: 'city_name',
  },
  keyOf: ({ townCode }) => townCode,
  factsOf: ({ townCode: _, from: __, until: ___, ...facts }) => facts,
  usedAs: () => null,
}

export const planDiagnoses = (
  sql: ImportSql,
  rows: readonly Numbered<DiagnosisDraft>[],
  rules: ImportRules,
): Promise<ImportPlan> => planReference(sql, DIAGNOSIS, rows, rules)

export const planTowns = (
  sql: ImportSql,
  rows: readonly Numbered<TownDraft>[],
  rules: ImportRules,
): Promise<ImportPlan> => planReference(sql, TOWN, rows, rules)

async function planReference<Draft extends Named>(
  sql: ImportSql,
  table: ReferenceTable<Draft>,
  rows: readonly Numbered<Draft>[],
  rules: ImportRules,
): Promise<ImportPlan> {
  const keys = [...new Set(rows.map(({ draft }) => table.keyOf(draft)))]
  const stored = await storedVersions(sql, table, keys)
  const plan = await planWithUsage(
    rules.today,
    async (usage) => planDated(table, rows, stored, { ...rules, usage }),
    diagnosisUsage(sql),
  )
  const changes = changesOf(table, plan)
  return { outcomes: plan.outcomes, changes, write: (all) => writeChanges(all, table, plan) }
}

const keySql = ({ keyColumns }: { readonly keyColumns: readonly string[] }): string =>
  `concat_ws(' ', ${keyColumns.join(', ')})`

async function storedVersions<Draft>(
  sql: ImportSql,
  table: ReferenceTable<Draft>,
  keys: readonly string[],
): Promise<StoredVersion[]> {
  const facts = Object.entries(table.factColumns).map(([fact, column]) => `'${fact}', ${column}`)
  const versions: StoredVersion[] = []
  for await (const some of slices(keys, 20_000)) {
    const rows = await sql.unsafe(
      `select ${keySql(table)} as key, to_char(lower(period), 'YYYY-MM-DD') as "from",
              to_char(upper(period), 'YYYY-MM-DD') as "until",
              json_build_object(${facts.join(', ')}) as facts
         from ${table.table} where ${keySql(table)} = any($1::text[])`,
      [some as string[]],
    )
    versions.push(...(rows as unknown as StoredVersion[]))
  }
  return versions
}

async function writeChanges<Draft extends Named>(
  sql: ImportSql,
  table: ReferenceTable<Draft>,
  plan: DatedPlan<Draft>,
): Promise<void> {
  const factColumns = Object.values(table.factColumns)
  const valuesOf = (draft: Draft): (string | null)[] => {
    const facts = table.factsOf(draft)
    const values = Object.keys(table.factColumns).map((fact) => facts[fact] as string | null)
    return [...values, pinyinInitials(draft.name)]
  }
  for await (const ended of slices([...plan.ended])) {
    await sql.unsafe(
      `update ${table.table} v set period = daterange(lower(v.period), e.until)
         from unnest($1::text[], $2::date[], $3::date[]) as e(key, first, until)
        where ${keySql(table)} = e.key and lower(v.period) = e.first`,
      [
        ended.map(({ key }) => key),
        ended.map(({ from }) => from),
        ended.map(({ until }) => until) as string[],
      ],
    )
  }
  const columns = [...factColumns, 'pinyin_initials']
  const assignments = columns.map((column, at) => `${column} = $${at + 3}`).join(', ')
  for (const { version, draft } of plan.corrected) {
    await sql.unsafe(
      `update ${table.table} set ${assignments}
        where ${keySql(table)} = $1 and lower(period) = $2`,
      [version.key, version.from, ...valuesOf(draft)],
    )
  }
  await copyRows(
    sql,
    `${table.table} (${[...table.keyColumns, ...columns, 'period'].join(', ')})`,
    plan.added.map(({ from, until, draft }) => [
      ...table.keyValues(draft),
      ...valuesOf(draft),
      `[${from},${until ?? ''})`,
    ]),
  )
}
