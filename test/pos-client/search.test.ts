import { describe, expect, it } from 'vitest'
import { SITUATIONS } from '../../fixtures/people/situations.ts'
import { identityIn, simulatedSource } from '../../pos-client/devices/identity.ts'
import { openWedge } from '../../pos-client/devices/wedge.ts'
import { type CartLine, priceCart } from '../../pos-client/local-api/claims.ts'
import { openSearch, scanKindOf } from '../../pos-client/local-api/search.ts'
import { entryOf } from './entries.ts'

const amoxicillin = entryOf({})
const clavulanate = entryOf({
  itemCode: 'DEMO000002',
  localCode: 'L2',
  genericName: '阿莫西林克拉维酸钾片',
  brandName: null,
  barcode: '6909002100005',
  pinyinInitials: 'amxlklwsjp',
  pinyinFull: 'amoxilinkelaweisuanjiapian',
})
const ibuprofen = entryOf({
  itemCode: 'DEMO000003',
  localCode: 'L3',
  genericName: '布洛芬缓释胶囊',
  brandName: '芬必得',
  barcode: null,
  pinyinInitials: 'blfhsjn',
  pinyinFull: 'buluofenhuanshijiaonang',
})
const search = openSearch([clavulanate, ibuprofen, amoxicillin])

it('an item under two local codes is sold at the price of the one that was chosen', () => {
  const large = entryOf({ localCode: 'L9', unitPrice: '55.00' })
  const both = openSearch([amoxicillin, large])
  expect(both.find('amxl')).toEqual([amoxicillin, large])
  const { itemCode } = large
  const priced = (localCode?: string) => {
    const line: CartLine = { itemCode, unit: 'pack', quantity: '2', traceCodes: [] }
    const lines = [localCode === undefined ? line : { ...line, localCode }]
    return priceCart({ lines, prescription: null }, both)?.total
  }
  const [first, chosen] = [priced(), priced('L9')]
  expect(chosen).toBe('110.00')
  expect(first).toBe(priced(amoxicillin.localCode))
  expect(first).not.toBe(chosen)
})

describe('finding an item', () => {
  it.each([
    ['pinyin initials', 'amxl', ['DEMO000001', 'DEMO000002']],
    ['initials in capitals and full width', 'ＡＭＸＬ', ['DEMO000001', 'DEMO000002']],
    ['full pinyin', 'buluofen', ['DEMO000003']],
    ['Chinese', '西林', ['DEMO000001', 'DEMO000002']],
    ['a brand', '芬必得', ['DEMO000003']],
    ['the code', 'DEMO000002', ['DEMO000002']],
    ['the bar code', '6909002107134', ['DEMO000001']],
    ['nothing that exists', 'zzz', []],
    ['nothing', ' ', []],
  ])('by %s', (_, query, codes) => {
    expect(search.find(query).map((entry) => entry.itemCode)).toEqual(codes)
  })

  it('gives at most eight rows of five thousand', () => {
    const many = openSearch(
      Array.from({ length: 5000 }, (_, index) => entryOf({ itemCode: `DEMO${100000 + index}` })),
    )
    expect(many.find('amxl')).toHaveLength(8)
    expect(many.find('jiaonang')).toHaveLength(8)
  })

  it.each([
    ['81234567890123456789', 'trace-code'],
    ['6909002107134', 'barcode'],
    ['5909002107134', 'text'],
    ['amxl', 'text'],
  ])('takes %s for a %s', (text, kind) => {
    expect(scanKindOf(text)).toBe(kind)
  })
})

describe('the one identity field', () => {
  it.each(SITUATIONS.slice(0, 5).map(({ cardNumber }) => cardNumber))('knows card %s', (card) => {
    expect(identityIn(card)).toEqual({ kind: 'card', number: card })
  })
  it.each([
    ['110101199003070038', 'id-number'],
    ['11010119900307003x', 'id-number'],
    ['EV3302820123ABCD0123ABCD0123', 'voucher'],
  ])('takes %s for a %s', (text, kind) => {
    expect(identityIn(text)?.kind).toBe(kind)
  })
  it.each(['', '123', '卡'])('takes %j for nothing', (text) => {
    expect(identityIn(text)).toBeNull()
  })
  it('hears a reader that is not a keyboard', () => {
    const source = simulatedSource()
    const heard: string[] = []
    const end = source.onRead((text) => heard.push(text))
    source.read('733028212718281830')
    end()
    source.read('later')
    expect(heard).toEqual(['733028212718281830'])
  })
})

describe('a keyboard wedge', () => {
  const typed = (text: string, gapMs: number) => {
    const wedge = openWedge()
    const keys = [...text, 'Enter']
    return keys.map((key, index) => wedge.press({ key, atMs: 1000 + index * gapMs })).at(-1)
  }
  it('is told from a person by its pace', () => {
    expect(typed('733028212718281830', 5)).toBe('733028212718281830')
    expect(typed('733028212718281830', 150)).toBeNull()
  })
})
