import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { invariant } from '../../server/kernel/invariant.ts'
import { fen, lineAmount, parseRatio, parseUnitPrice } from '../../server/kernel/money.ts'
import type { PolicyOfTheDay } from '../../server/rules/policy/policy-of-the-day.ts'
import { ownBurden } from '../../server/rules/steps/conclude.ts'
import type { Adjudication, ClaimLine } from '../../server/rules/types.ts'
import { line } from '../rules/claims.ts'
import {
  adjudicateSituation,
  balancesAfter,
  linesArbitrary,
  type Situation,
  situations,
} from './arbitrary-claims.ts'
import { balancesStayWithin, nothingIsBelowZero, partsMakeTheWhole } from './checks.ts'
import { holds, SEED } from './seed.ts'

const withLines = (situation: Situation, lines: readonly ClaimLine[]): Situation => ({
  ...situation,
  claim: { ...situation.claim, lines },
})

/** More expense: the fund pays no less, and neither does the person. */
function neverLess(less: Adjudication, more: Adjudication): void {
  expect(more.payers['pooling-fund'] >= less.payers['pooling-fund']).toBe(true)
  expect(ownBurden(more) >= ownBurden(less)).toBe(true)
  expect(more.payers.cash >= less.payers.cash).toBe(true)
}

describe(`every adjudication (seed ${SEED})`, () => {
  it('its parts make the whole, and none is below zero', () => {
    holds(situations, (situation) => {
      const result = adjudicateSituation(situation)
      partsMakeTheWhole(situation, result)
      nothingIsBelowZero(result)
    })
  })

  it('passes no ceiling and overdraws no account', () => {
    holds(situations, (situation) => {
      balancesStayWithin(situation, adjudicateSituation(situation))
    })
  })

  it('a further line never makes the fund or the person pay less', () => {
    holds(fc.tuple(situations, linesArbitrary), ([situation, further]) => {
      const more = withLines(situation, [...situation.claim.lines, ...further])
      neverLess(adjudicateSituation(situation), adjudicateSituation(more))
    })
  })

  it('a dearer line never makes the fund or the person pay less', () => {
    holds(fc.tuple(situations, fc.integer({ min: 1, max: 5000 })), ([situation, cents]) => {
      const [first, ...others] = situation.claim.lines
      fc.pre(first !== undefined)
      const extra = (cents / 100).toFixed(2)
      const unitPrice = first.unitPrice.plus(parseUnitPrice(extra)) as typeof first.unitPrice
      const dearer = { ...first, unitPrice, amount: lineAmount(unitPrice, first.quantity) }
      const more = withLines(situation, [dearer, ...others])
      neverLess(adjudicateSituation(situation), adjudicateSituation(more))
    })
  })

  it('does not depend on the order of the lines', () => {
    holds(situations, (situation) => {
      const turned = withLines(situation, [...situation.claim.lines].reverse())
      const [a, b] = [adjudicateSituation(situation), adjudicateSituation(turned)]
      expect(b.totals).toEqual(a.totals)
      expect(b.payers).toEqual(a.payers)
      expect(b.movements).toEqual(a.movements)
    })
  })

  it('computed again it is the same to the fen', () => {
    holds(situations, (situation) => {
      expect(adjudicateSituation(situation)).toEqual(adjudicateSituation(situation))
    })
  })

  it('split into two claims it moves accumulators and first account alike', () => {
    holds(fc.tuple(situations, fc.nat(6)), ([situation, cut]) => {
      const { lines } = situation.claim
      const whole = adjudicateSituation(situation)
      const firstHalf = withLines(situation, lines.slice(0, cut))
      const first = adjudicateSituation(firstHalf)
      const rest = { ...firstHalf, balances: balancesAfter(situation, first) }
      const second = adjudicateSituation(withLines(rest, lines.slice(cut)))
      const moved = (kind: string) =>
        [first, second]
          .flatMap(({ movements }) => movements.filter((movement) => movement.kind === kind))
          .reduce((sum, { amount }) => sum + amount, 0n)
      const movedAtOnce = (kind: string) =>
        whole.movements.find((movement) => movement.kind === kind)?.amount ?? 0n
      for (const kind of ['outpatient-self-pay-borne', 'in-scope-spent', 'current-year-account']) {
        expect(moved(kind), kind).toBe(movedAtOnce(kind))
      }
      // The fund's share is rounded once per claim: two claims may differ by a fen. Under a ceiling
      // on fund pay that fen stands for as much expense as it is the share of.
      const fundDiffers = moved('pooling-fund-paid') - movedAtOnce('pooling-fund-paid')
      expect(fundDiffers >= -1n && fundDiffers <= 1n).toBe(true)
      const spentDiffers =
        moved('outpatient-in-scope-spent') - movedAtOnce('outpatient-in-scope-spent')
      expect(spentDiffers >= -7n && spentDiffers <= 7n).toBe(true)
    })
  })
})

describe(`the checks find a planted error (seed ${SEED})`, () => {
  /** The policy with another ratio in every row of its pooling step. */
  const withRatio =
    (text: string) =>
    (policy: PolicyOfTheDay): PolicyOfTheDay => ({
      ...policy,
      layers: policy.layers.map((layer) =>
        layer.step === 'apply-pooling'
          ? { ...layer, ratios: layer.ratios.map((row) => ({ ...row, ratio: parseRatio(text) })) }
          : layer,
      ),
    })
  const seen = (situation: Situation): Situation =>
    withLines({ ...situation, balances: {} }, [
      ...situation.claim.lines,
      line({ lineNo: 99, price: '9000' }),
    ])

  it('a ratio below zero is caught by the proof at the end of every adjudication', () => {
    const [any] = fc.sample(situations, { seed: SEED, numRuns: 1 })
    invariant(any !== undefined, 'a sample has a situation')
    const employee = {
      ...any,
      who: 'active, 33' as const,
      claim: { ...any.claim, prescription: true },
    }
    const run = () => adjudicateSituation(seen(employee), withRatio('-0.5'))
    expect(run).toThrow(/no payer pays less than nothing/)
  })

  it('a ratio that falls as the expense grows breaks "never less"', () => {
    const run = () =>
      holds(fc.tuple(situations, linesArbitrary), ([situation, further]) => {
        const more = withLines(situation, [...situation.claim.lines, ...further])
        const fell = adjudicateSituation(more, withRatio('0.05'))
        neverLess(adjudicateSituation(situation), fell)
      })
    expect(run).toThrow(/Property failed/)
  })

  it('a fund that takes a fen from nowhere fails the sum', () => {
    const run = () =>
      holds(situations, (situation) => {
        const result = adjudicateSituation(situation)
        const fund = fen(result.payers['pooling-fund'] + 1n)
        const wrong = { ...result, payers: { ...result.payers, 'pooling-fund': fund } }
        partsMakeTheWhole(situation, wrong)
      })
    expect(run).toThrow(/Property failed/)
  })

  it('a ceiling that forgets what was used before is passed', () => {
    const run = () =>
      holds(situations, (situation) => {
        const forgetful = { ...situation, balances: {} }
        balancesStayWithin(situation, adjudicateSituation(forgetful))
      })
    expect(run).toThrow(/Property failed/)
  })
})
