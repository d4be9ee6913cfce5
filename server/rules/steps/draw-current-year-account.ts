import type { DrawLayer } from '../policy/policy-of-the-day.ts'
import { drawAccount } from './draw-account.ts'
import type { Facts, Progress } from './progress.ts'

/** 当年账户 (门诊第一段): this year's credit goes first and is forced (decisions.md 11). */
export const drawCurrentYearAccount = (progress: Progress, facts: Facts, layer: DrawLayer) =>
  drawAccount(progress, facts, layer, 'current-year-account')
