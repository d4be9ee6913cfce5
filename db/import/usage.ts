/**
 * On which days settlements used what an import would change (server/decisions, corrections). A
 * settlement that was reversed whole uses nothing any more.
 */
import type { Facts } from './dated-plan.ts'
import { type ImportSql, slices } from './transaction.ts'

export type Usage = {
  /** The last day from `from` on and before `until` that something was settled; null: none. */
  lastUse(name: string, from: string, until: string | null): string | null
}
/** Reads days of settlements by name, from a day on. */
export type UsageReader = (
  names: readonly string[],
  since: string,
) => Promise<ReadonlyMap<string, readonly string[]>>

/** A change of a stored record: what stood there, for the audit event. */
export type RowChange = {
  readonly rowNo: number
  readonly key: string
  readonly before: Facts
  readonly after: Facts
}

/**
 * Plans once to learn what has to be asked, and, where something has, again with the answers.
 * Days after today are never asked about: nothing can be settled on them yet.
 */
export async function planWithUsage<Plan>(
  today: string,
  plan: (usage: Usage) => Promise<Plan>,
  read: UsageReader,
): Promise<Plan> {
  const names = new Set<string>()
  let since: string | null = null
  const first = await plan({
    lastUse(name, from) {
      if (from > today) return null
      names.add(name)
      if (since === null || from < since) since = from
      return null
    },
  })
  if (since === null) return first
  const asked: string = since
  const days = await read([...names], asked)
  return plan({
    lastUse(name, from, until) {
      if (from > today) return null
      // What the first pass did not ask about is not known to be unused.
      if (!names.has(name) || from < asked) return from
      const used = days.get(name)?.filter((day) => day >= from && (until === null || day < until))
      return used?.sort().at(-1) ?? null
    },
  })
}

type DayRow = { name: string; days: string[] }

async function read(
  names: readonly string[],
  query: (some: string[]) => PromiseLike<readonly DayRow[]>,
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>()
  for await (const some of slices(names)) {
    for (const { name, days } of await query([...some])) found.set(name, days)
  }
  return found
}

const standing = (sql: ImportSql) => sql`
  s.kind = 'settlement' and not exists
    (select from settlement r where r.original_id = s.document_id and r.kind = 'reversal')`

/** By item code. */
export const itemUsage =
  (sql: ImportSql): UsageReader =>
  (names, since) =>
    read(
      names,
      (some) => sql<DayRow[]>`
        select l ->> 'itemCode' as name, array_agg(distinct s.service_day::text) as days
          from settlement s, json_array_elements(document_lines(s.document)) l
         where s.service_day >= ${since} and l ->> 'itemCode' = any(${some}) and ${standing(sql)}
         group by 1`,
    )

/** By institution and item code, with a space between. */
export const priceUsage =
  (sql: ImportSql): UsageReader =>
  (names, since) =>
    read(
      names,
      (some) => sql<DayRow[]>`
        select s.institution_code || ' ' || (l ->> 'itemCode') as name,
               array_agg(distinct s.service_day::text) as days
          from settlement s, json_array_elements(document_lines(s.document)) l
         where s.service_day >= ${since} and ${standing(sql)}
           and s.institution_code || ' ' || (l ->> 'itemCode') = any(${some})
         group by 1`,
    )

/** By institution code. */
export const institutionUsage =
  (sql: ImportSql): UsageReader =>
  (names, since) =>
    read(
      names,
      (some) => sql<DayRow[]>`
        select s.institution_code as name, array_agg(distinct s.service_day::text) as days
          from settlement s
         where s.service_day >= ${since} and s.institution_code = any(${some})
           and ${standing(sql)}
         group by 1`,
    )

/** By code of a diagnosis. */
export const diagnosisUsage =
  (sql: ImportSql): UsageReader =>
  (names, since) =>
    read(
      names,
      (some) => sql<DayRow[]>`
        select d as name, array_agg(distinct s.service_day::text) as days
          from settlement s, json_array_elements_text(s.document::json -> 'diagnoses') d
         where s.service_day >= ${since} and d = any(${some}) and ${standing(sql)}
         group by 1`,
    )

/** By person id. */
export const personUsage =
  (sql: ImportSql): UsageReader =>
  (names, since) =>
    read(
      names,
      (some) => sql<DayRow[]>`
        select s.person_id::text as name, array_agg(distinct s.service_day::text) as days
          from settlement s
         where s.service_day >= ${since} and s.person_id = any(${some}::uuid[])
           and ${standing(sql)}
         group by 1`,
    )
