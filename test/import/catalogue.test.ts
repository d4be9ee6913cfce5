/** Catalogues come in as dated versions, once, and never half. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
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
beforeEach(async () => {
  await database.sql`delete from catalogue_item where starts_with(item_code, 'TEST')`
  await database.sql`delete from catalogue_item where starts_with(item_code, 'NRDL')`
})

const HEADER = [
  'code',
  'generic_name',
  'pack_unit',
  'units_per_pack',
  'class',
  'preliminary_ratio',
  'price_ceiling',
  'prescription',
  'barcode',
  'limit_kind',
  'limit_value',
  'valid_from',
  'valid_until',
] as const
type Column = (typeof HEADER)[number]
const GOOD: Readonly<Record<Column, string>> = {
  code: 'TEST000001',
  generic_name: '阿莫西林胶囊',
  pack_unit: '盒',
  units_per_pack: '24',
  class: 'A',
  preliminary_ratio: '',
  price_ceiling: '12.50',
  prescription: 'rx',
  barcode: '6909000007139',
  limit_kind: '',
  limit_value: '',
  valid_from: '2024-01-01',
  valid_until: '',
}
const drug = (some: Partial<Record<Column, string>> = {}): Row =>
  HEADER.map((column) => ({ ...GOOD, ...some })[column])
const file = (...rows: Row[]): string => files.csv([HEADER, ...rows])

const stored = () => database.sql`
  select item_code as code, period::text, catalogue_class as class, pinyin_initials as initials
    from catalogue_item where starts_with(item_code, 'TEST') order by item_code, period`
const audits = async () => {
  const [row] = await database.sql`select count(*) from audit_event where operation = 'import'`
  return row?.count
}

describe('a catalogue file', () => {
  it('is only looked at in a preview', async () => {
    const report = await preview(database.url, 'catalogue', file(drug()))
    expect(report).toMatchObject({ profile: 'own-drugs', committed: false, rowsRead: 1 })
    expect(report.counts).toStrictEqual(counts({ new: 1 }))
    expect(await stored()).toHaveLength(0)
  })

  it('comes in once: the same file again changes nothing and leaves no event', async () => {
    const twice = file(drug(), drug({ code: 'TEST000002' }))
    const before = await audits()
    expect((await commit(database.url, 'catalogue', twice)).counts).toStrictEqual(
      counts({ new: 2 }),
    )
    expect((await commit(database.url, 'catalogue', twice)).counts).toStrictEqual(
      counts({ unchanged: 2 }),
    )
    expect(await stored()).toHaveLength(2)
    expect(await audits()).toBe(before + 1n)
  })

  it('ends the open version where a later one begins, and knows both files again', async () => {
    const first = file(drug())
    const later = file(drug({ valid_from: '2025-07-01', price_ceiling: '9.90' }))
    await commit(database.url, 'catalogue', first)
    const report = await commit(database.url, 'catalogue', later)
    expect(report.counts).toStrictEqual(counts({ extended: 1 }))
    expect((await stored()).map((row) => row.period)).toStrictEqual([
      '[2024-01-01,2025-07-01)',
      '[2025-07-01,)',
    ])
    for (const again of [first, later]) {
      const report = await commit(database.url, 'catalogue', again)
      expect(report.counts).toStrictEqual(counts({ unchanged: 1 }))
    }
  })

  it('reads the same from a workbook, from GB18030 and under Chinese headers', async () => {
    const workbook = await files.xlsx([HEADER, drug()])
    const header = '目录编码,通用名,包装单位,包装数量,类别,限价,处方,条形码,有效起始日\n'
    const row = 'TEST000001,阿莫西林胶囊,盒,24,甲类,12.50,rx,6909000007139,2024-01-01\n'
    // GB18030 as a spreadsheet on Chinese Windows writes it; Node has no encoder of its own.
    const gb = files.bytes(gb18030(header + row))
    await commit(database.url, 'catalogue', file(drug()))
    for (const other of [workbook, gb, files.bytes(`\ufeff${header}${row}`)]) {
      const report = await preview(database.url, 'catalogue', other)
      expect(report.faults).toStrictEqual([])
      expect(report.counts).toStrictEqual(counts({ unchanged: 1 }))
    }
  })

  it('takes a difference over only where a correction is asked for', async () => {
    await commit(database.url, 'catalogue', file(drug()))
    const other = file(drug({ class: 'C', valid_until: '2027-01-01' }))
    const refused = await commit(database.url, 'catalogue', other)
    expect(refused.refusedBy).toStrictEqual({ 'version-differs': 1 })
    expect(refused.committed).toBe(false)
    const corrected = await commit(database.url, 'catalogue', other, { correct: true })
    expect(corrected.counts).toStrictEqual(counts({ corrected: 1 }))
    expect(await stored()).toMatchObject([{ period: '[2024-01-01,2027-01-01)', class: 'C' }])
  })

  it('is not committed with refused rows unless somebody says to skip them', async () => {
    const mixed = file(drug(), drug({ code: 'TEST000002', class: 'D' }))
    expect((await commit(database.url, 'catalogue', mixed)).committed).toBe(false)
    expect(await stored()).toHaveLength(0)
    const skipped = await commit(database.url, 'catalogue', mixed, { skipRefused: true })
    expect(skipped.counts).toStrictEqual(counts({ new: 1, refused: 1 }))
    expect(await stored()).toHaveLength(1)
  })

  it('makes drugs findable by the initials of their names', async () => {
    await commit(database.url, 'catalogue', file(drug()))
    expect(await stored()).toMatchObject([{ initials: 'amxljn' }])
  })

  it.each([
    ['code', '', 'cell-missing'],
    ['code', 'x', 'cell-form'],
    ['generic_name', '', 'cell-missing'],
    ['generic_name', '阿莫西林\u202e胶囊', 'cell-control-character'],
    ['generic_name', '长'.repeat(2001), 'cell-too-long'],
    ['units_per_pack', '0', 'cell-form'],
    ['units_per_pack', '-3', 'cell-form'],
    ['class', '', 'class-missing'],
    ['class', '丁类', 'choice-unknown'],
    ['class', 'B', 'share-missing'],
    ['preliminary_ratio', '1.5', 'ratio-form'],
    ['preliminary_ratio', '10%', 'ratio-form'],
    ['price_ceiling', '12,50', 'amount-form'],
    ['price_ceiling', '-1', 'amount-form'],
    ['price_ceiling', '1e3', 'amount-form'],
    ['prescription', 'maybe', 'choice-unknown'],
    ['barcode', '12', 'cell-form'],
    ['limit_kind', 'weather', 'choice-unknown'],
    ['limit_value', 'F', 'limit-form'],
    ['valid_from', '2025-02-29', 'day-form'],
    ['valid_from', '', 'cell-missing'],
    ['valid_until', '2023-01-01', 'period-order'],
  ] as const)('refuses a row whose %s is "%s": %s', async (column, value, code) => {
    const report = await preview(database.url, 'catalogue', file(drug({ [column]: value })))
    expect(report.faults.map((fault) => fault.code)).toContain(code)
    expect(report.counts).toStrictEqual(counts({ refused: 1 }))
  })

  it.each([
    ['a row twice', [drug(), drug()], 'duplicate-in-file'],
    [
      'a version inside another',
      [drug({ valid_until: '2026-01-01' }), drug({ valid_from: '2025-01-01' })],
      'version-overlaps',
    ],
    ['cells beyond the header', [[...drug(), 'more']], 'row-width'],
  ])('refuses %s', async (_, rows, code) => {
    const report = await preview(database.url, 'catalogue', file(...rows))
    expect(report.refusedBy).toStrictEqual({ [code]: 1 })
  })
})

describe('a key that stands twice in a file', () => {
  it('with the same contents is taken once, and the repeat names the row it repeats', async () => {
    const report = await preview(database.url, 'catalogue', file(drug(), drug()))
    expect(report.counts).toStrictEqual(counts({ new: 1, refused: 1 }))
    expect(report.faults).toMatchObject([{ rowNo: 3, value: expect.stringContaining('2') }])
  })

  it('with other contents is taken from neither row, for nobody can tell which', async () => {
    const twice = file(drug(), drug({ generic_name: '阿莫西林颗粒' }))
    const report = await preview(database.url, 'catalogue', twice)
    expect(report.refusedBy).toStrictEqual({ 'duplicate-differs': 2 })
  })
})

describe('public lists', () => {
  const LIST = ['id', 'part', 'drug_name', 'dosage_form', 'class', 'payment_restriction']
  const list = [
    [...LIST, 'payment_standard', 'agreement_period'],
    ['1', 'western', '糠甾醇', '口服常释剂型', '乙类', '限二级及以上医疗机构。', '', ''],
    [
      '2',
      'negotiated_western',
      '注射用艾普',
      '注射剂',
      '乙类',
      '',
      '63.00元(10mg/支)',
      '2024年1月1日至2025年12月31日',
    ],
    ['3', 'herbal_covered', '阿胶', '', '', '', '', ''],
    ['4', 'herbal_excluded', '白糖参', '', '', '', '', ''],
  ]
  const given = { decisions: { shareB: '0.10' }, skipRefused: true }

  it('the national drug list gives entries with ceiling, limit and agreement', async () => {
    const report = await commit(database.url, 'catalogue', files.csv(list), given)
    expect(report.refusedBy).toStrictEqual({ 'class-missing': 1 })
    const rows = await database.sql`
      select item_code as code, period::text, catalogue_class as class, limits,
             trim_scale(preliminary_ratio)::text as share,
             trim_scale(price_ceiling)::text as ceiling
        from catalogue_item where starts_with(item_code, 'NRDL') order by item_code`
    expect(rows).toMatchObject([
      {
        code: 'NRDL2024-0001',
        class: 'B',
        share: '0.1',
        limits: [{ kind: 'level-min', level: 2 }],
      },
      { code: 'NRDL2024-0002', period: '[2024-01-01,2026-01-01)', ceiling: '63' },
      { code: 'NRDL2024-0004', class: 'C', share: null },
    ])
  })

  it('product codes take the class of their list entry, or are refused', async () => {
    await commit(database.url, 'catalogue', files.csv(list), given)
    const codes = files.csv([
      ['national_drug_code', 'category_part', 'drug_name', 'rules'],
      ['XA02AXX095A001010103357', 'western', '糠甾醇片', '限定性别对象=女；限定支付疗程=14天'],
      ['XA02AXX095A001010103358', 'western', '不在目录片', ''],
    ])
    const report = await commit(database.url, 'catalogue', codes, given)
    expect(report.refusedBy).toStrictEqual({ 'class-unknown-by-name': 1 })
    const [row] = await database.sql`
      select catalogue_class as class, limits, note from catalogue_item
       where item_code = 'XA02AXX095A001010103357'`
    expect(row).toStrictEqual({
      class: 'B',
      limits: [{ kind: 'sex', sex: 'F' }],
      note: '限定支付疗程=14天',
    })
  })

  it('a list of codes and names never ends a version that says more', async () => {
    await commit(database.url, 'catalogue', file(drug({ code: '001102000010000' })))
    const names = files.csv([
      ['item_code', 'legacy_code', 'item_name', 'category_name', 'name_variants'],
      ['001102000010000', '1', '普通门诊诊查费', '诊查', ''],
    ])
    const report = await commit(database.url, 'catalogue', names, {
      decisions: { catalogueClass: 'C' },
    })
    expect(report.refusedBy).toStrictEqual({ 'version-known-fully': 1 })
  })
})

/** Encodes by asking the decoder which two bytes give each character. */
function gb18030(text: string): Buffer {
  const decoder = new TextDecoder('gb18030')
  const bytesOf = new Map<string, number[]>()
  for (let high = 0x81; high <= 0xfe; high += 1) {
    for (let low = 0x40; low <= 0xfe; low += 1) {
      bytesOf.set(decoder.decode(Uint8Array.of(high, low)), [high, low])
    }
  }
  return Buffer.from([...text].flatMap((c) => bytesOf.get(c) ?? [c.charCodeAt(0)]))
}
