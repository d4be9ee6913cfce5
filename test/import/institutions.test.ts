/** Institutions and their agreements from a file. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { INSTITUTION_KINDS } from '../../server/kernel/words.ts'
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

const HEADER: Row = [
  'code',
  'name',
  'kind',
  'level',
  'tier',
  'town',
  'agreement_from',
  'agreement_until',
]
const file = (...rows: Row[]): string => files.csv([HEADER, ...rows])
const agreements = (code: string) => database.sql`
  select period::text from agreement where institution_code = ${code} order by period`

describe('institutions from a file', () => {
  it('come in with their agreement, and again change nothing', async () => {
    const one = file(['P33028200901', '测试药房', 'pharmacy', '', '', '浒山街道', '2024-01-01', ''])
    expect((await commit(database.url, 'institutions', one)).counts).toStrictEqual(
      counts({ new: 1 }),
    )
    expect((await commit(database.url, 'institutions', one)).counts).toStrictEqual(
      counts({ unchanged: 1 }),
    )
  })

  it('follow one agreement by the next, without a day of both', async () => {
    const row = ['P33028200902', '测试药房二', 'pharmacy', '', '', '浒山街道']
    await commit(database.url, 'institutions', file([...row, '2024-01-01', '']))
    const next = file([...row, '2026-01-01', '2028-01-01'])
    const report = await commit(database.url, 'institutions', next)
    expect(report.counts).toStrictEqual(counts({ extended: 1 }))
    expect((await agreements('P33028200902')).map((one) => one.period)).toStrictEqual([
      '[2024-01-01,2026-01-01)',
      '[2026-01-01,2028-01-01)',
    ])
  })

  it('change name and level only where a correction is asked for', async () => {
    const before = file(['H33028200903', '旧名医院', 'hospital', '2', '乙', '周巷镇', '', ''])
    const after = file(['H33028200903', '新名医院', 'hospital', '3', '甲', '周巷镇', '', ''])
    await commit(database.url, 'institutions', before)
    const refused = await commit(database.url, 'institutions', after)
    expect(refused.refusedBy).toStrictEqual({ 'version-differs': 1 })
    await commit(database.url, 'institutions', after, { correct: true })
    const [row] = await database.sql`
      select name, level, tier from institution where institution_code = 'H33028200903'`
    expect(row).toStrictEqual({ name: '新名医院', level: 3, tier: 'jia' })
  })

  it.each(INSTITUTION_KINDS)('come in as what they are: %s', async (kind) => {
    const number = String(910 + INSTITUTION_KINDS.indexOf(kind))
    const code = `${kind === 'pharmacy' ? 'P' : 'H'}33028200${number}`
    await commit(
      database.url,
      'institutions',
      file([code, '测试机构', kind, '', '', '浒山街道', '', '']),
    )
    const [row] = await database.sql`select kind from institution where institution_code = ${code}`
    expect(row?.kind).toBe(kind)
  })

  it('of a kind that nobody knows are refused by the table itself', async () => {
    const entered = database.sql`
      update institution set kind = 'spa' where institution_code = 'H33028200903'`
    await expect(entered).rejects.toThrow('institution_kind_known')
  })

  it.each([
    ['no code', ['', '甲药房', 'pharmacy', '', '', '浒山街道', '', ''], 'cell-missing'],
    ['a short code', ['P330282', '甲药房', 'pharmacy', '', '', '浒山街道', '', ''], 'cell-form'],
    [
      'a kind unknown',
      ['P33028200904', '甲药房', '药店', '', '', '浒山街道', '', ''],
      'choice-unknown',
    ],
    [
      'level 4',
      ['H33028200904', '甲医院', 'hospital', '4', '', '浒山街道', '', ''],
      'choice-unknown',
    ],
    [
      'an end before the beginning',
      ['P33028200904', '甲药房', 'pharmacy', '', '', '浒山街道', '2025-01-01', '2024-01-01'],
      'period-order',
    ],
  ])('are refused with %s', async (_, row, code) => {
    const report = await preview(database.url, 'institutions', file(row))
    expect(report.refusedBy).toStrictEqual({ [code]: 1 })
  })

  it('that are mere names get a code only as a provisional one, the same each time', async () => {
    const names = files.csv([
      ['name', 'grade', 'type', 'area_guess'],
      ['慈溪市某某医院', '三级乙等', '综合医院', '慈溪市 330282'],
      ['外地某某中医院', '', '', '宁波市 3302'],
    ])
    const refused = await preview(database.url, 'institutions', names)
    expect(refused.refusedBy).toStrictEqual({ 'institution-code-missing': 2 })
    const given = { decisions: { provisionalCodes: true } }
    const report = await commit(database.url, 'institutions', names, given)
    expect(report.counts).toStrictEqual(counts({ new: 2 }))
    const again = await commit(database.url, 'institutions', names, given)
    expect(again.counts).toStrictEqual(counts({ unchanged: 2 }))
  })
})
