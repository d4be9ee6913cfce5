import { describe, expect, it } from 'vitest'
import { loadDrugs } from '../../fixtures/catalogue/load.ts'
import { cardFor, readCards } from '../../pos-client/replay/cards.ts'
import { keyOfRow } from '../../pos-client/replay/keys.ts'
import { nameOf, openProducts } from '../../pos-client/replay/products.ts'
import { ReplayFileError, readSales } from '../../pos-client/replay/read-sales.ts'
import { REPLAY_REFUSAL_CODES, replayNotice } from '../../pos-client/replay/refusals.ts'
import { day } from '../../server/kernel/calendar.ts'
import { isUuid } from '../../server/kernel/ids.ts'
import { formatMoney } from '../../server/kernel/money.ts'
import { PUBLIC_SALES_NAMES } from '../fixtures/public-sales-names.ts'
import { entryOf } from '../pos-client/entries.ts'
import { listOf } from './lists.ts'

const read = (cells: Parameters<typeof listOf>[0][number]) => readSales(listOf([cells]))[0]
const asBytes = (text: string) => new TextEncoder().encode(text)

describe('a row of an old list', () => {
  it('is a sale at the price that comes to the amount received', () => {
    const sale = read({ quantity: '3', received_yuan: '10' })
    expect(sale).toMatchObject({ kind: 'sale', day: '2018-03-01', unitPrice: '3.333333' })
    expect(sale?.kind === 'sale' && formatMoney(sale.received)).toBe('10.00')
  })

  it('with a negative quantity is a return, whatever amount stands beside it', () => {
    expect(read({ quantity: '-2', received_yuan: '' })).toMatchObject({
      kind: 'return',
      quantity: '2',
    })
  })

  it.each([
    ['row-empty', { row_no: '7', sale_date: '', card_no_masked: '', product_name: '' }],
    ['day-missing', { sale_date: '' }],
    ['day-invalid', { sale_date: '2018-02-29' }],
    ['card-missing', { card_no_masked: '' }],
    ['product-missing', { product_name: '' }],
    ['quantity-invalid', { quantity: '' }],
    ['quantity-invalid', { quantity: '2盒' }],
    ['quantity-zero', { quantity: '0' }],
    ['amount-invalid', { received_yuan: '0' }],
    ['amount-invalid', { received_yuan: '-5' }],
    ['amount-invalid', { received_yuan: '1.005' }],
    ['price-inexact', { quantity: '99999999', received_yuan: '0.01' }],
    ['price-inexact', { quantity: '0.0001', received_yuan: '9999999999' }],
  ])('is refused as %s: %o', (code, cells) => {
    const empty = code === 'row-empty' ? { quantity: '', received_yuan: '' } : {}
    expect(read({ ...empty, ...cells })).toMatchObject({ kind: 'unusable', code })
  })

  it('whose number stood before is refused, so that no two sales share a key', () => {
    const rows = readSales(listOf([{ row_no: '5' }, { row_no: '5' }]))
    expect(rows.map(({ kind }) => kind)).toEqual(['sale', 'unusable'])
  })

  it.each(REPLAY_REFUSAL_CODES)('%s has its number and says so in both languages', (code) => {
    const { number, zh, en } = replayNotice(code)
    expect(number).toMatch(/^T-RPL-1\d\d$/)
    for (const sentence of [...zh, ...en]) expect(sentence).not.toBe('')
  })
})

describe('a file that is no such list', () => {
  it.each([
    ['without the columns', asBytes('a,b\n1,2\n'), 'Columns missing: row_no'],
    ['in another encoding', Uint8Array.of(0xc8, 0xd5, 0xc6, 0xda), 'not UTF-8'],
    ['with ragged rows', asBytes('row_no,sale_date\n1\n'), 'no table'],
  ])('%s is refused as a whole', (_, content, words) => {
    expect(() => readSales(content)).toThrow(ReplayFileError)
    expect(() => readSales(content)).toThrow(words)
  })
})

describe('a product name of the list', () => {
  const items = [
    entryOf({ itemCode: 'D1', genericName: '硝苯地平缓释片(Ⅱ)', brandName: '伲福达' }),
    entryOf({ itemCode: 'D2', genericName: '硝苯地平缓释片(Ⅱ)', brandName: null }),
    entryOf({ itemCode: 'D3', genericName: '卡托普利片', brandName: '开博通' }),
    entryOf({ itemCode: 'D4', genericName: '替米沙坦片', brandName: '立文' }),
    entryOf({ itemCode: 'D5', genericName: '替米沙坦片', brandName: null }),
    entryOf({ itemCode: 'D6', genericName: '阿司匹林肠溶片', brandName: null }),
    entryOf({ itemCode: 'D7', genericName: '缬沙坦氨氯地平片(Ⅰ)', brandName: '倍博特' }),
    entryOf({ itemCode: 'D9', genericName: '未对照商品', brandName: null, catalogueClass: 'C' }),
  ]
  const match = openProducts(items, null)

  it.each([
    ['x硝苯地平缓释片(伲福达)', 'D1'],
    ['G硝苯地平缓释片(II)(6盒/疗程)', 'D2'],
    ['开博通', 'D3'],
    ['**替米沙坦片(立文)', 'D4'],
    ['KG替米沙坦片(6盒/疗程)', 'D5'],
    ['替米沙坦片（欧美宁）', 'D4'], // a brand that the shop does not have: the drug itself
    ['x阿司匹林', 'D6'],
    ['缬沙坦氨氯地平片(I)(倍博特)', 'D7'],
  ])('%s is item %s', (product, itemCode) => {
    expect(match(product)).toEqual({ itemCode, isMatched: true })
  })

  it('that nothing answers to is sold as an item not yet mapped', () => {
    expect(match('洗手液')).toEqual({ itemCode: 'D9', isMatched: false })
    expect(openProducts(items, 'D5')('洗手液')).toEqual({ itemCode: 'D5', isMatched: false })
    expect(openProducts(items.slice(0, 3), null)('洗手液')).toBeNull()
  })

  it('keeps letters that belong to it', () => {
    expect(nameOf('强力VC银翘片').base).toBe('强力vc银翘片')
    expect(nameOf('D替格瑞洛片').base).toBe('替格瑞洛片')
  })
})

describe('the names of the public list', () => {
  const drugs = loadDrugs().filter((drug) => drug.validUntil === null && !drug.hospitalOnly)
  const match = openProducts(
    drugs.map(({ code, genericName, brandName }) =>
      entryOf({ itemCode: code, genericName, brandName }),
    ),
    null,
  )
  const substanceOf = (itemCode: string | undefined) =>
    drugs.find(({ code }) => code === itemCode)?.genericName

  it('are found in the demo catalogue, everyday names apart', () => {
    const unmatched = PUBLIC_SALES_NAMES.filter((name) => match(name)?.isMatched !== true)
    expect(unmatched).toEqual(['三九感冒灵', '双氢克尿塞', '洛丁新'])
  })

  it('are found as the drug that the catalogue lists under them', () => {
    const listed = PUBLIC_SALES_NAMES.map((name) => ({
      name,
      drug: drugs.find(({ otherNames }) => otherNames.includes(name)),
    })).filter(({ name, drug }) => drug !== undefined && match(name)?.isMatched === true)
    expect(listed.length).toBeGreaterThan(40)
    for (const { name, drug } of listed) {
      expect(`${name}: ${substanceOf(match(name)?.itemCode)}`).toBe(`${name}: ${drug?.genericName}`)
    }
  })
})

describe('card and key of a row', () => {
  const TILL = '0198c2f0-7c3e-7b1a-9f00-000000000001'
  const key = keyOfRow(TILL, day('2018-03-01'), 'row')

  it('a masked card is always the same card of the list, and the list is used', () => {
    const cards = readCards('# demo\n73302821000000001\n\n73302821000000002 \n73302821000000003\n')
    const masked = Array.from({ length: 60 }, (_, index) => `*******${index}`)
    const chosen = masked.map((one) => cardFor(one, cards))
    expect(masked.map((one) => cardFor(one, cards))).toEqual(chosen)
    expect(new Set(chosen).size).toBe(3)
  })

  it.each(['', '# nothing\n', '7330282\tx\n'])('the list of cards %j is refused', (text) => {
    expect(() => readCards(text)).toThrow(ReplayFileError)
  })

  it('the key is a UUIDv7 of the day, the same whenever the row is replayed', () => {
    expect(isUuid(key)).toBe(true)
    expect(key[14]).toBe('7')
    expect(Number.parseInt(key.replace('-', '').slice(0, 12), 16)).toBe(1_519_833_600_000)
    expect(keyOfRow(TILL, day('2018-03-01'), 'row')).toBe(key)
  })

  it('another row, another day or another till has another key', () => {
    const other = TILL.replace(/1$/, '2')
    const keys = [
      key,
      keyOfRow(TILL, day('2018-03-01'), 'other'),
      keyOfRow(TILL, day('2018-03-02'), 'row'),
      keyOfRow(other, day('2018-03-01'), 'row'),
    ]
    expect(new Set(keys).size).toBe(4)
  })
})
