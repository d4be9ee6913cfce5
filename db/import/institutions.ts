/** Plans and writes institutions and their agreements; known by code, agreements by first day. */
import { newId } from '../../server/kernel/ids.ts'
import { copyRows } from '../seed/copy.ts'
import { overlapsOthers, placeAmong } from './dated.ts'
import { differing, earlier, type Facts, refusedAsUsed } from './dated-plan.ts'
import {
  type ImportPlan,
  type ImportSql,
  type Numbered,
  type RowOutcome,
  slices,
} from './transaction.ts'
import { institutionUsage, planWithUsage, type RowChange, type Usage } from './usage.ts'

export type InstitutionDraft = {
  readonly code: string
  readonly name: string
  readonly kind: string
  readonly level: number | null
  readonly tier: string | null
  readonly town: string
  readonly community: boolean
  readonly inArea: boolean
  /** Absent where the file has no such column: what is stored stays. */
  readonly phone: string | undefined
  readonly agreement: { readonly from: string; readonly until: string | null } | null
}

type Agreement = { readonly id: string; readonly from: string; until: string | null }
type Stored = { facts: Omit<InstitutionDraft, 'agreement'>; agreements: Agreement[] }
type Changes = {
  readonly institutions: InstitutionDraft[]
  readonly corrected: InstitutionDraft[]
  readonly agreements: { readonly code: string; readonly agreement: Agreement }[]
  readonly ended: Set<Agreement>
  readonly rows: RowChange[]
}
type Rules = { readonly correct: boolean; readonly today: string }

export async function planInstitutions(
  sql: ImportSql,
  rows: readonly Numbered<InstitutionDraft>[],
  { correct, today }: Rules,
): Promise<ImportPlan> {
  const plan = (usage: Usage) => planRows(sql, rows, { correct, usage })
  return planWithUsage(today, plan, institutionUsage(sql))
}

async function planRows(
  sql: ImportSql,
  rows: readonly Numbered<InstitutionDraft>[],
  rules: { readonly correct: boolean; readonly usage: Usage },
): Promise<ImportPlan> {
  const stored = await storedInstitutions(sql, [...new Set(rows.map(({ draft }) => draft.code))])
  const changes: Changes = {
    institutions: [],
    corrected: [],
    agreements: [],
    ended: new Set(),
    rows: [],
  }
  const touched = new Set<string>()
  const outcomes = rows.map(({ rowNo, draft }): RowOutcome => {
    if (touched.has(draft.code)) return refused(rowNo, 'code', 'duplicate-in-file')
    touched.add(draft.code)
    const known = stored.get(draft.code)
    if (known === undefined) return addInstitution({ rowNo, draft }, changes)
    return compare({ rowNo, draft }, known, changes, rules)
  })
  return { outcomes, changes: changes.rows, write: (together) => writeChanges(together, changes) }
}

const refused = (
  rowNo: number,
  column: string,
  fault: 'duplicate-in-file' | 'version-differs' | 'version-overlaps',
): RowOutcome => ({ rowNo, verdict: 'refused', column, fault })

function addInstitution(
  { rowNo, draft }: Numbered<InstitutionDraft>,
  changes: Changes,
): RowOutcome {
  changes.institutions.push(draft)
  if (draft.agreement !== null) {
    changes.agreements.push({ code: draft.code, agreement: { id: newId(), ...draft.agreement } })
  }
  return { rowNo, verdict: 'new' }
}

function compare(
  { rowNo, draft }: Numbered<InstitutionDraft>,
  known: Stored,
  changes: Changes,
  { correct, usage }: { readonly correct: boolean; readonly usage: Usage },
): RowOutcome {
  const same = factsText(draft) === factsText({ ...known.facts, ...phoneIfGiven(draft) })
  if (!same && !correct) return refused(rowNo, 'name', 'version-differs')
  const place = draft.agreement === null ? null : placeAmong(known.agreements, draft.agreement)
  if (place?.kind === 'other-end' && !correct) {
    return refused(rowNo, 'agreement_until', 'version-differs')
  }
  if (draft.agreement !== null && place !== null) {
    const blocked = overlapsOthers(known.agreements, place, draft.agreement)
    if (blocked) return refused(rowNo, 'agreement_from', 'version-overlaps')
  }
  const usedOn = usedInChange(draft, place, usage)
  if (usedOn !== null) return refusedAsUsed(rowNo, 'agreement_from', usedOn)
  if (!same) {
    changes.corrected.push(draft)
    changes.rows.push({ rowNo, key: draft.code, ...differing(known.facts, factsOf(draft)) })
  }
  if (place?.kind === 'other-end') {
    const { from, until } = place.version
    const key = `${draft.code} agreement ${from}`
    const after = { until: draft.agreement?.until ?? null }
    changes.rows.push({ rowNo, key, before: { until }, after })
    place.version.until = draft.agreement?.until ?? null
    changes.ended.add(place.version)
    return { rowNo, verdict: 'corrected' }
  }
  if (place?.kind === 'free' && draft.agreement !== null) {
    if (place.ends !== null) {
      place.ends.until = draft.agreement.from
      changes.ended.add(place.ends)
    }
    changes.agreements.push({ code: draft.code, agreement: { id: newId(), ...draft.agreement } })
    return { rowNo, verdict: same ? 'extended' : 'corrected' }
  }
  return { rowNo, verdict: same ? 'unchanged' : 'corrected' }
}

/** The last settlement on a day that the agreement would no longer say the same of. */
function usedInChange(
  { code, agreement }: InstitutionDraft,
  place: ReturnType<typeof placeAmong<Agreement>> | null,
  usage: Usage,
): string | null {
  if (agreement === null || place === null) return null
  if (place.kind === 'free' && place.ends !== null) {
    return usage.lastUse(code, agreement.from, place.ends.until)
  }
  if (place.kind !== 'other-end') return null
  return usage.lastUse(code, earlier(place.version.until, agreement.until), place.version.until)
}

/** The facts that a row speaks of. */
const factsOf = ({ agreement: _, phone, ...facts }: InstitutionDraft): Facts =>
  phone === undefined ? facts : { ...facts, phone }

/** A phone that the file does not speak of is compared with itself. */
const phoneIfGiven = ({ phone }: InstitutionDraft): { phone: string | undefined } | null =>
  phone === undefined ? { phone } : null

const factsText = (one: Omit<InstitutionDraft, 'agreement'>): string =>
  JSON.stringify([
    one.name,
    one.kind,
    one.level,
    one.tier,
    one.town,
    one.community,
    one.inArea,
    one.phone ?? null,
  ])

async function storedInstitutions(
  sql: ImportSql,
  codes: readonly string[],
): Promise<Map<string, Stored>> {
  const stored = new Map<string, Stored>()
  for await (const some of slices(codes)) {
    const rows = await sql<(Stored['facts'] & { agreements: Agreement[] })[]>`
      select institution_code as code, name, kind, level::int as level, tier, town, community,
             in_area as "inArea", phone,
             (select coalesce(jsonb_agg(jsonb_build_object('id', a.agreement_id,
                'from', lower(a.period), 'until', upper(a.period))), '[]')
                from agreement a where a.institution_code = i.institution_code) as agreements
        from institution i where institution_code = any(${some as string[]})`
    for (const { agreements, ...facts } of rows) stored.set(facts.code, { facts, agreements })
  }
  return stored
}

async function writeChanges(sql: ImportSql, changes: Changes): Promise<void> {
  for (const one of changes.corrected) {
    await sql`update institution set name = ${one.name}, kind = ${one.kind}, level = ${one.level},
        tier = ${one.tier}, town = ${one.town}, community = ${one.community},
        in_area = ${one.inArea}, phone = coalesce(${one.phone ?? null}, phone)
      where institution_code = ${one.code}`
  }
  for (const { id, from, until } of changes.ended) {
    await sql`update agreement set period = daterange(${from}, ${until})
               where agreement_id = ${id}`
  }
  await copyRows(
    sql,
    'institution (institution_code, name, kind, level, tier, town, community, in_area, phone)',
    changes.institutions.map((one) => [
      one.code,
      one.name,
      one.kind,
      one.level,
      one.tier,
      one.town,
      one.community,
      one.inArea,
      one.phone ?? null,
    ]),
  )
  await copyRows(
    sql,
    'agreement (agreement_id, institution_code, period)',
    changes.agreements.map(({ code, agreement }) => [
      agreement.id,
      code,
      `[${agreement.from},${agreement.until ?? ''})`,
    ]),
  )
}
