/** The demo area in a real database: complete, readable, repeatable, and whole after a fault. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createDatabase } from '../../db/embedded.ts'
import { migrateDatabase } from '../../db/migrate.ts'
import { demoFacts, type SeedReport, seedDemo } from '../../db/seed.ts'
import { loadInstitutions } from '../../fixtures/institutions/load.ts'
import { generatePerson } from '../../fixtures/people/generate.ts'
import { SITUATIONS } from '../../fixtures/people/situations.ts'
import { demoBanner } from '../../server/demo.ts'
import { INSTITUTION_KINDS } from '../../server/kernel/words.ts'
import { VAULT } from '../support/area-seed.ts'
import { connect, onServer, projectRoot } from '../support/postgres.ts'

const fixturesRoot = new URL('../../fixtures/', import.meta.url)
const NAME = `seed_${process.pid}`
let url = ''
let sql: ReturnType<typeof connect>

const seed = (persons: number): Promise<SeedReport> =>
  seedDemo({
    url,
    vault: VAULT,
    persons,
    clockToday: '2026-06-15',
    benefitYear: 2026,
    fixturesRoot,
  })

const without = (table: string, column: string): string =>
  `where not exists (select from ${table} o where o.${column} = t.${column})`

const count = async (table: string): Promise<bigint> => {
  const [row] = await sql.unsafe(`select count(*) from ${table}`)
  return row?.count
}

it('what the start tells of the first card opens the same person by all three ways', () => {
  const { cards, firstHolder } = demoFacts(fixturesRoot, 'P33028200001')
  const { cards: held, ...person } = generatePerson(0, { today: '2026-06-15', benefitYear: 2026 })
  expect(held.map(({ number }) => number)).toContain(cards[0]?.cardNumber)
  expect(person).toMatchObject(firstHolder)
  const told = demoBanner('http://centre', projectRoot).join('\n')
  for (const way of Object.values(firstHolder)) expect(told).toContain(way)
})

beforeAll(async () => {
  const admin = inject('postgresUrl')
  url = await createDatabase(admin, NAME)
  await migrateDatabase(url, projectRoot)
  sql = connect(url)
})
afterAll(async () => {
  await sql.end({ timeout: 1 })
  await onServer(inject('postgresUrl'), `drop database ${NAME} with (force)`)
})

describe('seeding the demo area', () => {
  it('leaves nothing of a round that breaks a constraint half way', async () => {
    await sql`insert into person (person_id, name, name_pinyin, sex, birth_day, id_number_cipher,
        id_number_index)
      values ('00000000-0000-7000-8000-000000000001', '占号', 'zh', 'M', '1980-01-01', '\\x00',
        ${VAULT.blindIndex('none')})`
    await sql`insert into voucher
      select 'EV-TAKEN', person_id, '2099-01-01T00:00Z' from person`
    await sql`update voucher set token = ${tokenOfFirst()}`

    await expect(seed(40)).rejects.toThrow(/voucher_pkey/)
    expect(await count('person')).toBe(1n)
    expect(await count('position')).toBe(0n)
    expect(await count('household')).toBe(0n)

    await sql`delete from voucher`
  })

  it('takes a seed that was cut short up again, whatever persons were imported since', async () => {
    const report = await seed(2000)
    expect(report).toMatchObject({ referenceSeeded: false, personsBefore: 0, personsAdded: 2000 })
    expect(await count('person')).toBe(2001n)
  })

  it('finds everything there at the second time and adds nothing', async () => {
    const report = await seed(2000)
    expect(report).toStrictEqual({
      referenceSeeded: false,
      personsBefore: 2000,
      personsAdded: 0,
      policiesAdded: 0,
    })
  })

  it('appends what is missing of a larger number, by index', async () => {
    const report = await seed(20_000)
    expect(report).toMatchObject({ personsBefore: 2000, personsAdded: 18_000 })
    expect(await count('person')).toBe(20_001n)
    expect(await count('voucher')).toBe(20_000n)
    expect(await count('(select distinct id_number_index from person)')).toBe(20_001n)
  }, 240_000)

  it.each([
    ['institutions', 60n, 'institution'],
    ['pharmacies', 20n, "institution where kind = 'pharmacy'"],
    ['agreements', 60n, 'agreement'],
    ['suspensions', 1n, 'suspension'],
    ['policy documents', 2n, 'policy_version'],
    ['drug versions', 1091n, "catalogue_item where kind = 'drug'"],
    ['service versions', 223n, "catalogue_item where kind = 'service'"],
    ['material versions', 37n, "catalogue_item where kind = 'material'"],
    ['terminals without a key', 0n, `terminal t ${without('terminal_key', 'terminal_id')}`],
    ['institutions without till', 0n, `institution t ${without('terminal', 'institution_code')}`],
    ['empty price lists', 0n, `institution t ${without('institution_item', 'institution_code')}`],
    ['items without a price', 0n, 'institution_item where unit_price <= 0'],
    [
      'seeded persons without a position',
      0n,
      "person p where name <> '占号' and not exists " +
        '(select from position where owner_id = p.person_id)',
    ],
    [
      'households without a position',
      0n,
      'household h where not exists (select from position where owner_id = h.household_id)',
    ],
    [
      'balances off their opening',
      0n,
      'year_balances where openings_fen <> amounts_fen or version <> 0',
    ],
    ['persons who cannot be searched', 0n, "person where name_pinyin !~ '^[a-z]+$'"],
    ['items that cannot be searched', 0n, "catalogue_item where pinyin_initials !~ '^[a-z0-9 ]+$'"],
  ])('of %s there are %i', async (_, expected, table) => {
    expect(await count(table)).toBe(expected)
  })
})

describe('the named persons, read as the centre reads them', () => {
  it.each(SITUATIONS.map((one) => [one.key, one] as const))(
    '%s is found by card with a position',
    async (_, situation) => {
      const found = await entitlement('card', situation.cardNumber)
      expect(found.name).toBe(situation.name)
      expect(found.position).not.toBeNull()
      const byIdNumber = VAULT.blindIndex(situation.idNumber).toString('hex')
      expect((await entitlement('id-number', byIdNumber)).personId).toBe(found.personId)
    },
  )

  it.each([
    ['active-under-45', 'in-force', 'active'],
    ['arrears', 'arrears', 'active'],
    ['suspended', 'suspended', 'active'],
    ['waiting-period', 'waiting', 'active'],
    ['lost-card', 'in-force', 'lost'],
    ['reissued-card', 'in-force', 'active'],
    ['coverage-ended', undefined, 'active'],
    ['never-enrolled', undefined, 'active'],
  ])('%s has coverage %s and a card that is %s', async (key, status, card) => {
    const found = await entitlement('card', cardOf(key))
    expect(found.coverage?.status).toBe(status)
    expect(found.cardStatus).toBe(card)
  })

  it.each([
    ['ceiling-reached', ['rural', 2026, 'outpatient-in-scope-spent', '500000']],
    ['near-ceiling', ['rural', 2026, 'outpatient-in-scope-spent', '499000']],
    ['self-pay-segment-full', ['employee', 2026, 'outpatient-self-pay-borne', '90000']],
    ['big-balance', ['employee', 0, 'past-year-account', '12345678']],
  ])('%s opens with the balance its name says', async (key, balance) => {
    const found = await entitlement('card', cardOf(key))
    expect(balancesOf(found.position.years)).toContainEqual(balance)
  })

  it('gives a household account to the household, not to its head', async () => {
    const found = await entitlement('card', cardOf('rural-household-spouse'))
    expect(found.householdPosition.years).toStrictEqual([
      [0, ['rural/household-account'], ['12000']],
    ])
    expect(found.position.years).toStrictEqual([])
  })

  it('enters every institution as the kind that the table names', async () => {
    const rows = await sql<{ code: string; kind: string }[]>`
      select institution_code as code, kind from institution order by institution_code`
    const named = loadInstitutions().map(({ code, kind }) => ({ code, kind }))
    expect(rows).toEqual(named.sort((a, b) => (a.code < b.code ? -1 : 1)))
    const kinds = new Set(rows.map(({ kind }) => kind))
    expect(kinds).toEqual(new Set(INSTITUTION_KINDS))
  })

  it.each([
    ['arrears', '2026-03-01', '2026-02-28', '2018-03-01'],
    ['suspended', '2026-04-01', '2026-03-31', '2018-03-01'],
  ])('%s began on %s; the days before are covered', async (key, since, before, in2018) => {
    const { coverage } = await entitlement('card', cardOf(key))
    expect([coverage.status, coverage.from, coverage.until]).toEqual([key, since, null])
    expect((await entitlement('card', cardOf(key), before)).coverage.status).toBe('in-force')
    expect((await entitlement('card', cardOf(key), in2018)).coverage.status).toBe('in-force')
  })

  it('waiting ends on a day that is told, and from it on insurance pays', async () => {
    const { coverage } = await entitlement('card', cardOf('waiting-period'))
    expect([coverage.status, coverage.until]).toEqual(['waiting', '2026-12-01'])
    const after = await entitlement('card', cardOf('waiting-period'), coverage.until)
    expect(after.coverage.status).toBe('in-force')
  })

  it('the lost card was reported some days ago, not on the day it was issued', async () => {
    const { cardStatusSince } = await entitlement('card', cardOf('lost-card'))
    expect(cardStatusSince.slice(0, 10)).toBe('2026-05-26')
  })

  it('covers a service day of 2018, so that sales of that year can be replayed', async () => {
    const found = await entitlement('card', cardOf('active-under-45'), '2018-03-01')
    expect(found.coverage.status).toBe('in-force')
  })
})

const situationOf = (key: string) => {
  const found = SITUATIONS.find((one) => one.key === key)
  if (found === undefined) throw new Error(`no situation ${key}`)
  return found
}
const cardOf = (key: string): string => situationOf(key).cardNumber

/** Years as the centre reads them, unfolded into one row per balance. */
const balancesOf = (years: [number, string[], string[]][]) =>
  years.flatMap(([year, slots, amounts]) =>
    slots.map((slot, index) => {
      const [scheme, kind] = slot.split('/')
      return [scheme, year, kind, amounts[index]]
    }),
  )

async function entitlement(kind: string, value: string, onDay = '2026-06-15') {
  const [row] = await sql`
    select found
      from read_entitlements(${[kind]}, ${[value]}, ${[onDay]}::text[]::date[], '{"{}"}')`
  return row?.found
}

const tokenOfFirst = (): string =>
  generatePerson(0, { benefitYear: 2026, today: '2026-06-15' }).voucherToken
