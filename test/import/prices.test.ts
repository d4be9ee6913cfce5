/** Institutions' price lists come in dated, once, and running servers hear of it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { day } from '../../server/kernel/calendar.ts'
import { openCatalogue } from '../../server/store/catalogue.ts'
import { openStore } from '../../server/store/store.ts'
import { HOSPITAL, SHOP } from '../support/area-seed.ts'
import { applicationUrl, type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'
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
beforeEach(async () => {
  await database.sql`delete from institution_item where starts_with(local_code, 'L')`
})

const HEADER = [
  'institution_code',
  'local_code',
  'item_code',
  'local_name',
  'unit_price',
  'valid_from',
  'valid_until',
] as const
type Column = (typeof HEADER)[number]
const GOOD: Readonly<Record<Column, string>> = {
  institution_code: SHOP,
  local_code: 'L001',
  item_code: 'ITEM-UNMAPPED',
  local_name: '阿莫西林胶囊(本店)',
  unit_price: '12.50',
  valid_from: '2026-01-01',
  valid_until: '',
}
const price = (some: Partial<Record<Column, string>> = {}): Row =>
  HEADER.map((column) => ({ ...GOOD, ...some })[column])
const file = (...rows: Row[]): string => files.csv([HEADER, ...rows])
const stored = () => database.sql`
  select local_code as code, period::text, trim_scale(unit_price)::text as price
    from institution_item where starts_with(local_code, 'L') order by local_code, period`

describe('a price list', () => {
  it('is only looked at in a preview', async () => {
    const report = await preview(database.url, 'prices', file(price()))
    expect(report).toMatchObject({ profile: 'own-prices', committed: false })
    expect(report.counts).toStrictEqual(counts({ new: 1 }))
    expect(await stored()).toHaveLength(0)
  })

  it('comes in once: the same file again changes nothing', async () => {
    const twice = file(price(), price({ institution_code: HOSPITAL, unit_price: '11' }))
    const first = await commit(database.url, 'prices', twice)
    expect(first.counts).toStrictEqual(counts({ new: 2 }))
    const again = await commit(database.url, 'prices', twice)
    expect(again.counts).toStrictEqual(counts({ unchanged: 2 }))
    expect(await stored()).toHaveLength(2)
  })

  it('ends the open price the day before a new one, and overwrites nothing', async () => {
    await commit(database.url, 'prices', file(price()))
    const next = file(price({ valid_from: '2026-07-01', unit_price: '9.90' }))
    const report = await commit(database.url, 'prices', next)
    expect(report.counts).toStrictEqual(counts({ extended: 1 }))
    expect([...(await stored())]).toStrictEqual([
      { code: 'L001', period: '[2026-01-01,2026-07-01)', price: '12.5' },
      { code: 'L001', period: '[2026-07-01,)', price: '9.9' },
    ])
  })

  it('reads the same from a workbook and under Chinese headers', async () => {
    await commit(database.url, 'prices', file(price()))
    const chinese = ['机构编码', '院内编码', '医保目录编码', '院内名称', '单价', '有效起始日']
    for (const other of [
      await files.xlsx([HEADER, price()]),
      files.csv([chinese, price().slice(0, 6)]),
    ]) {
      const report = await preview(database.url, 'prices', other)
      expect(report.faults).toStrictEqual([])
      expect(report.counts).toStrictEqual(counts({ unchanged: 1 }))
    }
  })

  it('holds through the day that a 终止日 names, and up to the one that a 失效日 names', async () => {
    const header = ['机构编码', '院内编码', '医保目录编码', '院内名称', '单价', '有效起始日']
    const row = price().slice(0, 6)
    const dated = (name: string, end: string) =>
      files.csv([
        [...header, name],
        [...row, end],
      ])
    await commit(database.url, 'prices', dated('有效终止日', '2026-12-31'))
    expect((await stored())[0]?.period).toBe('[2026-01-01,2027-01-01)')
    const same = await preview(database.url, 'prices', dated('失效日', '2027-01-01'))
    expect(same.counts).toStrictEqual(counts({ unchanged: 1 }))
  })

  it('tells faults by the header of the file and the code of the row', async () => {
    const header = ['机构编码', '院内编码', '医保目录编码', '院内名称', '单价', '有效起始日']
    const rows = [price({ unit_price: '十元' }), price({ local_code: 'L002' })]
    const twice = price({ local_code: 'L002', unit_price: '13' })
    const chinese = files.csv([header, ...[...rows, twice].map((row) => row.slice(0, 6))])
    const report = await preview(database.url, 'prices', chinese)
    expect(report.faults).toMatchObject([
      { rowNo: 2, column: '单价', value: '十元' },
      { rowNo: 3, value: expect.stringMatching(/L002 · 见第 4 行/) },
      { rowNo: 4, value: expect.stringMatching(/L002 · 见第 3 行/) },
    ])
  })

  it('is known to a running server without a restart', async () => {
    const store = openStore({ url: applicationUrl(database.url), connectionsMax: 2 })
    const catalogue = openCatalogue(store.sql)
    const mappedPrice = async () =>
      (await catalogue.mapped(SHOP, day('2026-06-15'))).get('ITEM-UNMAPPED')?.[0]?.unitPrice
    try {
      await store.onReferenceChange(() => catalogue.refresh())
      expect(await mappedPrice()).toBeUndefined()
      await commit(database.url, 'prices', file(price()))
      await until('the price is known', async () => (await mappedPrice()) !== undefined)
      expect(await mappedPrice()).toBe('12.5')
    } finally {
      await store.close()
    }
  })

  it('of ten thousand rows tells its progress row by row', async () => {
    const rows = Array.from({ length: 10_000 }, (_, n) => price({ local_code: `L${n}X` }))
    const told: number[] = []
    const onRow = (done: number) => void told.push(done)
    const report = await commit(database.url, 'prices', file(...rows), { onRow })
    expect(report.counts).toStrictEqual(counts({ new: 10_000 }))
    expect(told).toHaveLength(10_000)
    expect(told.at(-1)).toBe(10_000)
  })

  it.each([
    ['institution_code', 'P99999999999', 'institution-unknown'],
    ['institution_code', 'P1', 'cell-form'],
    ['local_code', '', 'cell-missing'],
    ['local_code', 'A B', 'cell-form'],
    ['item_code', 'NOBODY-KNOWS', 'item-unknown'],
    ['item_code', 'ITEM-EXPIRED', 'item-not-in-force'],
    ['local_name', '', 'cell-missing'],
    ['unit_price', '', 'cell-missing'],
    ['unit_price', '0.00', 'amount-zero'],
    ['unit_price', '-1', 'amount-form'],
    ['unit_price', '1,200.00', 'amount-form'],
    ['valid_from', '', 'cell-missing'],
    ['valid_from', '2026/1/1', 'day-form'],
    ['valid_until', '2025-01-01', 'period-order'],
  ] as const)('refuses a row whose %s is "%s": %s', async (column, value, code) => {
    const report = await preview(database.url, 'prices', file(price({ [column]: value })))
    expect(report.refusedBy).toStrictEqual({ [code]: 1 })
    expect(report.faults).toMatchObject([{ rowNo: 2, column, code }])
  })
})
