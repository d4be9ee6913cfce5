import { describe, expect, it } from 'vitest'
import { layOutReceipt } from '../../pos-client/receipt/layout.ts'
import { columnsOf, receiptPage, receiptText, wrap } from '../../pos-client/receipt/render.ts'
import { SettlementAnswer } from '../../server/contract/claims.ts'
import { documentOf } from './entries.ts'

const first = { copy: 1, tendered: null }
const textOf = (document = documentOf(), options: Parameters<typeof layOutReceipt>[1] = first) =>
  receiptText(layOutReceipt(document, options) ?? [])

describe('a pharmacy receipt', () => {
  it.each([
    '演示大药房',
    'P33028200001',
    '0574-55550040',
    '330282-20261124-00001000-4',
    '2026-11-24 09:45:49', // Asia/Shanghai
    'C001',
    '胡*波',
    '****1830',
    '城镇职工',
    '在职',
    '药店购药',
    'RX1',
    '阿莫西林胶囊(阿莫仙) 0.5g',
    '演示药厂',
    '批号 26081203 有效期至 2028-07-31',
    '2 盒 × 20.83',
    '乙类 先行自付比例 5% 限价超出 1.66',
    '追溯码尾号 456789',
    '人民币肆拾壹元陆角陆分',
    '统筹基金',
    '基金支付合计',
    '参保人签字',
    '退货须凭本单',
  ])('names %s', (words) => {
    expect(textOf()).toContain(words)
  })

  it('names the limit that a line does not meet, in words', () => {
    const [line] = documentOf().lines
    if (line === undefined) throw new Error('no line')
    const notes = [{ code: 'limit-not-met', detail: 'level-min 2' }]
    const text = textOf(documentOf({ lines: [{ ...line, notes }] }))
    expect(text).toContain('不符合限定支付范围:限二级及以上医疗机构')
    expect(text).not.toContain('level-min')
  })

  it('prints policy and digest in rows of their own, neither of them broken', () => {
    const id = '330282-employee-outpatient@2025-01-01'
    const digest = '0123456789abcdef'.repeat(2)
    const rows = textOf(documentOf({ policyVersions: [`${id}#${digest}`] })).split('\n')
    expect(rows).toContain(`政策 ${id}`)
    expect(rows).toContain(`  #${digest}`)
  })

  it.each([
    ['no prescription', ['no-prescription'], {}, '注:无处方,不进入统筹'],
    ['the deductible', [], {}, '注:起付线尚余 900.00 元,满后基金才支付'],
    ['the ceiling', [], { ceilingYearly: '0.00' }, '注:年度限额已用完,基金不再支付'],
  ])('says why the fund pays nothing: %s', (_, codes, left, words) => {
    const { lines, payers, remaining } = documentOf()
    const [line] = lines
    if (line === undefined) throw new Error('no line')
    const unpaid = documentOf({
      lines: [{ ...line, notes: codes.map((code) => ({ code, detail: '' })) }],
      payers: { ...payers, 'pooling-fund': '0.00', cash: '23.66' },
      remaining: { ...remaining, ...left },
    })
    expect(textOf(unpaid)).toContain(words)
    expect(textOf(documentOf())).not.toContain('注:')
  })

  it.each([
    ['in_scope_expense', '门诊限额(政策范围内费用)尚余'],
    ['fund_pay', '门诊限额(统筹基金支付)尚余'],
    [undefined, '年度限额尚余'], // an answer of before
  ] as const)('names what is left of the year’s limit by what it counts: %s', (on, words) => {
    const { remaining } = documentOf()
    const told = on === undefined ? remaining : { ...remaining, ceilingOn: on }
    expect(textOf(documentOf({ remaining: told }))).toMatch(
      new RegExp(`^${words.replaceAll(/[()]/g, '.')} +5000\\.00$`, 'm'),
    )
  })

  it('of an answer that knows no batch names none', () => {
    const { lines, ...rest } = documentOf()
    const older = { ...rest, lines: lines.map(({ batch: _, ...line }) => line) }
    const text = textOf(SettlementAnswer.parse(older))
    expect(text).toContain('阿莫西林胶囊')
    expect(text).not.toContain('批号')
  })

  it('shows prices with two decimals at least, and class C as wholly self-paid', () => {
    const lines = documentOf().lines.map((line) => ({
      ...line,
      catalogueClass: 'C' as const,
      unitPrice: '20.8',
    }))
    const text = textOf(documentOf({ lines }))
    expect(text).toContain('2 盒 × 20.80')
    expect(text).toContain('丙类 全自费')
  })

  it('leaves out funds that pay nothing', () => {
    expect(textOf()).not.toContain('大病保险')
  })

  it('keeps every row within 48 columns, a Chinese character taking two', () => {
    for (const row of textOf().split('\n')) expect(columnsOf(row)).toBeLessThanOrEqual(48)
    expect(columnsOf('㛃𠅤a')).toBe(5)
    expect(wrap('一二三', 4)).toEqual(['一二', '三'])
  })

  it('is marked and numbered when printed again, and only then', () => {
    expect(textOf()).not.toContain('补打')
    expect(textOf(documentOf(), { copy: 3, tendered: null })).toContain('(补打第 2 次)')
  })

  it('gives change to the fen', () => {
    const text = textOf(documentOf(), { copy: 1, tendered: '5' })
    expect(text).toMatch(/实收 +5\.00/)
    expect(text).toMatch(/找零 +1\.34/)
  })

  const { totals, payers } = documentOf()
  it.each([
    ['the four parts', documentOf({ totals: { ...totals, inScope: '38.01' } })],
    ['the payers', documentOf({ payers: { ...payers, cash: '3.65' } })],
    ['the lines', documentOf({ lines: [] })],
  ])('is not printed when the total differs from %s', (_, document) => {
    expect(layOutReceipt(document, first)).toBeNull()
  })

  it('escapes what others wrote, and carries the number as a QR code', async () => {
    const document = documentOf({ prescriptionNumber: '<script>x</script>' })
    const page = await receiptPage(layOutReceipt(document, first) ?? [], 'x')
    expect(page).not.toContain('<script>')
    expect(page).toContain('<svg')
  })
})
