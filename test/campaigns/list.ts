/** Every campaign that `npm run campaign` knows. */
import type { Campaign } from './campaign.ts'
import { killedCentre } from './killed-centre.ts'

export const CAMPAIGNS: readonly Campaign[] = [killedCentre]
