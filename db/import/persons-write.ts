/** Writes planned persons: parents first, each table by COPY. Personal data leaves encrypted. */
import { copyRows } from '../seed/copy.ts'
import { pinyinInitials } from '../seed/pinyin.ts'
import { householdIdOf } from './household-id.ts'
import type { CoverageDraft, ImportVault, PersonDraft } from './persons.ts'
import type { StoredCoverage } from './stored-persons.ts'
import { type ImportSql, slices } from './transaction.ts'
import type { RowChange } from './usage.ts'

type Named = { readonly personId: string; readonly draft: PersonDraft }

export type PersonChanges = {
  /** Town by household number. */
  readonly households: Map<string, string>
  readonly added: Named[]
  readonly corrected: Named[]
  readonly coverages: {
    readonly personId: string
    readonly coverageId: string
    readonly draft: CoverageDraft
  }[]
  readonly ended: Set<StoredCoverage>
  readonly cards: {
    readonly personId: string
    readonly number: string
    readonly issuedOn: string
  }[]
  readonly rows: RowChange[]
}

const sealed = (text: string | null, vault: ImportVault, place: string): Uint8Array | null =>
  text === null ? null : vault.encrypt(text, place)

const householdOf = (draft: PersonDraft, vault: ImportVault): string | null =>
  draft.householdNumber === null ? null : householdIdOf(draft.householdNumber, vault)

export async function writePersons(
  sql: ImportSql,
  changes: PersonChanges,
  vault: ImportVault,
): Promise<void> {
  await writeHouseholds(sql, changes, vault)
  await copyRows(
    sql,
    'position (owner_id, owner_kind)',
    changes.added.map(({ personId }) => [personId, 'person']),
  )
  await copyRows(
    sql,
    'person (person_id, name, name_pinyin, sex, birth_day, id_number_cipher, id_number_index, ' +
      'phone_cipher, address_cipher, household_id)',
    changes.added.map(({ personId, draft }) => [
      personId,
      draft.name,
      pinyinInitials(draft.name),
      draft.sex,
      draft.birthDay,
      vault.encrypt(draft.idNumber, `person/id_number/${personId}`),
      vault.blindIndex(draft.idNumber),
      sealed(draft.phone, vault, `person/phone/${personId}`),
      sealed(draft.address, vault, `person/address/${personId}`),
      householdOf(draft, vault),
    ]),
  )
  await correctPersons(sql, changes, vault)
  await writeCoverages(sql, changes)
  await copyRows(
    sql,
    'card (card_number, person_id, status, issued_on, status_since)',
    changes.cards.map(({ personId, number, issuedOn }) => [
      number,
      personId,
      'active',
      issuedOn,
      `${issuedOn}T00:00Z`,
    ]),
  )
  await touchPositions(sql, changes)
}

/** Whatever was decided on what stood here before is decided again: versions count up. */
async function touchPositions(sql: ImportSql, changes: PersonChanges): Promise<void> {
  const added = new Set(changes.added.map(({ personId }) => personId))
  const { corrected, coverages, cards } = changes
  const changed = [...corrected, ...coverages, ...cards].map(({ personId }) => personId)
  const touched = [...new Set(changed)].filter((personId) => !added.has(personId))
  for await (const some of slices(touched)) await sql`select touch_positions(${some}::uuid[])`
}

async function writeHouseholds(
  sql: ImportSql,
  changes: PersonChanges,
  vault: ImportVault,
): Promise<void> {
  for (const [number, town] of changes.households) {
    const id = householdIdOf(number, vault)
    await sql`insert into household (household_id, town) values (${id}, ${town})
              on conflict (household_id) do nothing`
    await sql`insert into position (owner_id, owner_kind) values (${id}, 'household')
              on conflict (owner_id) do nothing`
  }
}

async function correctPersons(
  sql: ImportSql,
  changes: PersonChanges,
  vault: ImportVault,
): Promise<void> {
  for (const { personId, draft } of changes.corrected) {
    const phone = sealed(draft.phone, vault, `person/phone/${personId}`)
    const address = sealed(draft.address, vault, `person/address/${personId}`)
    await sql`update person set name = ${draft.name}, name_pinyin = ${pinyinInitials(draft.name)},
        sex = ${draft.sex}, birth_day = ${draft.birthDay},
        phone_cipher = coalesce(${phone}, phone_cipher),
        address_cipher = coalesce(${address}, address_cipher),
        household_id = coalesce(${householdOf(draft, vault)}, household_id)
      where person_id = ${personId}`
  }
}

async function writeCoverages(sql: ImportSql, changes: PersonChanges): Promise<void> {
  for (const one of changes.ended) {
    await sql`
      with ended as (
        update coverage_period set scheme = ${one.scheme}, category = ${one.category},
            tier = ${one.tier}, civil_servant = ${one.civilServant},
            assistance = ${one.assistance}, status = ${one.status},
            period = daterange(${one.from}, ${one.until})
          where coverage_id = ${one.coverageId} returning person_id)
      select touch_positions(array_agg(person_id)) from ended`
  }
  await copyRows(
    sql,
    'coverage_period (coverage_id, person_id, scheme, category, tier, civil_servant, assistance, ' +
      'status, period)',
    changes.coverages.map(({ personId, coverageId, draft }) => [
      coverageId,
      personId,
      draft.scheme,
      draft.category,
      draft.tier,
      draft.civilServant,
      draft.assistance,
      draft.status,
      `[${draft.from},${draft.until ?? ''})`,
    ]),
  )
}
