/** Diagnoses and towns come in dated, once, and a code with two names comes in with neither. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { connect, type FreshDatabase, freshDatabase } from '../support/postgres.ts'
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
  await database.sql`truncate diagnosis, town`
})

const ICD: Row = [
  'icd_code_raw',
  'icd_code',
  'dagger_asterisk',
  'name',
  'pinyin_code',
  'disease_group',
]
const icd = (code: string, name: string, dagger = ''): Row => [code, code, dagger, name, '', '霍乱']
const OWN: Row = ['版本', '诊断编码', '诊断名称', '类别', '有效起始日']

describe('diagnoses', () => {
  it('of the ICD-10 extension come in with initials, once', async () => {
    const file = files.csv([
      ICD,
      icd('A00.051', '古典型霍乱'),
      icd('A01.003', '伤寒性脑膜炎', 'dagger'),
    ])
    const report = await commit(database.url, 'diagnoses', file)
    expect(report).toMatchObject({ profile: 'icd-10-extension', counts: counts({ new: 2 }) })
    expect([
      ...(await database.sql`
      select code, kind, name, pinyin_initials as initials, note, period::text
        from diagnosis order by code`),
    ]).toStrictEqual([
      {
        code: 'A00.051',
        kind: 'disease',
        name: '古典型霍乱',
        initials: 'gdxhl',
        note: '霍乱',
        period: '[2026-01-01,)',
      },
      {
        code: 'A01.003',
        kind: 'disease',
        name: '伤寒性脑膜炎',
        initials: 'shxnmy',
        note: 'dagger; 霍乱',
        period: '[2026-01-01,)',
      },
    ])
    const again = await commit(database.url, 'diagnoses', file)
    expect(again.counts).toStrictEqual(counts({ unchanged: 2 }))
  })

  it('with one code for two diseases are refused, both rows, each naming the other', async () => {
    const file = files.csv([
      ICD,
      icd('Y28.951', '砍伤'),
      icd('A00.051', '霍乱'),
      icd('Y28.951', '意外刺伤'),
    ])
    const report = await commit(database.url, 'diagnoses', file, { skipRefused: true })
    expect(report.counts).toStrictEqual(counts({ new: 1, refused: 2 }))
    expect(report.faults).toMatchObject([
      { rowNo: 2, code: 'duplicate-differs', value: expect.stringContaining('4') },
      { rowNo: 4, code: 'duplicate-differs', value: expect.stringContaining('2') },
    ])
  })

  it('of two editions may share a code', async () => {
    const categories = files.csv([
      ['category_type', 'category_code', 'category_name', 'merged_name'],
      ['西医诊断', 'A01.', '伤寒和副伤寒', '传染病'],
      ['中医诊断', 'A01.', '外感病', '中医类疾病'],
    ])
    const report = await commit(database.url, 'diagnoses', categories)
    expect(report.counts).toStrictEqual(counts({ new: 2 }))
    expect(await database.sql`select from diagnosis where code = 'A01'`).toHaveLength(2)
  })

  it('get another name from a day on, and keep the one before', async () => {
    const version = (name: string, from: string) =>
      files.csv([OWN, ['国家版', 'M01102', name, '门诊慢特病', from]])
    await commit(database.url, 'diagnoses', version('再生障碍贫血', '2025-01-01'))
    const report = await commit(database.url, 'diagnoses', version('再生障碍性贫血', '2026-07-01'))
    expect(report.counts).toStrictEqual(counts({ extended: 1 }))
    const versions = await database.sql`select name, period::text from diagnosis order by period`
    expect([...versions]).toStrictEqual([
      { name: '再生障碍贫血', period: '[2025-01-01,2026-07-01)' },
      { name: '再生障碍性贫血', period: '[2026-07-01,)' },
    ])
  })

  it('are corrected where asked, with what was before in the event', async () => {
    const version = (name: string) =>
      files.csv([OWN, ['国家版', 'M01102', name, '门诊慢特病', '2025-01-01']])
    await commit(database.url, 'diagnoses', version('再生障碍贫血'))
    await commit(database.url, 'diagnoses', version('再生障碍性贫血'), { correct: true })
    const [row] = await database.sql`select name, pinyin_initials as initials from diagnosis`
    expect(row).toStrictEqual({ name: '再生障碍性贫血', initials: 'zszaxpx' })
    const [event] = await database.sql`
      select detail from audit_event where operation = 'import' order by event_id desc limit 1`
    expect(event?.detail.changes).toMatchObject([
      { before: { name: '再生障碍贫血' }, after: { name: '再生障碍性贫血' } },
    ])
  })

  it.each([
    ['no code', icd('', '霍乱'), 'cell-missing'],
    ['a code of another form', icd('霍乱1', '霍乱'), 'cell-form'],
    ['no name', icd('A00.051', ''), 'cell-missing'],
    ['a name of 201 characters', icd('A00.051', '长'.repeat(201)), 'cell-form'],
  ])('are refused with %s', async (_, row, code) => {
    const report = await preview(database.url, 'diagnoses', files.csv([ICD, row]))
    expect(report.refusedBy).toStrictEqual({ [code]: 1 })
  })
})

describe('towns', () => {
  const HEADER: Row = [
    'street_code',
    'street_name',
    'county_code',
    'county_name',
    'city_code',
    'city_name',
  ]
  const town = (code: string, name: string, county = '330282'): Row => [
    code,
    name,
    county,
    '慈溪市',
    '3302',
    '宁波市',
  ]

  it('of the area come in by kind, those of other areas are passed over', async () => {
    const file = files.csv([
      HEADER,
      town('330282004', '浒山街道'),
      town('330282121', '周巷镇'),
      town('330282402', '滨海经济开发区'),
      town('330102001', '清波街道', '330102'),
    ])
    const report = await commit(database.url, 'towns', file)
    expect(report.counts).toStrictEqual(counts({ new: 3 }))
    expect(report.passedOver).toBe(1)
    expect([
      ...(await database.sql`select town_code as code, kind, pinyin_initials as initials
      from town order by 1`),
    ]).toStrictEqual([
      { code: '330282004', kind: 'street', initials: 'hsjd' },
      { code: '330282121', kind: 'town', initials: 'zxz' },
      { code: '330282402', kind: 'zone', initials: 'bhjjkfq' },
    ])
    const again = await commit(database.url, 'towns', file)
    expect(again.counts).toStrictEqual(counts({ unchanged: 3 }))
  })

  it('of a whole city come in where the area is the city', async () => {
    const file = files.csv([
      HEADER,
      town('330282004', '浒山街道'),
      town('330203001', '月湖街道', '330203'),
    ])
    const report = await preview(database.url, 'towns', file, { decisions: { areaCode: '330200' } })
    expect(report.counts).toStrictEqual(counts({ new: 2 }))
  })

  it('are refused where the county does not fit the code', async () => {
    const file = files.csv([HEADER, town('330282004', '浒山街道', '330102')])
    const report = await preview(database.url, 'towns', file)
    expect(report.refusedBy).toStrictEqual({ 'county-differs': 1 })
  })
})

it('the application may read both tables and write neither', async () => {
  const sql = connect(database.url, 1)
  try {
    await sql`set role settlement_app`
    for (const table of ['diagnosis', 'town']) {
      await expect(sql`select from ${sql(table)}`).resolves.toHaveLength(0)
      await expect(sql`delete from ${sql(table)}`).rejects.toThrow('permission denied')
    }
  } finally {
    await sql.end({ timeout: 1 })
  }
})
