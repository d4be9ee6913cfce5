/**
 * Two server processes on one database: what is true of one is true of both together. Once as two
 * centres with a port each, so that each side gets its half; once as two processes of one port.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../db/embedded/ports.ts'
import { newId } from '../../server/kernel/ids.ts'
import {
  cashierOf,
  claimFor,
  newCodes,
  OTHER_SHOP,
  SHOP,
  terminalOf,
  VAULT_KEYS,
} from '../support/area.ts'
import { balancesOf, rowCounts, rowsAdded } from '../support/books.ts'
import { type Centre, startCentre } from '../support/centre.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { codeOf, counted, type Heard, patiently, send } from './sides.ts'

const SETTLE = '/v1/settlements'
const operatorCode = cashierOf(SHOP)
const taking = { operatorCode, reason: '错收' }
const idOf = ({ text }: Heard): string =>
  (JSON.parse(text) as { settlementId: string }).settlementId

async function openCentre(
  databaseUrl: string,
  dataDir: string,
  processes: number,
): Promise<Centre> {
  const env = {
    SERVER_PROCESSES: String(processes),
    RATE_PER_SECOND: '0',
    VAULT_DATA_KEY: VAULT_KEYS.data.toString('hex'),
    VAULT_INDEX_KEY: VAULT_KEYS.index.toString('hex'),
  }
  return startCentre({ dataDir, port: await freePort(), persons: 40, databaseUrl, env })
}

describe.each([
  ['two centres with a port each', [1, 1]],
  ['two processes behind one port', [2]],
])('%s', { timeout: 240_000 }, (_, processes) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'settlement-two-'))
  let database: FreshDatabase
  const centres: Centre[] = []
  const sideOf = (index: number): string => centres[index % centres.length]?.url ?? ''
  beforeAll(async () => {
    database = await freshDatabase()
    for (const [index, count] of processes.entries()) {
      centres.push(await openCentre(database.url, path.join(folder, String(index)), count))
    }
  }, 240_000)
  afterAll(async () => {
    await Promise.all(centres.map((centre) => centre.stop()))
    await database.drop()
    rmSync(folder, { recursive: true, force: true })
  })
  const sell = (index: number, body: unknown, key = newId()): Promise<Heard> =>
    patiently(sideOf(index), { path: SETTLE, body, key })
  const atOnce = (count: number, work: (index: number) => Promise<Heard>): Promise<Heard[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => work(index)))

  it.each([2, 50])('one sale sent %i times at once: one document, one answer to all', async (n) => {
    const body = claimFor('retired', [{ item: 'traced', codes: newCodes(1) }])
    const key = newId()
    const before = await rowCounts(database.sql)
    const heard = await atOnce(n, (index) => sell(index, body, key))
    expect(new Set(heard.map(({ text }) => text)).size).toBe(1)
    expect(heard.filter(({ replayed }) => !replayed)).toHaveLength(1)
    const added = rowsAdded(before, await rowCounts(database.sql))
    expect([added.settlement, added.idempotency, added.audit_event]).toEqual([1, 1, 1])
  })

  it('one card at all tills at once: every sale is paid once', async () => {
    const before = await balancesOf(database.sql, 'big-balance')
    const heard = await atOnce(24, (index) =>
      sell(index, claimFor('big-balance', [{ item: 'plain' }])),
    )
    expect(counted(heard)).toEqual({ done: 24 })
    const numbers = heard.map(({ text }) => /"settlementNumber":"([\d-]+)"/.exec(text)?.[1])
    expect(new Set(numbers).size).toBe(24)
    const after = await balancesOf(database.sql, 'big-balance')
    const sumOf = (balances: Readonly<Record<string, bigint>>) =>
      Object.entries(balances)
        .filter(([name]) => name.endsWith('-account'))
        .reduce((sum, [, fen]) => sum + fen, 0n)
    expect(sumOf(before) - sumOf(after)).toBe(24_000n)
  })

  it('one household draws on one account, and never below nothing', async () => {
    const family = ['rural-household-head', 'rural-household-spouse', 'rural-household-child']
    const before = await balancesOf(database.sql, 'rural-household-head')
    const heard = await atOnce(18, (index) =>
      sell(index, claimFor(family[index % 3] ?? '', [{ item: 'plain' }])),
    )
    const drawn = heard
      .map(({ text }) => /"household-account":"(\d+\.\d\d)"/.exec(text)?.[1] ?? '0')
      .reduce((sum, text) => sum + BigInt(text.replace('.', '')), 0n)
    const after = await balancesOf(database.sql, 'rural-household-head')
    const name = '0/household-account'
    expect(drawn).toBe((before[name] ?? 0n) - (after[name] ?? 0n))
    expect(after[name]).toBeGreaterThanOrEqual(0n)
  })

  it('one pack at two shops at once is sold by one; sales beside it are not hurt', async () => {
    const codes = newCodes(6)
    const heard = await atOnce(24, (index) => {
      const at = index % 2 === 0 ? SHOP : OTHER_SHOP
      const code = codes[Math.floor(index / 4)] ?? ''
      const wish = index % 4 < 2 ? { item: 'traced' as const, codes: [code] } : PLAIN
      const body = claimFor(PERSONS[index % 4] ?? '', [wish], { at })
      return patiently(sideOf(index), { path: SETTLE, body, terminal: terminalOf(at) })
    })
    expect(counted(heard)).toEqual({ done: 18, 'trace-code-sold': 6 })
  })

  const TAKEN = { lines: [{ lineNo: 1, quantity: '2', traceCodes: [] }] }
  it.each([
    ['two reversals', ['reversal', 'reversal'], ['already-reversed']],
    [
      'a reversal and a return',
      ['reversal', 'returns'],
      ['already-reversed', 'reversal-after-return'],
    ],
    ['two returns of everything', ['returns', 'returns'], ['return-exceeds-sale']],
  ])('%s at once, one at each side: one happens', async (_, kinds, codes) => {
    const before = await balancesOf(database.sql, 'civil-servant')
    for (let round = 0; round < 4; round += 1) {
      const sold = await sell(round, claimFor('civil-servant', [{ item: 'dear', quantity: '2' }]))
      const heard = await atOnce(2, (index) => {
        const body = kinds[index] === 'returns' ? { ...taking, ...TAKEN } : taking
        return patiently(sideOf(index), { path: `${SETTLE}/${idOf(sold)}/${kinds[index]}`, body })
      })
      const [refused, ...others] = heard.map(codeOf).filter((code) => code !== 'done')
      expect(codes).toContain(refused)
      expect(others).toEqual([])
    }
    expect(await balancesOf(database.sql, 'civil-servant')).toMatchObject(before)
  })

  it('a sale at one side and its compensation at the other: nothing is left of it', async () => {
    const before = await balancesOf(database.sql, 'active-over-45')
    for (let round = 0; round < 8; round += 1) {
      const originalKey = newId()
      const body = claimFor('active-over-45', [{ item: 'classB' }])
      const [sold, undone] = await Promise.all([
        sell(round, body, originalKey),
        patiently(sideOf(round + 1), {
          path: '/v1/compensations',
          body: { ...taking, originalKey },
        }),
      ])
      expect(['closed-before-arrival', 'reversed']).toContain(
        (JSON.parse(undone.text) as { state?: string }).state,
      )
      expect(['done', 'compensated-before']).toContain(codeOf(sold))
    }
    const held = (balances: Readonly<Record<string, bigint>>) =>
      Object.entries(balances).filter(([, fen]) => fen !== 0n)
    expect(held(await balancesOf(database.sql, 'active-over-45'))).toEqual(held(before))
  })

  it('a nonce that one side has seen is refused by the other, whatever comes with it', async () => {
    const nonce = newId()
    const body = claimFor('active-under-45', [{ item: 'plain' }])
    const heard = await atOnce(8, (index) => send(sideOf(index), { path: SETTLE, body, nonce }))
    expect(counted(heard)).toEqual({ done: 1, 'nonce-used': 7 })
  })

  it('leaves books in which every invariant holds', async () => {
    expect(await checkInvariants(database.url)).toEqual([])
  })
})

const PLAIN = { item: 'plain' } as const
const PERSONS = ['active-under-45', 'active-over-45', 'big-balance', 'retired']
