/**
 * B8: bills made to meet the edges of rounding: parts at half a fen, shares of a third and of
 * 99.995 per cent, deductible and ceiling missed or passed by a fen. Their parts make the whole,
 * nothing is below nothing or beyond its ceiling, and the order of the lines does not matter.
 */
import { formatMoney, parseMoney } from '../../server/kernel/money.ts'
import { adjudicate } from '../../server/rules/adjudicate.ts'
import {
  type Adjudication,
  type BalanceKind,
  type Claim,
  PAYERS,
} from '../../server/rules/types.ts'
import { AT, claim, line, type Place, policyFor, position, WHO, type Who } from '../rules/claims.ts'
import { openRandom, type Random } from '../support/random.ts'
import type { Campaign, Figures, Wish } from './campaign.ts'

const PRICES = [
  '0.005',
  '0.015',
  '1.005',
  '3.335',
  '10.115',
  '0.333333',
  '33.333333',
  '99.995',
  '0.01',
]
const QUANTITIES = ['1', '3', '7', '0.3333', '0.5', '1.0001', '33', '0.0001']
const PRELIMINARY = ['0', '0.05', '0.3333333333', '0.6666666667', '0.99995', '1']
const EDGES = ['300.00', '600.00', '900.00', '1200.00', '3000.00', '5000.00']
const DAYS = ['2008-03-01', '2013-07-01', '2018-12-31', '2021-01-01', '2023-06-15', '2026-06-15']

export type Bill = {
  readonly the: Claim
  readonly who: Who
  readonly balances: Partial<Record<BalanceKind, string>>
}

/** The edge itself, a fen below, a fen above. */
const nearEdge = (random: Random): string => {
  const fen = parseMoney(random.pick(EDGES)) + BigInt(random.below(3) - 1)
  return formatMoney(fen as ReturnType<typeof parseMoney>)
}

function billOf(random: Random): Bill {
  const place = random.pick(Object.keys(AT)) as Place
  const lines = Array.from({ length: 1 + random.below(6) }, (_, index) =>
    line({
      lineNo: index + 1,
      price: random.pick(PRICES),
      quantity: random.pick(QUANTITIES),
      preliminary: random.pick(PRELIMINARY),
      catalogueClass: random.pick(['A', 'B', 'C'] as const),
      ...(random.below(3) === 0 ? { ceiling: random.pick(PRICES) } : {}),
      packUnits: random.pick(['1', '3', '7']),
    }),
  )
  const the = claim({
    on: random.pick(DAYS),
    serviceKind: place === 'pharmacy' ? 'pharmacy' : 'outpatient',
    institution: AT[place],
    prescription: random.below(2) === 0,
    lines,
  })
  const balances = {
    'current-year-account': random.pick(['0.00', '0.01', '0.05', '100.00']),
    'past-year-account': random.pick(['0.00', '0.01', '50.00']),
    'outpatient-self-pay-borne': nearEdge(random),
    'outpatient-in-scope-spent': nearEdge(random),
    'outpatient-fund-paid': nearEdge(random),
  }
  return { the, who: random.pick(Object.keys(WHO)) as Who, balances }
}

const adjudicated = ({ the, who, balances }: Bill): Adjudication => {
  const coverage = WHO[who]
  return adjudicate(the, coverage, position(balances, the.serviceDay), policyFor(the, coverage))
}

const total = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n)

/** I1, I7, I11 and I12 of the reliability notes, on one bill. */
export function faultsOn(bill: Bill, result: Adjudication): string[] {
  const found: string[] = []
  const expense = total(bill.the.lines.map(({ amount }) => amount))
  const { outsideScope, overLimit, preliminaryShare, inScope } = result.totals
  if (outsideScope + overLimit + preliminaryShare + inScope !== expense) {
    found.push('the parts are not the expense')
  }
  if (total(PAYERS.map((payer) => result.payers[payer])) !== expense) {
    found.push('the payers do not pay the expense')
  }
  if (PAYERS.some((payer) => result.payers[payer] < 0n))
    found.push('a payer pays less than nothing')
  const start = position(bill.balances, bill.the.serviceDay).balances
  for (const { kind, amount, ceiling } of result.movements) {
    const after = (start[kind] ?? 0n) + amount
    if (ceiling !== null && amount > 0n && after > ceiling) found.push(`${kind} passes its ceiling`)
    if (after < 0n) found.push(`${kind} is below nothing`)
  }
  return found
}

/** What must not depend on the order of the lines, as text. */
const sumsOf = ({ totals, payers, movements }: Adjudication): string =>
  JSON.stringify({ totals, payers, movements }, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  )

function orderFault(bill: Bill, result: Adjudication): string[] {
  const turned = { ...bill, the: { ...bill.the, lines: [...bill.the.lines].reverse() } }
  return sumsOf(adjudicated(turned)) === sumsOf(result) ? [] : ['the order of the lines matters']
}

export type Adjudicate = (bill: Bill) => Adjudication

export function runRounding(
  { n, seed, log }: Pick<Wish, 'n' | 'seed' | 'log'>,
  decide: Adjudicate = adjudicated,
): Figures {
  const random = openRandom(seed)
  const faults: string[] = []
  const byDay: Record<string, number> = {}
  let slowestMs = 0
  for (let made = 0; made < n; made += 1) {
    const bill = billOf(random)
    const started = performance.now()
    const result = decide(bill)
    slowestMs = Math.max(slowestMs, performance.now() - started)
    byDay[bill.the.serviceDay] = (byDay[bill.the.serviceDay] ?? 0) + 1
    const found = [...faultsOn(bill, result), ...orderFault(bill, result)]
    if (faults.length < 20) faults.push(...found.map((text) => `bill ${made}: ${text}`))
  }
  log(`${n} bills, the slowest took ${slowestMs.toFixed(2)} ms`)
  return {
    ...{ campaign: 'b8', n, seed, answers: n, byStatus: {}, byVerdict: byDay, overASecond: 0 },
    ...{ rssRiseMb: 0, cpuMs: 0, goodBeforeMs: 0, goodAfterMs: 0, rowsAdded: {}, more: {} },
    slowestMs: Math.round(slowestMs * 100) / 100,
    faults,
  }
}

/** Gives the fund a fen that nobody paid in. */
export const aFenTooMuch: Adjudicate = (bill) => {
  const result = adjudicated(bill)
  const cash = (result.payers.cash + 1n) as typeof result.payers.cash
  return { ...result, payers: { ...result.payers, cash } }
}

export const B8: Campaign = {
  name: 'b8',
  holds: 'no fen is lost or found at the edges of rounding',
  shortN: 2_000,
  fullN: 100_000,
  plantFinds: /the payers do not pay the expense/,
  run: async (wish, ground) =>
    runRounding(wish, ground.isCareless === true ? aFenTooMuch : adjudicated),
}
