/** Who holds the accounts that a file of balances names, and what was credited under its keys. */
import type { ImportVault } from './persons.ts'
import { type ImportSql, slices } from './transaction.ts'

/** As a row names a person; at least one of the two. */
export type HolderName = { readonly cardNumber: string | null; readonly idNumber: string | null }
export type Holder = {
  readonly personId: string
  readonly householdId: string | null
  /** The coverage of the day, or the last one before it; null where there was none. */
  readonly coverage: {
    readonly scheme: 'employee' | 'rural'
    readonly until: string | null
  } | null
  readonly version: string
  readonly householdVersion: string | null
}
export type Holders = {
  readonly byCard: ReadonlyMap<string, Holder>
  readonly byIdNumber: ReadonlyMap<string, Holder>
}

type Row = Holder & { name: string }

export async function holdersOf(
  sql: ImportSql,
  names: readonly HolderName[],
  onDay: string,
  vault: ImportVault,
): Promise<Holders> {
  const byCard = new Map<string, Holder>()
  const byIdNumber = new Map<string, Holder>()
  const facts = sql`
    p.person_id as "personId", p.household_id as "householdId",
    (select jsonb_build_object('scheme', k.scheme, 'until', upper(k.period))
       from coverage_period k
      where k.person_id = p.person_id and lower(k.period) <= ${onDay}::date
      order by lower(k.period) desc limit 1) as coverage,
    s.version::text as version, h.version::text as "householdVersion"`
  const positions = sql`
    join position s on s.owner_id = p.person_id
    left join position h on h.owner_id = p.household_id`
  for await (const some of slices(names)) {
    const cards = some.flatMap(({ cardNumber }) => cardNumber ?? [])
    const carded = await sql<Row[]>`
      select c.card_number as name, ${facts}
        from card c join person p using (person_id) ${positions}
       where c.card_number = any(${cards})`
    for (const { name, ...holder } of carded) byCard.set(name, holder)
    const idNumbers = new Map(
      some.flatMap(({ idNumber }) =>
        idNumber === null
          ? []
          : [[Buffer.from(vault.blindIndex(idNumber)).toString('hex'), idNumber] as const],
      ),
    )
    const numbered = await sql<Row[]>`
      select encode(p.id_number_index, 'hex') as name, ${facts} from person p ${positions}
       where p.id_number_index in
             (select decode(hex, 'hex') from unnest(${[...idNumbers.keys()]}::text[]) hex)`
    for (const { name, ...holder } of numbered) {
      const idNumber = idNumbers.get(name)
      if (idNumber !== undefined) byIdNumber.set(idNumber, holder)
    }
  }
  return { byCard, byIdNumber }
}

/** SHA-256 in hex of what was posted under each of the keys that are known. */
export async function postedUnder(
  sql: ImportSql,
  clientId: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const posted = new Map<string, string>()
  for await (const some of slices(keys)) {
    const rows = await sql<{ key: string; sha: string }[]>`
      select key::text, encode(body_sha, 'hex') as sha from idempotency
       where client_id = ${clientId} and key = any(${some as string[]}::uuid[])`
    for (const { key, sha } of rows) posted.set(key, sha)
  }
  return posted
}
