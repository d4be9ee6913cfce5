/** Persons from a file: checked numbers, sealed data, no money. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generatePerson } from '../../fixtures/people/generate.ts'
import { writeFaults } from '../../server/import/faults.ts'
import { VAULT } from '../support/area-seed.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { commit, counts, importFolder, preview, type Row } from './support.ts'

const files = importFolder()
let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(async () => {
  await database.drop()
  files.remove()
})

const HEADER = [
  'id_number',
  'name',
  'sex',
  'birth_day',
  'phone',
  'address',
  'household_number',
  'town',
  'scheme',
  'category',
  'tier',
  'coverage_from',
  'coverage_until',
  'card_number',
  'card_issued_on',
] as const
type Column = (typeof HEADER)[number]
type Cells = Partial<Record<Column, string | number>>

/** Invented persons beyond those of the template: their numbers come from the generator. */
const person = (index: number) =>
  generatePerson(50_000 + index, { benefitYear: 2026, today: '2026-06-15' })
const row = (index: number, some: Cells = {}): Row => {
  const one = person(index)
  const cells: Cells = {
    id_number: one.idNumber,
    name: one.name,
    sex: one.sex === 'male' ? '男' : '女',
    birth_day: one.birthDay,
    phone: one.phone,
    address: one.address,
    household_number: `户${index}`,
    town: one.town,
    scheme: 'rural',
    category: 'resident-adult',
    tier: 'A',
    coverage_from: '2025-01-01',
    card_number: one.cards[0]?.number ?? '',
    card_issued_on: '2025-01-01',
    ...some,
  }
  return HEADER.map((column) => cells[column] ?? '')
}
const file = (...rows: Row[]): string => files.csv([HEADER, ...rows])

describe('persons from a file', () => {
  it('are found by ID number and card, covered, with a position and nothing in it', async () => {
    const { idNumber, cards, name } = person(1)
    expect((await commit(database.url, 'persons', file(row(1)))).counts).toStrictEqual(
      counts({ new: 1 }),
    )
    const index = VAULT.blindIndex(idNumber).toString('hex')
    for (const [kind, value] of [
      ['id-number', index],
      ['card', cards[0]?.number ?? ''],
    ] as const) {
      const [found] = await database.sql`
        select found as person
          from read_entitlements(${[kind]}, ${[value]}, '{2026-06-15}', '{"{}"}')`
      expect(found?.person).toMatchObject({
        name,
        coverage: { scheme: 'rural', tier: 'A', status: 'in-force' },
        position: { version: '0', years: [] },
        householdPosition: { version: '0', years: [] },
      })
    }
  })

  it('are stored with their number, phone and address sealed', async () => {
    const { idNumber, phone, address } = person(1)
    const [found] = await database.sql`
      select person_id as "personId", id_number_cipher as id, phone_cipher as phone,
             address_cipher as address
        from person where id_number_index = ${VAULT.blindIndex(idNumber)}`
    expect(VAULT.decrypt(found?.id, `person/id_number/${found?.personId}`)).toBe(idNumber)
    expect(VAULT.decrypt(found?.phone, `person/phone/${found?.personId}`)).toBe(phone)
    expect(VAULT.decrypt(found?.address, `person/address/${found?.personId}`)).toBe(address)
    expect(Buffer.from(found?.id).includes(idNumber)).toBe(false)
  })

  it('come in once, and a second file adds the next coverage', async () => {
    expect((await commit(database.url, 'persons', file(row(1)))).counts).toStrictEqual(
      counts({ unchanged: 1 }),
    )
    const moved = file(row(1, { coverage_from: '2026-01-01', tier: 'B' }))
    expect((await commit(database.url, 'persons', moved)).counts).toStrictEqual(
      counts({ extended: 1 }),
    )
    const periods = await database.sql`
      select tier, period::text from coverage_period join person using (person_id)
       where id_number_index = ${VAULT.blindIndex(person(1).idNumber)} order by period`
    expect(periods).toMatchObject([
      { tier: 'A', period: '[2025-01-01,2026-01-01)' },
      { tier: 'B', period: '[2026-01-01,)' },
    ])
    expect((await commit(database.url, 'persons', file(row(1)))).counts).toStrictEqual(
      counts({ unchanged: 1 }),
    )
  })

  it('share a household under one number', async () => {
    const together = { household_number: '同户', town: '周巷镇' }
    await commit(database.url, 'persons', file(row(11, together), row(12, together)))
    const [households] = await database.sql`
      select count(distinct household_id) from person where id_number_index in
        (${VAULT.blindIndex(person(11).idNumber)}, ${VAULT.blindIndex(person(12).idNumber)})`
    expect(households?.count).toBe(1n)
  })

  it('keep rare characters, and have one way of writing the dot', async () => {
    await commit(database.url, 'persons', file(row(13, { name: '阿依古丽•买买提㛃𠅤䶮' })))
    const [found] = await database.sql`
      select name from person where id_number_index = ${VAULT.blindIndex(person(13).idNumber)}`
    expect(found?.name).toBe('阿依古丽·买买提㛃𠅤䶮')
  })

  it('lose a number that a spreadsheet stored as a figure: the row is refused', async () => {
    const figure = Number.parseInt('330282199001011234', 10)
    const workbook = await files.xlsx([HEADER, row(14, { id_number: figure })])
    const report = await preview(database.url, 'persons', workbook)
    expect(report.faults.map((fault) => fault.code)).toContain('cell-digits-lost')
  })

  it.each<[string, Cells, string]>([
    ['a 15-digit number', { id_number: '330282900101123' }, 'id-number-15-digits'],
    [
      'a wrong check digit',
      { id_number: wrongCheck(person(20).idNumber) },
      'id-number-check-digit',
    ],
    ['letters for a number', { id_number: 'ABC' }, 'id-number-form'],
    ['a 30th of February', { id_number: '330282199002301234' }, 'id-number-form'],
    ['no number', { id_number: '' }, 'cell-missing'],
    ['no name', { name: '' }, 'cell-missing'],
    ['a name of 101 characters', { name: '长'.repeat(101) }, 'cell-too-long'],
    ['another birth day', { birth_day: '1950-01-01' }, 'id-number-birth-day'],
    ['another sex', { sex: person(20).sex === 'male' ? '女' : '男' }, 'id-number-sex'],
    ['a scheme unknown', { scheme: '商业' }, 'choice-unknown'],
    ['a category of the other scheme', { scheme: 'employee' }, 'category-not-for-scheme'],
    ['no tier for an adult resident', { tier: '' }, 'tier-not-for-category'],
    ['coverage without a first day', { coverage_from: '' }, 'cell-missing'],
    ['coverage that ends first', { coverage_until: '2024-01-01' }, 'period-order'],
    ['a card number too short', { card_number: '7123' }, 'cell-form'],
    ['a household without a town', { town: '' }, 'cell-missing'],
    ['a telephone of letters', { phone: 'call me' }, 'cell-form'],
  ])('are refused with %s', async (_, some, code) => {
    const report = await preview(database.url, 'persons', file(row(20, some)))
    expect(Object.keys(report.refusedBy)).toHaveLength(1)
    expect(report.faults.map((fault) => fault.code)).toContain(code)
    expect(report.faults.every((fault) => fault.value === null)).toBe(true)
  })

  it.each<[string, () => Row[], string]>([
    ['the same person twice', () => [row(21), row(21)], 'duplicate-in-file'],
    [
      'the card of another',
      () => [row(22, { card_number: person(1).cards[0]?.number ?? '' })],
      'card-of-another-person',
    ],
    [
      'a second active card',
      () => [row(1, { card_number: person(23).cards[0]?.number ?? '' })],
      'card-active-already',
    ],
    ['another name for a known number', () => [row(1, { name: '改名' })], 'version-differs'],
    [
      'coverage over that of another day',
      () => [row(1, { coverage_from: '2024-06-01', coverage_until: '2025-06-01' })],
      'version-overlaps',
    ],
  ])('are refused with %s', async (_, rows, code) => {
    const report = await preview(database.url, 'persons', file(...rows()))
    expect(report.refusedBy).toStrictEqual({ [code]: 1 })
  })

  it('are named in the table of faults by row only', async () => {
    const report = await preview(database.url, 'persons', file(row(24, { name: '' })))
    const table = `${files.folder}/faults.csv`
    writeFaults(table, report.faults)
    const text = readFileSync(table, 'utf8')
    expect(text).toContain('cell-missing')
    expect(text).not.toContain(person(24).idNumber)
  })
})

function wrongCheck(idNumber: string): string {
  const last = idNumber.endsWith('5') ? '6' : '5'
  return idNumber.slice(0, 17) + last
}
