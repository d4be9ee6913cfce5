import { add, atLeastZero, type Money, min, subtract, sum, ZERO } from '../../kernel/money.ts'
import type { DrawLayer } from '../policy/policy-of-the-day.ts'
import type { AccountKind } from '../types.ts'
import { type Facts, type Progress, paid, traced, traceOf } from './progress.ts'

/** An account pays the parts its layer names, in that order, as far as its balance goes. */
export function drawAccount(
  progress: Progress,
  facts: Facts,
  layer: DrawLayer,
  account: AccountKind,
): Progress {
  const balance = balanceOf(progress, facts, account)
  const cameIn = sum(layer.paysFor.map((part) => progress.parts[part]))
  const took = min(balance, cameIn)
  const after = layer.paysFor.reduce((now, part) => {
    const stillToPay = subtract(took, subtract(now.payers[account], progress.payers[account]))
    return paid(now, part, account, min(now.parts[part], stillToPay))
  }, progress)
  const drawn = { ...after.drawn, [account]: add(after.drawn[account] ?? ZERO, took) }
  return traced(
    { ...after, drawn },
    traceOf({
      step: layer.step,
      cameIn,
      took,
      payer: account,
      usedBefore: balance,
      because: layer.because,
    }),
  )
}

/** What the account still holds; an overdrawn one holds nothing. */
const balanceOf = (progress: Progress, { position }: Facts, account: AccountKind): Money =>
  atLeastZero(subtract(position.balances[account] ?? ZERO, progress.drawn[account] ?? ZERO))
