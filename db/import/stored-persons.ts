/** Reads what is stored of the persons and cards a file names. */
import { householdIdOf } from './household-id.ts'
import type { CoverageDraft, ImportVault, PersonDraft } from './persons.ts'
import { type ImportSql, slices } from './transaction.ts'

export type StoredCoverage = { -readonly [Key in keyof CoverageDraft]: CoverageDraft[Key] } & {
  readonly coverageId: string
}
export type StoredPerson = {
  readonly personId: string
  readonly name: string
  readonly sex: string
  readonly birthDay: string
  readonly phone: string | null
  readonly address: string | null
  readonly coverages: StoredCoverage[]
  readonly cards: readonly { readonly number: string; readonly status: string }[]
  isOfHousehold(householdNumber: string): boolean
}
export type StoredPersons = {
  readonly byIdNumber: ReadonlyMap<string, StoredPerson>
  /** Person id by card number, for every card of the file that somebody holds. */
  readonly cardOwners: Map<string, string>
}

type Row = Omit<StoredPerson, 'phone' | 'address' | 'isOfHousehold'> & {
  index: Uint8Array
  phoneCipher: Uint8Array | null
  addressCipher: Uint8Array | null
  householdId: string | null
}

export async function storedPersons(
  sql: ImportSql,
  drafts: readonly PersonDraft[],
  vault: ImportVault,
): Promise<StoredPersons> {
  const byIdNumber = new Map<string, StoredPerson>()
  const cardOwners = new Map<string, string>()
  for await (const some of slices(drafts, 2_000)) {
    const idNumbers = new Map(
      some.map(({ idNumber }) => [
        Buffer.from(vault.blindIndex(idNumber)).toString('hex'),
        idNumber,
      ]),
    )
    for (const row of await personRows(sql, [...idNumbers.keys()])) {
      const idNumber = idNumbers.get(Buffer.from(row.index).toString('hex'))
      if (idNumber !== undefined) byIdNumber.set(idNumber, personOf(row, vault))
    }
    const cards = some.flatMap(({ card }) => (card === null ? [] : [card.number]))
    const owners = await sql<{ number: string; personId: string }[]>`
      select card_number as number, person_id as "personId" from card
       where card_number = any(${cards})`
    for (const { number, personId } of owners) cardOwners.set(number, personId)
  }
  return { byIdNumber, cardOwners }
}

const personRows = (sql: ImportSql, indexes: readonly string[]) => sql<Row[]>`
  select p.person_id as "personId", p.name, p.sex, p.birth_day::text as "birthDay",
         p.id_number_index as index, p.phone_cipher as "phoneCipher",
         p.address_cipher as "addressCipher", p.household_id as "householdId",
         (select coalesce(jsonb_agg(jsonb_build_object('coverageId', k.coverage_id,
            'scheme', k.scheme, 'category', k.category, 'tier', k.tier,
            'civilServant', k.civil_servant, 'assistance', k.assistance, 'status', k.status,
            'from', lower(k.period), 'until', upper(k.period))), '[]')
            from coverage_period k where k.person_id = p.person_id) as coverages,
         (select coalesce(jsonb_agg(jsonb_build_object('number', c.card_number,
            'status', c.status)), '[]')
            from card c where c.person_id = p.person_id) as cards
    from person p
   where p.id_number_index in
         (select decode(hex, 'hex') from unnest(${indexes as string[]}::text[]) hex)`

function personOf(row: Row, vault: ImportVault): StoredPerson {
  const { phoneCipher, addressCipher, householdId, index: _, ...rest } = row
  const opened = (cipher: Uint8Array | null, column: string): string | null =>
    cipher === null ? null : vault.decrypt(cipher, `person/${column}/${row.personId}`)
  return {
    ...rest,
    phone: opened(phoneCipher, 'phone'),
    address: opened(addressCipher, 'address'),
    isOfHousehold: (number) => householdIdOf(number, vault) === householdId,
  }
}
