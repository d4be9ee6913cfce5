import type { DrawLayer } from '../policy/policy-of-the-day.ts'
import { drawAccount } from './draw-account.ts'
import type { Facts, Progress } from './progress.ts'

/** 历年账户: what earlier years left pays own parts, never class C (decisions.md 11). */
export const drawPastYearAccount = (progress: Progress, facts: Facts, layer: DrawLayer) =>
  drawAccount(progress, facts, layer, 'past-year-account')
