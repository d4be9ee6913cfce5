/** Persons, households, coverage, cards, vouchers and opening balances, streamed by COPY. */
import type postgres from 'postgres'
import { generatePeople } from '../../fixtures/people/generate.ts'
import type { FixturePerson } from '../../fixtures/people/types.ts'
import { type CopySql, type CopyTarget, type CopyValue, openCopy } from './copy.ts'
import { demoId } from './demo-ids.ts'
import { pinyinInitials } from './pinyin.ts'

/** What seeding needs of the vault: the server's vault has it. */
export type SeedVault = {
  encrypt(text: string, place: string): Uint8Array
  encryptBytes(plain: Uint8Array, place: string): Uint8Array
  blindIndex(text: string): Uint8Array
  cardPinHash(personId: string, pin: string, salt: Uint8Array): Promise<Buffer>
}

export type PeopleOptions = {
  readonly vault: SeedVault
  readonly from: number
  readonly until: number
  readonly today: string
  readonly benefitYear: number
  readonly onProgress: (done: number, total: number) => void
}

const TABLES = {
  household: 'household (household_id, town)',
  person:
    'person (person_id, name, name_pinyin, sex, birth_day, id_number_cipher, id_number_index, ' +
    'phone_cipher, address_cipher, household_id, died_on)',
  coverage:
    'coverage_period (coverage_id, person_id, scheme, category, tier, civil_servant, assistance, ' +
    'status, period)',
  card: 'card (card_number, person_id, status, issued_on, status_since)',
  voucher: 'voucher (token, person_id, expires_at)',
  position: 'position (owner_id, owner_kind)',
  balances:
    'year_balances (owner_id, benefit_year, version, slots, openings_fen, amounts_fen, ' +
    'ceilings_fen)',
} as const
type Table = keyof typeof TABLES
type Rows = Record<Table, CopyValue[][]>

/** Persons per round: each round loads its tables one after the other, parents first. */
const ROUND = 20_000

/** Loads the persons of an index range; the range must not have been loaded before. */
export async function seedPeople(sql: postgres.Sql, options: PeopleOptions): Promise<void> {
  const { from, until, today, benefitYear } = options
  const households = new Set<string>()
  for (let start = from; start < until; start += ROUND) {
    const count = Math.min(ROUND, until - start)
    const rows = emptyRows()
    for (const person of generatePeople(count, { benefitYear, today }, start)) {
      addPerson(rows, person, options, households)
    }
    // A round is there whole or not at all, so that a seed cut short can be taken up again.
    await sql.begin((round) => load(round, rows))
    options.onProgress(start + count - from, until - from)
  }
}

const emptyRows = (): Rows => ({
  household: [],
  person: [],
  coverage: [],
  card: [],
  voucher: [],
  position: [],
  balances: [],
})

async function load(sql: CopySql, rows: Rows): Promise<void> {
  for (const table of Object.keys(TABLES) as Table[]) {
    const target: CopyTarget = await openCopy(sql, TABLES[table])
    for (const row of rows[table]) await target.write(row)
    await target.end()
  }
}

function addPerson(
  rows: Rows,
  person: FixturePerson,
  options: PeopleOptions,
  households: Set<string>,
): void {
  const { vault } = options
  const { personId, householdId } = person
  if (householdId !== null && !households.has(householdId)) {
    households.add(householdId)
    rows.household.push([householdId, person.town])
    rows.position.push([householdId, 'household'])
  }
  rows.position.push([personId, 'person'])
  rows.person.push([
    personId,
    person.name,
    pinyinInitials(person.name),
    person.sex === 'male' ? 'M' : 'F',
    person.birthDay,
    vault.encrypt(person.idNumber, `person/id_number/${personId}`),
    vault.blindIndex(person.idNumber),
    vault.encrypt(person.phone, `person/phone/${personId}`),
    vault.encrypt(person.address, `person/address/${personId}`),
    householdId,
    person.deceasedOn,
  ])
  addCoverage(rows, person)
  for (const card of person.cards) {
    rows.card.push([
      card.number,
      personId,
      card.status,
      card.issuedOn,
      `${card.statusSince}T00:00Z`,
    ])
  }
  rows.voucher.push([person.voucherToken, personId, '2099-12-31T00:00Z'])
  addBalances(rows, person, options.benefitYear)
}

function addCoverage(rows: Rows, person: FixturePerson): void {
  const { coverage } = person
  if (coverage === null) return
  const { from, until, statusFrom, statusUntil } = coverage
  const add = (part: string, status: string, first: string, after: string | null): void => {
    rows.coverage.push([
      demoId(`coverage/${person.index}${part}`),
      person.personId,
      person.scheme,
      coverage.category,
      coverage.tier,
      coverage.civilServant,
      coverage.assistance,
      status,
      `[${first},${after ?? ''})`,
    ])
  }
  if (from < statusFrom) add('/before', 'in-force', from, statusFrom)
  // Coverage that ended was in force until then: its end says the rest.
  const status = coverage.status === 'ended' ? 'in-force' : coverage.status
  add('', status, statusFrom, statusUntil ?? until)
  if (statusUntil !== null) add('/after', 'in-force', statusUntil, until)
}

/** Opening balances: what stands in the books before the first posting. */
function addBalances(rows: Rows, person: FixturePerson, year: number): void {
  const { balances, accumulators, personId, householdId, scheme } = person
  const open = (owner: string, benefitYear: number, opened: Record<string, bigint>): void => {
    const kinds = Object.entries(opened).filter(([, fen]) => fen > 0n)
    if (kinds.length === 0) return
    const slots = `{${kinds.map(([kind]) => `${scheme}/${kind}`).join()}}`
    const amounts = `{${kinds.map(([, fen]) => fen.toString()).join()}}`
    const ceilings = `{${kinds.map(() => 'NULL').join()}}`
    rows.balances.push([owner, benefitYear, 0, slots, amounts, amounts, ceilings])
  }
  open(personId, year, {
    'current-year-account': balances.currentYearAccount,
    'outpatient-self-pay-borne': accumulators?.selfPaySegmentBorne ?? 0n,
    'outpatient-in-scope-spent': accumulators?.outpatientInScope ?? 0n,
    'outpatient-fund-paid': accumulators?.poolingFundPaid ?? 0n,
  })
  open(personId, 0, { 'past-year-account': balances.pastYearAccount })
  if (householdId !== null) {
    open(householdId, 0, { 'household-account': balances.householdAccount })
  }
}
