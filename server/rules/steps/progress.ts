/**
 * How far a claim has come: parts nobody has taken yet, payers, and what was counted on the way.
 * Parts and payers together always make the total expense. Steps return a new progress.
 */
import { add, type Money, type Ratio, subtract, ZERO } from '../../kernel/money.ts'
import type { PolicyOfTheDay } from '../policy/policy-of-the-day.ts'
import type {
  AccountKind,
  AccumulatorKind,
  AdjudicatedLine,
  CeilingBasis,
  Claim,
  Coverage,
  Part,
  Payer,
  Payers,
  Position,
  StepTrace,
} from '../types.ts'

/** What every step may look at and none changes. */
export type Facts = {
  readonly claim: Claim
  readonly coverage: Coverage
  readonly position: Position
  readonly policy: PolicyOfTheDay
  /** Whole years of age on the service day. */
  readonly age: number
  readonly institution: Claim['institution']
}

/** Expense that was pooled at one ratio; a ceiling on fund pay cuts it again. */
export type PooledSlice = {
  readonly base: Money
  readonly ratio: Ratio
  readonly fund: Money
}

/** What an accumulator goes up by, and the most it may come to. */
export type Counted = { readonly amount: Money; readonly ceiling: Money | null }

export type Progress = {
  readonly lines: readonly AdjudicatedLine[]
  readonly parts: Readonly<Record<Part, Money>>
  readonly payers: Payers
  readonly slices: readonly PooledSlice[]
  readonly counted: Readonly<Partial<Record<AccumulatorKind, Counted>>>
  readonly drawn: Readonly<Partial<Record<AccountKind, Money>>>
  readonly deductibleLeft: Money | null
  readonly ceilingLeft: Money | null
  readonly ceilingOn: CeilingBasis | null
  readonly steps: readonly StepTrace[]
}

const NO_PARTS: Progress['parts'] = {
  'outside-scope': ZERO,
  'over-limit': ZERO,
  'preliminary-share': ZERO,
  'in-scope': ZERO,
  unpooled: ZERO,
  deductible: ZERO,
  'co-payment': ZERO,
  'above-ceiling': ZERO,
}
const NO_PAYERS: Payers = {
  'pooling-fund': ZERO,
  'large-sum-fund': ZERO,
  'critical-illness-fund': ZERO,
  'civil-servant-subsidy': ZERO,
  'medical-assistance': ZERO,
  'other-fund': ZERO,
  'current-year-account': ZERO,
  'past-year-account': ZERO,
  'family-share': ZERO,
  'household-account': ZERO,
  employer: ZERO,
  institution: ZERO,
  cash: ZERO,
}

/** The claim before the first step: every line wholly in scope, nobody has paid. */
export const openProgress = (claim: Claim): Progress => ({
  lines: claim.lines.map((line) => ({
    lineNo: line.lineNo,
    amount: line.amount,
    outsideScope: ZERO,
    overLimit: ZERO,
    preliminaryShare: ZERO,
    inScope: line.amount,
    notes: [],
  })),
  parts: { ...NO_PARTS, 'in-scope': add(...claim.lines.map((line) => line.amount)) },
  payers: NO_PAYERS,
  slices: [],
  counted: {},
  drawn: {},
  deductibleLeft: null,
  ceilingLeft: null,
  ceilingOn: null,
  steps: [],
})

/** Moves an amount from one part to another. */
export const moved = (
  parts: Progress['parts'],
  from: Part,
  to: Part,
  amount: Money,
): Progress['parts'] =>
  amount === ZERO
    ? parts
    : { ...parts, [from]: subtract(parts[from], amount), [to]: add(parts[to], amount) }

/** A payer takes an amount of a part. */
export const paid = (progress: Progress, part: Part, payer: Payer, amount: Money): Progress =>
  amount === ZERO
    ? progress
    : {
        ...progress,
        parts: { ...progress.parts, [part]: subtract(progress.parts[part], amount) },
        payers: { ...progress.payers, [payer]: add(progress.payers[payer], amount) },
      }

/** Adds what happened to the trace; a step into which nothing came leaves none. */
export const traced = (progress: Progress, step: StepTrace): Progress =>
  step.cameIn === ZERO ? progress : { ...progress, steps: [...progress.steps, step] }

/** A trace with nothing in it but what is named. */
export const traceOf = (
  named: Pick<StepTrace, 'step' | 'cameIn' | 'took' | 'because'> & Partial<StepTrace>,
): StepTrace => ({ payer: null, ratio: null, figure: null, usedBefore: null, ...named })
