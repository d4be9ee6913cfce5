/** Policy documents are published, never edited: what was settled keeps the text it was under. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publishPolicy } from '../../server/actions/publish-policy.ts'
import { adjudicateOriginal, returnLines } from '../../server/actions/return-lines.ts'
import type { Runtime } from '../../server/actions/runtime.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import { viewSettlement } from '../../server/actions/view-settlement.ts'
import type { SettlementAnswer } from '../../server/contract/claims.ts'
import type { Problem } from '../../server/contract/common.ts'
import { fen } from '../../server/kernel/money.ts'
import { openPolicies } from '../../server/store/policies.ts'
import { readSettlementFamily } from '../../server/store/settlements.ts'
import {
  AGENCY,
  type Area,
  callerAt,
  cashierOf,
  claimFor,
  refusedWith,
  SHOP,
  settled,
  smallArea,
  storedAnswer,
  writeKey,
} from '../support/area.ts'
import { balancesOf, rowCounts, rowsAdded } from '../support/books.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'

const PERSON = 'self-pay-segment-full'
const FILE = new URL('../../fixtures/policies/330282/employee/outpatient.yaml', import.meta.url)
const employee = readFileSync(FILE, 'utf8')
const atRatio = (ratio: string): string => employee.replaceAll('"0.80"', `"${ratio}"`)

let database: FreshDatabase
/** Two servers on one database. */
let area: Area
let other: Area
beforeAll(async () => {
  database = await freshDatabase()
  area = await smallArea(database.url)
  other = await smallArea(database.url)
})
afterAll(async () => {
  await other.close()
  await area.close()
  await database.drop()
})

const publish = (document: string) => {
  const input = { document, givenName: 'new.yaml', operatorCode: 'A001' }
  return publishPolicy(area.runtime, AGENCY, writeKey(document), input)
}
const sell = async (runtime: Runtime, quantity = '1'): Promise<SettlementAnswer> => {
  const input = claimFor(PERSON, [{ item: 'dear', quantity }])
  return settled(await settleClaim(runtime, callerAt(), writeKey(input), input))
}
const giveBack = async (runtime: Runtime, id: string, quantity: string) => {
  const lines = [{ lineNo: 1, quantity, traceCodes: [] }]
  const body = { operatorCode: cashierOf(SHOP), reason: '退货', lines }
  return settled(await returnLines(runtime, callerAt(), writeKey(body), id, body))
}
/** The pooling fund's part of 480.00 at the ratio that servers settle by now. */
const fundOfOne = async (runtime: Runtime): Promise<string> => {
  const sold = await sell(runtime)
  await giveBack(runtime, sold.settlementId, '1')
  return sold.payers['pooling-fund']
}
/** Balances that hold something. */
const heldBy = async (person: string): Promise<Record<string, bigint>> => {
  const all = Object.entries(await balancesOf(database.sql, person))
  return Object.fromEntries(all.filter(([, amount]) => amount !== 0n))
}
const untilFundPays = (runtime: Runtime, fund: string): Promise<void> =>
  until(`the fund pays ${fund}`, async () => (await fundOfOne(runtime)) === fund)
const negative = (amount: string): string => (amount === '0.00' ? amount : `-${amount}`)

describe('a corrected document', () => {
  it.each([
    ['0.70', '336.00'],
    ['0.90', '432.00'],
  ])(
    'at %s decides new claims on every server; a full return leaves no fen',
    async (ratio, fund) => {
      const before = await heldBy(PERSON)
      const sold = await sell(area.runtime, '4')
      const published = storedAnswer<{ versionId: string }>(await publish(atRatio(ratio)), 201)
      await untilFundPays(other.runtime, fund)
      await untilFundPays(area.runtime, fund)

      const back = await giveBack(other.runtime, sold.settlementId, '4')
      for (const [payer, amount] of Object.entries(sold.payers)) {
        expect(back.payers[payer as keyof typeof back.payers], payer).toBe(negative(amount))
      }
      expect(await heldBy(PERSON)).toEqual(before)

      const [textId] = published.versionId.split('#').slice(1)
      const later = await sell(area.runtime)
      expect(later.policyVersions).toEqual([`330282-employee-outpatient@2025-01-01#${textId}`])
      expect(sold.policyVersions).not.toEqual(later.policyVersions)
      await giveBack(area.runtime, later.settlementId, '1')
      expect(await checkInvariants(database.url)).toEqual([])
    },
  )

  it('changes neither how an old settlement is explained nor a part that comes back', async () => {
    const sold = await sell(area.runtime, '3')
    storedAnswer(await publish(atRatio('0.65')), 201)
    await untilFundPays(area.runtime, '312.00')
    const view = await viewSettlement(area.runtime, callerAt(), sold.settlementId)
    expect(view.ok && view.value.settlement).toMatchObject({
      payers: sold.payers,
      explanation: sold.explanation,
      policyVersions: sold.policyVersions,
    })
    const back = await giveBack(area.runtime, sold.settlementId, '1')
    expect(back.payers['pooling-fund']).toBe('-432.00')
  })

  it('is read by a server that has not heard of it, once a return needs it', async () => {
    const policies = await openPolicies(area.runtime.store.sql)
    storedAnswer(await publish(atRatio('0.60')), 201)
    await untilFundPays(area.runtime, '288.00')
    const sold = await sell(area.runtime)
    const back = await giveBack({ ...area.runtime, policies }, sold.settlementId, '1')
    expect(back.payers['pooling-fund']).toBe('-288.00')
  })

  it('is in the audit events, with its digest and no text', async () => {
    const [event] = await database.sql`
      select operator_code, detail from audit_event
       where operation = 'publish-policy' and result = 'done' limit 1`
    expect(event).toMatchObject({
      operator_code: 'A001',
      detail: {
        policy: '330282-employee-outpatient',
        sha: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    })
    expect(JSON.stringify(event?.detail)).not.toContain('steps')
  })
})

describe('a document that is not published', () => {
  const gap = employee.replace('until: 2023-01-01', 'until: 2022-12-01')
  const overlap = employee.replace('until: 2023-01-01', 'until: 2023-02-01')
  const twoYearsLess = employee.replace('    until: null', '    until: 2026-01-01')
  const elsewhere = employee.replaceAll('330282', '330281')

  it.each([
    ['has a gap', gap, /gap from 2022-12-01 to 2023-01-01/],
    ['overlaps itself', overlap, /overlaps 330282-employee-outpatient@2021-01-01/],
    [
      'leaves later days without a policy',
      twoYearsLess,
      /no policy any more .* from 2026-01-01 on/,
    ],
    ['is of another area', elsewhere, /area 330281 in a book of area 330282/],
    ['has a figure that is none', atRatio('1.80'), /new\.yaml:\d+: .*ratio/],
  ])('%s: refused with its place, and nothing is written', async (_, document, words) => {
    const policies = async () => await database.sql`select version_id from policy_version`
    const [rows, before] = [await rowCounts(database.sql), await policies()]
    const answer = await publish(document)
    expect(refusedWith(answer)).toBe('policy-faulty')
    const { params, title, en } = storedAnswer<Problem>(answer)
    expect(params.faultsEn).toMatch(words)
    expect(en.title).toContain(params.faultsEn)
    expect(title).toMatch(/;有误之处:new\.yaml 第 \d+ 行/)
    expect(title).not.toMatch(/Remedy/)
    const told = (params.faultsEn ?? '').split(/(?=new\.yaml:)/)
    expect(new Set(told.map((one) => one.trim())).size).toBe(told.length)
    expect(await policies()).toEqual(before)
    const added = rowsAdded(rows, await rowCounts(database.sql))
    expect(added).toEqual({ idempotency: 1, audit_event: 1 })
  })

  it('was published before: refused with the day it was', async () => {
    expect(refusedWith(await publish(employee))).toBe('policy-known')
  })
})

it('a settlement that does not recompute to what it stored is ours to throw', async () => {
  const sold = await sell(area.runtime)
  const family = await readSettlementFamily(area.runtime.store.sql, sold.settlementId)
  if (family === null) throw new Error('just settled')
  const { original } = family
  expect(adjudicateOriginal(area.runtime, original).payers).toEqual(original.payers)
  const payers = { ...original.payers, cash: fen(original.payers.cash + 1n) }
  expect(() => adjudicateOriginal(area.runtime, { ...original, payers })).toThrow(/recomputes/)
})
