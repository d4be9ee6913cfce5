/** Opening balances are credited through the posting door, each once, whoever imports the file. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import { formatMoney } from '../../server/kernel/money.ts'
import {
  type Area,
  callerAt,
  cardOf,
  claimFor,
  situation,
  smallArea,
  writeKey,
} from '../support/area.ts'
import { balancesOf, rowCounts, rowsAdded } from '../support/books.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { commit, counts, importFolder, preview, type Row } from './support.ts'

const files = importFolder()
let database: FreshDatabase
let area: Area
beforeAll(async () => {
  database = await freshDatabase()
  area = await smallArea(database.url)
})
afterAll(async () => {
  await area.close()
  await database.drop()
  files.remove()
})

const HEADER: Row = ['card_number', 'id_number', 'account', 'amount', 'reason']
const file = (...rows: Row[]): string => files.csv([HEADER, ...rows])
const byCard = (key: string, amount: string, account = '当年账户', reason = '期初余额'): Row => [
  cardOf(key),
  '',
  account,
  amount,
  reason,
]
const credit = (path: string, skipRefused = false) =>
  commit(database.url, 'balances', path, { books: area.runtime, skipRefused })

describe('opening balances', () => {
  it('are only counted in a preview', async () => {
    const before = await rowCounts(database.sql)
    const report = await preview(database.url, 'balances', file(byCard('balance-zero', '10')))
    expect(report.counts).toStrictEqual(counts({ new: 1 }))
    expect(report.credits?.now).toBe(1000n)
    expect(rowsAdded(before, await rowCounts(database.sql))).toStrictEqual({})
  })

  it('raise exactly the accounts named, with journal, movement, key and event each', async () => {
    const { idNumber } = situation('retired')
    const before = await rowCounts(database.sql)
    const zero = await balancesOf(database.sql, 'balance-zero')
    const retired = await balancesOf(database.sql, 'retired')
    const rows = file(
      byCard('balance-zero', '123.45'),
      byCard('balance-zero', '1000', '历年账户'),
      ['', idNumber, 'past-year-account', '0.01', '期初余额'],
    )
    const report = await credit(rows)
    expect(report.counts).toStrictEqual(counts({ new: 3 }))
    expect(report.credits && formatMoney(report.credits.now)).toBe('1123.46')
    expect(await balancesOf(database.sql, 'balance-zero')).toMatchObject({
      '2026/current-year-account': (zero['2026/current-year-account'] ?? 0n) + 12345n,
      '0/past-year-account': (zero['0/past-year-account'] ?? 0n) + 100000n,
    })
    expect((await balancesOf(database.sql, 'retired'))['0/past-year-account']).toBe(
      (retired['0/past-year-account'] ?? 0n) + 1n,
    )
    const added = rowsAdded(before, await rowCounts(database.sql))
    expect(added).toMatchObject({ journal: 3, year_movement: 3, idempotency: 3, audit_event: 3 })
  })

  it('are credited once: the same file again moves nothing and says so', async () => {
    const rows = file(byCard('active-under-45', '50'), byCard('big-balance', '60', '历年账户'))
    await credit(rows)
    const before = await rowCounts(database.sql)
    const report = await credit(rows)
    expect(report.counts).toStrictEqual(counts({ unchanged: 2 }))
    expect(report.credits).toStrictEqual({ now: 0n, before: 11000n })
    expect(rowsAdded(before, await rowCounts(database.sql))).toStrictEqual({})
  })

  it('of a mended file credit only the rows that were refused before', async () => {
    const faulty = file(byCard('active-over-45', '70'), byCard('civil-servant', '7O'))
    expect((await credit(faulty)).committed).toBe(false)
    expect((await credit(faulty, true)).counts).toStrictEqual(counts({ new: 1, refused: 1 }))
    const mended = file(byCard('active-over-45', '70.00'), byCard('civil-servant', '70'))
    expect((await credit(mended)).counts).toStrictEqual(counts({ new: 1, unchanged: 1 }))
  })

  it('are not credited again with another amount for the same reason', async () => {
    await credit(file(byCard('dotted-name', '80', '历年账户')))
    const report = await credit(file(byCard('dotted-name', '90', '历年账户')))
    expect(report.refusedBy).toStrictEqual({ 'credited-otherwise': 1 })
    const other = file(byCard('dotted-name', '10', '历年账户', '期初余额补差'))
    expect((await credit(other)).counts).toStrictEqual(counts({ new: 1 }))
  })

  it('of two imports at the same moment are credited once', async () => {
    const rows = file(
      ...['retired', 'big-balance', 'civil-servant'].map((p) => byCard(p, '5', undefined, '同时')),
    )
    const reports = await Promise.all([credit(rows), credit(rows)])
    const total = reports.reduce((all, { counts: one }) => all + one.new, 0)
    expect(total).toBe(3)
  })

  it('go on where the person buys something meanwhile', async () => {
    const rows = file(byCard('active-under-45', '5', '历年账户', '买药同时'))
    const input = claimFor('active-under-45', [{ item: 'plain' }])
    const [report] = await Promise.all([
      credit(rows),
      settleClaim(area.runtime, callerAt(), writeKey(input), input),
    ])
    expect(report.counts).toStrictEqual(counts({ new: 1 }))
  })

  it('of a household are one account for all its members', async () => {
    const rows = file(byCard('rural-household-spouse', '30', '家庭账户'))
    expect((await credit(rows)).counts).toStrictEqual(counts({ new: 1 }))
    const again = file(byCard('rural-household-head', '30', '家庭账户'))
    expect((await credit(again)).counts).toStrictEqual(counts({ unchanged: 1 }))
  })

  it.each<[string, () => Row[], string, number]>([
    [
      'a card nobody holds',
      () => [['799999999999999999', '', '当年账户', '1', '期初']],
      'person-unknown',
      1,
    ],
    ['neither card nor number', () => [['', '', '当年账户', '1', '期初']], 'holder-missing', 1],
    [
      'a wrong ID number',
      () => [['', '330282199002301234', '当年账户', '1', '期初']],
      'id-number-form',
      1,
    ],
    [
      'the card of one and the number of another',
      () => [[cardOf('retired'), situation('student').idNumber, '当年账户', '1', '期初']],
      'card-of-another-person',
      1,
    ],
    ['an account unknown', () => [byCard('retired', '1', '余额宝')], 'choice-unknown', 1],
    ['no amount', () => [byCard('retired', '')], 'cell-missing', 1],
    ['nothing', () => [byCard('retired', '0.00')], 'amount-zero', 1],
    ['less than nothing', () => [byCard('retired', '-5')], 'money-form', 1],
    ['a tenth of a fen', () => [byCard('retired', '1.005')], 'money-form', 1],
    ['no reason', () => [byCard('retired', '1', undefined, '')], 'cell-missing', 1],
    [
      'a row twice',
      () => [byCard('retired', '9', undefined, 'x'), byCard('retired', '9.0', undefined, 'x')],
      'duplicate-in-file',
      1,
    ],
    [
      'two amounts for one account',
      () => [byCard('retired', '9', undefined, 'x'), byCard('retired', '8', undefined, 'x')],
      'credit-differs',
      2,
    ],
    [
      'the household account of nobody',
      () => [byCard('balance-zero', '9', '家庭账户')],
      'account-not-held',
      1,
    ],
    [
      'accounts that residents do not hold',
      () => [byCard('student', '9'), byCard('student', '9', '历年账户')],
      'account-not-held',
      2,
    ],
    [
      'somebody who was never enrolled',
      () => [byCard('never-enrolled', '9', '历年账户')],
      'account-not-held',
      1,
    ],
    [
      'this year’s account of somebody covered until last year',
      () => [byCard('coverage-ended', '9')],
      'account-not-held',
      1,
    ],
    [
      'the household account of a resident without household',
      () => [byCard('resident-tier-a', '9', '家庭账户')],
      'household-missing',
      1,
    ],
  ])('are refused with %s', async (_, rows, code, times) => {
    const report = await preview(database.url, 'balances', file(...rows()))
    expect(report.refusedBy).toStrictEqual({ [code]: times })
    const shown = JSON.stringify(report.faults)
    expect(shown).not.toContain(cardOf('retired'))
    expect(shown).not.toContain(situation('student').idNumber)
  })

  it('leave the books without a breach', async () => {
    expect(await checkInvariants(database.url)).toStrictEqual([])
  })
})
