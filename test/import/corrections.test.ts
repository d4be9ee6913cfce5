/** What a settlement used does not change behind it, and every other correction leaves a trace. */
import { basename } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reverseSettlement } from '../../server/actions/reverse-settlement.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import {
  type Area,
  callerAt,
  cashierOf,
  claimFor,
  SHOP,
  settled,
  situation,
  smallArea,
  writeKey,
} from '../support/area.ts'
import { VAULT } from '../support/area-seed.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { commit, counts, importFolder, type Row } from './support.ts'

const PERSON = 'resident-tier-a'
const files = importFolder()
let database: FreshDatabase
let area: Area
let saleId = ''
beforeAll(async () => {
  database = await freshDatabase()
  area = await smallArea(database.url)
  const input = claimFor(PERSON, [{ item: 'plain' }])
  saleId = settled(await settleClaim(area.runtime, callerAt(), writeKey(input), input)).settlementId
})
afterAll(async () => {
  await area.close()
  await database.drop()
  files.remove()
})

const item = (code: string, from: string, cls = 'C', until = ''): string =>
  files.csv([
    [
      'code',
      'generic_name',
      'pack_unit',
      'units_per_pack',
      'class',
      'preliminary_ratio',
      'valid_from',
      'valid_until',
    ],
    [code, '测试更正', '盒', '1', cls, cls === 'B' ? '0.1' : '', from, until],
  ])
const price = (from: string, unitPrice: string): string =>
  files.csv([
    ['institution_code', 'local_code', 'item_code', 'local_name', 'unit_price', 'valid_from'],
    [SHOP, 'ITEM-PLAIN', 'ITEM-PLAIN', 'ITEM-PLAIN', unitPrice, from],
  ])
const agreement = (until: string): string =>
  files.csv([
    ['code', 'name', 'kind', 'town', 'agreement_from', 'agreement_until'],
    [SHOP, `测试机构 ${SHOP}`, 'pharmacy', '浒山街道', '2016-01-01', until],
  ])
const coverage = (from: string, tier: string): string => {
  const { idNumber, name } = situation(PERSON)
  const header: Row = ['id_number', 'name', 'scheme', 'category', 'tier', 'coverage_from']
  return files.csv([header, [idNumber, name, 'rural', 'resident-adult', tier, from]])
}
const coverageStart = async (): Promise<string> => {
  const [row] = await database.sql`
    select lower(period)::text as "from" from coverage_period join person using (person_id)
     where id_number_index = ${VAULT.blindIndex(situation(PERSON).idNumber)}
     order by period desc limit 1`
  return row?.from
}
const correct = { correct: true }
const itemVersions = (code: string) => database.sql`
  select period::text, catalogue_class as class from catalogue_item
   where item_code = ${code} order by period`
const lastImport = async () => {
  const [row] = await database.sql`
    select detail from audit_event where operation = 'import' order by event_id desc limit 1`
  return row?.detail
}

describe('what has been settled under is not rewritten', () => {
  it('an item: refused, with the day of the last settlement', async () => {
    const before = await itemVersions('ITEM-PLAIN')
    const report = await commit(
      database.url,
      'catalogue',
      item('ITEM-PLAIN', '2016-01-01'),
      correct,
    )
    expect(report.refusedBy).toStrictEqual({ 'version-used': 1 })
    expect(report.faults[0]?.value).toContain('2026-06-15')
    expect(await itemVersions('ITEM-PLAIN')).toStrictEqual(before)
  })

  it.each(['2016-01-02', '2026-06-15'])('an item, by a version from %s on', async (from) => {
    const report = await commit(database.url, 'catalogue', item('ITEM-PLAIN', from))
    expect(report.refusedBy).toStrictEqual({ 'version-used': 1 })
  })

  it('a price, its institution’s agreement, and the coverage of the person', async () => {
    const start = await coverageStart()
    const reports = [
      await commit(database.url, 'prices', price('2016-01-01', '99'), correct),
      await commit(database.url, 'prices', price('2026-06-01', '99')),
      await commit(database.url, 'institutions', agreement('2026-06-15'), correct),
      await commit(database.url, 'persons', coverage(start, 'B'), correct),
      await commit(database.url, 'persons', coverage('2026-06-15', 'B')),
    ]
    for (const report of reports) {
      expect(report.refusedBy).toStrictEqual({ 'version-used': 1 })
      expect(report.committed).toBe(false)
    }
    expect(reports[4]?.faults[0]?.value).toBeNull()
  })

  it('but an item may be another from the day after, and both are kept', async () => {
    const report = await commit(database.url, 'catalogue', item('ITEM-PLAIN', '2026-06-16'))
    expect(report.counts).toStrictEqual(counts({ extended: 1 }))
    expect([...(await itemVersions('ITEM-PLAIN'))]).toStrictEqual([
      { period: '[2016-01-01,2026-06-16)', class: 'A' },
      { period: '[2026-06-16,)', class: 'C' },
    ])
  })

  it('but an agreement may end after the last settlement', async () => {
    const report = await commit(database.url, 'institutions', agreement('2026-06-16'), correct)
    expect(report.counts).toStrictEqual(counts({ corrected: 1 }))
    expect(await lastImport()).toMatchObject({
      changes: [{ key: `${SHOP} agreement 2016-01-01`, after: { until: '2026-06-16' } }],
    })
  })
})

describe('what nobody settled under', () => {
  it('is corrected in place, and the event names file, row, and what it was before', async () => {
    const file = item('ITEM-CLASS-C', '2016-01-01', 'B')
    const report = await commit(database.url, 'catalogue', file, correct)
    expect(report.counts).toStrictEqual(counts({ corrected: 1 }))
    expect(await lastImport()).toMatchObject({
      file: basename(file),
      fileSha: expect.stringMatching(/^[0-9a-f]{64}$/),
      changes: [
        {
          rowNo: 2,
          key: 'ITEM-CLASS-C 2016-01-01',
          before: { catalogueClass: 'C', preliminaryRatio: null },
          after: { catalogueClass: 'B', preliminaryRatio: '0.1' },
        },
      ],
    })
    const again = await commit(database.url, 'catalogue', file, correct)
    expect(again.counts).toStrictEqual(counts({ unchanged: 1 }))
  })

  it('of a person is kept sealed, for the event shows no personal data', async () => {
    const { idNumber, name } = situation('student')
    const file = files.csv([
      ['id_number', 'name'],
      [idNumber, '改名'],
    ])
    await commit(database.url, 'persons', file, correct)
    const detail = await lastImport()
    expect(JSON.stringify(detail)).not.toContain(name)
    const [{ key, before }] = detail.changes
    const sealed = Buffer.from(before.sealed, 'hex')
    expect(JSON.parse(VAULT.decrypt(sealed, `audit_event/person/${key}`))).toMatchObject({ name })
  })

  it('counts as unused again when the settlement was reversed', async () => {
    const input = { reason: '录入错误', operatorCode: cashierOf(SHOP) }
    settled(await reverseSettlement(area.runtime, callerAt(), writeKey(input), saleId, input))
    const report = await commit(database.url, 'prices', price('2016-01-01', '99'), correct)
    expect(report.counts).toStrictEqual(counts({ corrected: 1 }))
  })

  it('leaves books in which every audit event has its posting', async () => {
    expect(await checkInvariants(database.url)).toStrictEqual([])
  })
})
