/**
 * A list of old sales sold again at a real till against a real centre. Items carry no trace code,
 * so that nothing here hangs on when codes became a duty.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../db/embedded/ports.ts'
import { generatePeople } from '../../fixtures/people/generate.ts'
import { type ReplayErrand, replayList } from '../../pos-client/cli-replay.ts'
import type { CliResult } from '../../pos-client/cli-results.ts'
import { readConfig } from '../../pos-client/config.ts'
import { openTill } from '../../pos-client/till.ts'
import { add, formatMoney, parseMoney, sum } from '../../server/kernel/money.ts'
import { type LosingProxy, startLosingProxy } from '../pos-client/losing-proxy.ts'
import { type Centre, removeCentre, startCentre } from '../support/centre.ts'
import { listOf } from './lists.ts'

let folder: string
let centre: Centre
let proxy: LosingProxy
let cardList: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'))
  const dataDir = join(folder, 'centre')
  const port = await freePort()
  centre = await startCentre({ dataDir, port, persons: 60, env: { RATE_PER_SECOND: '20' } })
  proxy = await startLosingProxy(centre.url)
  const written = await readFile(join(dataDir, 'demo-cards.txt'), 'utf8')
  // Whom the centre would refuse is another test's subject.
  cardList = written.split('\n').filter(isOfInsured).join('\n')
}, 240_000)
afterAll(async () => {
  await proxy?.close()
  await centre?.stop()
  await removeCentre(join(folder, 'centre'))
  await rm(folder, { recursive: true, force: true })
})

const INSURED = [...generatePeople(60, { benefitYear: 2026, today: '2026-11-24' })]
  .filter(({ coverage }) => coverage?.status === 'in-force')
  .flatMap(({ cards }) => cards.map(({ number }) => number))
const isOfInsured = (card: string): boolean => INSURED.includes(card)

type ReportRow = Record<
  'row' | 'state' | 'settlement_number' | 'total' | 'fund' | 'account' | 'cash' | 'code' | 'key',
  string
>
type Replayed = { readonly result: CliResult; readonly rows: ReportRow[] }

/** Replays at a till with a journal of that name; a new name is a till that knows nothing. */
async function replay(
  list: Uint8Array,
  journal: string,
  given: Partial<ReplayErrand> = {},
): Promise<Replayed> {
  const config = readConfig({
    SERVER_URL: proxy.url,
    TERMINAL_FILE: join(folder, 'centre', 'terminal.json'),
    TILL_DATA_DIR: join(folder, journal),
  })
  const till = await openTill(config, { patienceMs: Number.POSITIVE_INFINITY })
  const reportFile = join(folder, `${journal}.csv`)
  const operator = 'P33028200001-C1'
  const errand = { operator, wait: '20', list, cardList, parallel: 4, unmatched: null, reportFile }
  try {
    const result = await replayList(till, { ...errand, ...given })
    const text = await readFile(reportFile, 'utf8')
    return { result, rows: parse(text, { columns: true }) as ReportRow[] }
  } finally {
    await till.close()
  }
}

const states = ({ rows }: Replayed) => rows.map(({ state, code }) => `${state} ${code}`.trim())
const numbers = ({ rows }: Replayed) => rows.map((one) => one.settlement_number)
const yuan = (rows: readonly ReportRow[], column: 'total' | 'fund' | 'account' | 'cash') =>
  formatMoney(sum(rows.map((one) => parseMoney(one[column]))))

describe.sequential('an old list, sold again', () => {
  const LIST = listOf([
    { sale_date: '2018-03-05', quantity: '-2', received_yuan: '-7' }, // comes after its sale
    { sale_date: '2018-03-01', quantity: '3', received_yuan: '10' },
    { sale_date: '2018-03-02', quantity: '1', received_yuan: '5.55' },
    { sale_date: '2018-02-29' },
    { sale_date: '2018-03-06', quantity: '-9' }, // more than was ever sold
    { card_no_masked: '*******77', quantity: '-1' }, // another card sold nothing
    { product_name: '蜂蜜', quantity: '20', received_yuan: '2.4' },
    { quantity: '0', received_yuan: '0' },
  ])
  let first: Replayed

  it('settles sales at their day and price, and returns against what was sold', async () => {
    first = await replay(LIST, 'first')
    expect(states(first)).toEqual([
      'returned',
      'settled',
      'settled',
      'refused day-invalid',
      'refused sale-missing',
      'refused sale-missing',
      'settled',
      'refused quantity-zero',
    ])
    expect(first.rows.map(({ total }) => total)).toEqual([
      '-6.67', // of three for 10.00, one stays: 3.33
      '10.00',
      '5.55',
      '',
      '',
      '',
      '2.40',
      '',
    ])
    expect(first.result.exitCode).toBe(0)
  })

  it('the totals are the sums of the rows, and funds, accounts and cash make the total', () => {
    const settled = first.rows.filter(({ state }) => state === 'settled')
    const amounts = {
      total: yuan(settled, 'total'),
      fund: yuan(settled, 'fund'),
      account: yuan(settled, 'account'),
      cash: yuan(settled, 'cash'),
    }
    expect(first.result.value).toMatchObject({
      rows: 8,
      settled: 3,
      returned: 1,
      refused: 4,
      settledAmounts: amounts,
      refusedByCode: { 'day-invalid': 1, 'sale-missing': 2, 'quantity-zero': 1 },
    })
    expect(amounts.total).toBe('17.95')
    const parts = [amounts.fund, amounts.account, amounts.cash].map(parseMoney)
    expect(formatMoney(add(...parts))).toBe('17.95')
  })

  it('names what the catalogue does not know, and not what it knows', () => {
    expect(first.result.text).toContain('洗手液 ×2')
    expect(first.result.text).not.toContain('蜂蜜')
  })

  it('replayed again, at this till or after its disk was lost, settles nothing twice', async () => {
    expect(numbers(await replay(LIST, 'first'))).toEqual(numbers(first))
    const anew = await replay(LIST, 'new-disk')
    expect(anew.rows).toEqual(first.rows)
  })

  it('a longer list settles only what is new in it', async () => {
    const longer = listOf([
      { row_no: '2', sale_date: '2018-03-01', quantity: '3', received_yuan: '10' },
      { row_no: '9', quantity: '1', received_yuan: '1' },
    ])
    const [known, added] = numbers(await replay(longer, 'longer'))
    expect(known).toBe(numbers(first)[1])
    expect(numbers(first)).not.toContain(added)
  })

  it('with other cards under the same keys is refused rather than sold a second time', async () => {
    const others = cardList.split('\n').toReversed().join('\n')
    const replayed = await replay(LIST, 'other-cards', { cardList: others })
    expect(replayed.rows[1]).toMatchObject({ state: 'refused', code: 'key-conflict' })
  })
})

describe.sequential('a replay on a bad day', () => {
  const rows = (product: string, count: number) =>
    listOf(
      Array.from({ length: count }, (_, index) => ({
        card_no_masked: `*******${index % 7}`,
        product_name: product,
      })),
    )

  it('faster than the terminal may ask, waits and gives nothing up', async () => {
    const { result } = await replay(rows('快', 150), 'fast', { parallel: 8 })
    expect(result.value).toMatchObject({ settled: 150, refused: 0, unknown: 0 })
  }, 240_000)

  it('stops at an unknown outcome, and the same line later settles every row once', async () => {
    const list = rows('断', 12)
    proxy.losing = true
    const cut = await replay(list, 'cut', { wait: '1', parallel: 2 })
    expect(cut.result.exitCode).toBe(3)
    const known = new Set(states(cut))
    expect(known).toEqual(new Set(['unknown outcome-unknown', 'refused not-sent']))
    proxy.losing = false
    const whole = await replay(list, 'cut')
    expect(whole.result.value).toMatchObject({ settled: 12, refused: 0, unknown: 0 })
    expect(new Set(numbers(whole)).size).toBe(12)
    expect(numbers(await replay(list, 'cut-elsewhere'))).toEqual(numbers(whole))
  }, 240_000)

  it('without an operator or without the centre sends nothing', async () => {
    const unsigned = openTill(
      readConfig({
        SERVER_URL: 'http://127.0.0.1:4',
        TERMINAL_FILE: join(folder, 'centre', 'terminal.json'),
        TILL_DATA_DIR: join(folder, 'alone'),
      }),
    )
    const till = await unsigned
    const errand = { wait: '1', list: rows('无', 1), cardList, parallel: 1, unmatched: null }
    const asked = (operator?: string) =>
      replayList(till, { ...errand, operator, reportFile: null }).then(({ value }) => value)
    expect(await asked()).toMatchObject({ notice: { code: 'not-signed-in' } })
    expect(await asked('P33028200001-C1')).toMatchObject({ notice: { code: 'centre-unreached' } })
    expect(till.queue.entries()).toEqual([])
    await till.close()
  })
})
