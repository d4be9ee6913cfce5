/** What must hold of every adjudication, as checks that a planted error must fail. */
import { expect } from 'vitest'
import { ACCOUNT_KINDS, type Adjudication, PAYERS } from '../../server/rules/types.ts'
import { position } from '../rules/claims.ts'
import type { Situation } from './arbitrary-claims.ts'

const total = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n)

export function partsMakeTheWhole({ claim }: Situation, result: Adjudication): void {
  const expense = total(claim.lines.map((line) => line.amount))
  const { outsideScope, overLimit, preliminaryShare, inScope, totalExpense } = result.totals
  expect(totalExpense).toBe(expense)
  expect(outsideScope + overLimit + preliminaryShare + inScope).toBe(expense)
  expect(total(PAYERS.map((payer) => result.payers[payer]))).toBe(expense)
}

export function nothingIsBelowZero(result: Adjudication): void {
  for (const payer of PAYERS) expect(result.payers[payer] >= 0n).toBe(true)
  for (const { outsideScope, overLimit, preliminaryShare, inScope } of result.lines) {
    const parts = [outsideScope, overLimit, preliminaryShare, inScope]
    expect(parts.every((part) => part >= 0n)).toBe(true)
  }
}

/** No accumulator passes its ceiling by a movement, and no account goes below zero. */
export function balancesStayWithin({ balances }: Situation, result: Adjudication): void {
  const { balances: start } = position(balances)
  for (const { kind, amount, ceiling } of result.movements) {
    const after = (start[kind] ?? 0n) + amount
    if (ceiling !== null) expect(after <= ceiling, `${kind} within its ceiling`).toBe(true)
    expect(after >= 0n, `${kind} not below zero`).toBe(true)
  }
  for (const account of ACCOUNT_KINDS) {
    const moved = result.movements.find(({ kind }) => kind === account)?.amount ?? 0n
    expect(result.payers[account]).toBe(-moved)
  }
}
