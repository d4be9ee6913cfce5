import { invariant } from '../../kernel/invariant.ts'
import { add, type Money, negate, subtract, sum, ZERO } from '../../kernel/money.ts'
import {
  ACCOUNT_KINDS,
  ACCUMULATOR_KINDS,
  type AccountKind,
  type AccumulatorKind,
  type Adjudication,
  type BalanceMovement,
  PARTS,
  PAYERS,
  type Remaining,
  type Totals,
} from '../types.ts'
import type { Counted, Facts, Progress } from './progress.ts'

/** The answer: totals, movements and what remains, with both sums proved to the fen. */
export function conclude(progress: Progress, facts: Facts): Adjudication {
  const { claim, coverage, position, policy } = facts
  const totals = totalsOf(progress)
  prove(progress, totals)
  return {
    serviceDay: claim.serviceDay,
    benefitYear: position.benefitYear,
    scheme: coverage.scheme,
    policies: [{ policy: policy.policy, version: policy.version }],
    lines: progress.lines,
    totals,
    payers: progress.payers,
    movements: [...accountMovements(progress, facts), ...accumulatorMovements(progress, facts)],
    steps: progress.steps,
    remaining: remainingOf(progress, facts),
  }
}

function totalsOf({ lines }: Progress): Totals {
  return {
    totalExpense: sum(lines.map((line) => line.amount)),
    outsideScope: sum(lines.map((line) => line.outsideScope)),
    overLimit: sum(lines.map((line) => line.overLimit)),
    preliminaryShare: sum(lines.map((line) => line.preliminaryShare)),
    inScope: sum(lines.map((line) => line.inScope)),
  }
}

/** The two sums of adjudication, section 1, and that nothing is below zero. */
function prove({ lines, payers, parts }: Progress, totals: Totals): void {
  for (const line of lines) {
    const { outsideScope, overLimit, preliminaryShare, inScope } = line
    const taken = outsideScope + overLimit + preliminaryShare + inScope
    invariant(taken === line.amount, 'the parts of a line make the line')
    const none = outsideScope < 0n || overLimit < 0n || preliminaryShare < 0n || inScope < 0n
    invariant(!none, 'no part of a line is below zero')
  }
  const paid = PAYERS.map((payer) => payers[payer])
  invariant(sum(paid) === totals.totalExpense, 'the payers make the total expense')
  invariant(
    paid.every((amount) => amount >= 0n),
    'no payer pays less than nothing',
  )
  invariant(
    PARTS.every((part) => parts[part] === ZERO),
    'no part is left without a payer',
  )
}

function accountMovements({ drawn }: Progress, { position }: Facts): BalanceMovement[] {
  return ACCOUNT_KINDS.filter((kind) => (drawn[kind] ?? ZERO) !== ZERO).map((kind) => ({
    owner: kind === 'household-account' ? 'household' : 'person',
    kind,
    benefitYear: kind === 'current-year-account' ? position.benefitYear : 0,
    amount: negate(drawn[kind] ?? ZERO),
    ceiling: null,
  }))
}

function accumulatorMovements(progress: Progress, { position }: Facts): BalanceMovement[] {
  const counts = countsOf(progress)
  return ACCUMULATOR_KINDS.filter((kind) => counts[kind].amount !== ZERO).map((kind) => ({
    owner: 'person',
    kind,
    benefitYear: position.benefitYear,
    amount: counts[kind].amount,
    ceiling: counts[kind].ceiling,
  }))
}

/**
 * What a layer counted against its figure stands; the rest is counted all the same, so that the
 * year's use can be shown and a later layer finds it.
 */
function countsOf(progress: Progress): Record<AccumulatorKind, Counted> {
  const plain = (amount: Money): Counted => ({ amount, ceiling: null })
  const fund = progress.payers['pooling-fund']
  return {
    'outpatient-self-pay-borne': plain(ZERO),
    'outpatient-in-scope-spent': plain(sum(progress.slices.map((slice) => slice.base))),
    'outpatient-fund-paid': plain(fund),
    'in-scope-spent': plain(sum(progress.lines.map((line) => line.inScope))),
    'pooling-fund-paid': plain(fund),
    ...progress.counted,
  }
}

function remainingOf(progress: Progress, { position }: Facts): Remaining {
  const accounts: Partial<Record<AccountKind, Money>> = {}
  for (const kind of ACCOUNT_KINDS) {
    const before = position.balances[kind]
    if (before !== undefined) accounts[kind] = subtract(before, progress.drawn[kind] ?? ZERO)
  }
  const { deductibleLeft: deductible, ceilingLeft: ceilingYearly, ceilingOn } = progress
  return { deductible, ceilingYearly, ceilingOn, accounts }
}

/** What the person bears in the end: everything that no fund pays. */
export const ownBurden = ({ payers }: Pick<Adjudication, 'payers'>): Money =>
  add(
    payers['current-year-account'],
    payers['past-year-account'],
    payers['family-share'],
    payers['household-account'],
    payers.cash,
  )
