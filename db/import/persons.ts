/**
 * Plans and writes persons with coverage and cards. A person is known by the blind index of the ID
 * number, coverage by its first day, a card by its number. Balances are not imported: money enters
 * through the posting door only.
 */
import { newId } from '../../server/kernel/ids.ts'
import { overlapsOthers, type Place, placeAmong } from './dated.ts'
import { earlier, type Facts, refusedAsUsed } from './dated-plan.ts'
import { type PersonChanges, writePersons } from './persons-write.ts'
import { type StoredCoverage, type StoredPerson, storedPersons } from './stored-persons.ts'
import type { ImportPlan, ImportSql, Numbered, PlanFault, RowOutcome } from './transaction.ts'
import { personUsage, planWithUsage, type RowChange, type Usage } from './usage.ts'

/** What importing persons needs of the vault: the server's vault has it. */
export type ImportVault = {
  encrypt(text: string, place: string): Uint8Array
  decrypt(cipher: Uint8Array, place: string): string
  blindIndex(text: string): Uint8Array
}

export type CoverageDraft = {
  readonly scheme: string
  readonly category: string
  readonly tier: string | null
  readonly civilServant: boolean
  readonly assistance: string | null
  readonly status: string
  readonly from: string
  readonly until: string | null
}
export type PersonDraft = {
  readonly idNumber: string
  readonly name: string
  readonly sex: string
  readonly birthDay: string
  readonly phone: string | null
  readonly address: string | null
  /** As the household register numbers it; persons of one number share a household. */
  readonly householdNumber: string | null
  readonly town: string | null
  readonly coverage: CoverageDraft | null
  readonly card: { readonly number: string; readonly issuedOn: string } | null
}

export async function planPersons(
  sql: ImportSql,
  rows: readonly Numbered<PersonDraft>[],
  { correct, today }: { readonly correct: boolean; readonly today: string },
  vault: ImportVault,
): Promise<ImportPlan> {
  const plan = (usage: Usage) => planRows(sql, rows, { correct, usage, vault })
  return planWithUsage(today, plan, personUsage(sql))
}

type Rules = {
  readonly correct: boolean
  readonly usage: Usage
  readonly vault: ImportVault
}

async function planRows(
  sql: ImportSql,
  rows: readonly Numbered<PersonDraft>[],
  rules: Rules,
): Promise<ImportPlan> {
  const { vault } = rules
  const drafts = rows.map(({ draft }) => draft)
  const stored = await storedPersons(sql, drafts, vault)
  const changes: PersonChanges = {
    households: new Map(),
    added: [],
    corrected: [],
    coverages: [],
    ended: new Set(),
    cards: [],
    rows: [],
  }
  const touched = new Set<string>()
  const outcomes = rows.map(({ rowNo, draft }): RowOutcome => {
    if (touched.has(draft.idNumber)) return refused(rowNo, 'id_number', 'duplicate-in-file')
    touched.add(draft.idNumber)
    const known = stored.byIdNumber.get(draft.idNumber)
    const cardOwner = draft.card === null ? undefined : stored.cardOwners.get(draft.card.number)
    if (cardOwner !== undefined && cardOwner !== known?.personId) {
      return refused(rowNo, 'card_number', 'card-of-another-person')
    }
    const personId = known?.personId ?? newId()
    if (draft.card !== null) stored.cardOwners.set(draft.card.number, personId)
    if (known === undefined) return addPerson({ rowNo, draft }, personId, changes)
    return compare({ rowNo, draft }, known, changes, rules)
  })
  return {
    outcomes,
    changes: changes.rows,
    write: (together) => writePersons(together, changes, vault),
  }
}

const refused = (rowNo: number, column: string, fault: PlanFault): RowOutcome => ({
  rowNo,
  verdict: 'refused',
  column,
  fault,
})

function addPerson(
  { rowNo, draft }: Numbered<PersonDraft>,
  personId: string,
  changes: PersonChanges,
): RowOutcome {
  nameHousehold(draft, changes)
  changes.added.push({ personId, draft })
  if (draft.coverage !== null) {
    changes.coverages.push({ personId, coverageId: newId(), draft: draft.coverage })
  }
  if (draft.card !== null) changes.cards.push({ personId, ...draft.card })
  return { rowNo, verdict: 'new' }
}

function nameHousehold({ householdNumber, town }: PersonDraft, changes: PersonChanges): void {
  if (householdNumber !== null) changes.households.set(householdNumber, town ?? '')
}

/** Compares with what is stored; adds nothing to the changes before every refusal is ruled out. */
function compare(
  { rowNo, draft }: Numbered<PersonDraft>,
  known: StoredPerson,
  changes: PersonChanges,
  { correct, usage, vault }: Rules,
): RowOutcome {
  const { coverage, card } = draft
  const differing = differingColumn(draft, known)
  if (differing !== null && !correct) return refused(rowNo, differing, 'version-differs')
  const place = coverage === null ? null : placeAmong(known.coverages, coverage)
  const otherFacts =
    coverage !== null && (place?.kind === 'same' || place?.kind === 'other-end')
      ? place.kind === 'other-end' || coverageText(place.version) !== coverageText(coverage)
      : false
  if (otherFacts && !correct) return refused(rowNo, 'coverage_from', 'version-differs')
  if (coverage !== null && place !== null && overlapsOthers(known.coverages, place, coverage)) {
    return refused(rowNo, 'coverage_from', 'version-overlaps')
  }
  const usedOn = usedInChange(known, place, coverage, usage)
  if (usedOn !== null) return refusedAsUsed(rowNo, 'coverage_from', usedOn)
  const newCard = card !== null && !known.cards.some((one) => one.number === card.number)
  if (newCard && known.cards.some((one) => one.status === 'active')) {
    return refused(rowNo, 'card_number', 'card-active-already')
  }

  const { personId } = known
  if (differing !== null || otherFacts) {
    const coverageBefore = otherFacts && place !== null && 'version' in place ? place.version : null
    changes.rows.push(changeOf(rowNo, known, { ...coverageBefore }, vault))
  }
  if (differing !== null) {
    nameHousehold(draft, changes)
    changes.corrected.push({ personId, draft })
  }
  if (coverage !== null && place?.kind === 'free') {
    if (place.ends !== null) {
      place.ends.until = coverage.from
      changes.ended.add(place.ends)
    }
    changes.coverages.push({ personId, coverageId: newId(), draft: coverage })
  }
  if (otherFacts && coverage !== null && place !== null && 'version' in place) {
    Object.assign(place.version, coverage)
    changes.ended.add(place.version)
  }
  if (newCard && card !== null) changes.cards.push({ personId, ...card })
  if (differing !== null || otherFacts) return { rowNo, verdict: 'corrected' }
  return { rowNo, verdict: newCard || place?.kind === 'free' ? 'extended' : 'unchanged' }
}

/** The last settlement on a day that the coverage would no longer say the same of. */
function usedInChange(
  { personId }: StoredPerson,
  place: Place<StoredCoverage> | null,
  coverage: CoverageDraft | null,
  usage: Usage,
): string | null {
  if (coverage === null || place === null) return null
  if (place.kind === 'free') {
    const { ends } = place
    return ends === null ? null : usage.lastUse(personId, coverage.from, ends.until)
  }
  const { version } = place
  const same = coverageText(version) === coverageText(coverage)
  if (place.kind === 'same' && same) return null
  const from = same ? earlier(version.until, coverage.until) : version.from
  return usage.lastUse(personId, from, version.until)
}

/** What is known of a person before a correction, sealed: audit events carry no personal data. */
function changeOf(
  rowNo: number,
  { name, sex, birthDay, phone, address, personId }: StoredPerson,
  coverage: Facts,
  vault: ImportVault,
): RowChange {
  const before = JSON.stringify({ name, sex, birthDay, phone, address, coverage })
  const sealed = Buffer.from(vault.encrypt(before, `audit_event/person/${personId}`)).toString(
    'hex',
  )
  return { rowNo, key: personId, before: { sealed }, after: {} }
}

const coverageText = (one: CoverageDraft): string =>
  JSON.stringify([one.scheme, one.category, one.tier, one.civilServant, one.assistance, one.status])

/** The first column that says otherwise than what is stored; an empty cell says nothing. */
function differingColumn(draft: PersonDraft, known: StoredPerson): string | null {
  if (draft.name !== known.name) return 'name'
  if (draft.sex !== known.sex) return 'sex'
  if (draft.birthDay !== known.birthDay) return 'birth_day'
  if (draft.phone !== null && draft.phone !== known.phone) return 'phone'
  if (draft.address !== null && draft.address !== known.address) return 'address'
  const moved = draft.householdNumber !== null && !known.isOfHousehold(draft.householdNumber)
  return moved ? 'household_number' : null
}
