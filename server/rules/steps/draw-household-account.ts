import type { DrawLayer } from '../policy/policy-of-the-day.ts'
import { drawAccount } from './draw-account.ts'
import type { Facts, Progress } from './progress.ts'

/** 家庭账户: the household's common account pays for its members, where there is one. */
export const drawHouseholdAccount = (progress: Progress, facts: Facts, layer: DrawLayer) =>
  facts.coverage.householdAccount
    ? drawAccount(progress, facts, layer, 'household-account')
    : progress
