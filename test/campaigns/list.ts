/** Every campaign that `npm run campaign` knows. */
import type { Campaign } from './campaign.ts'
import { endedBackends } from './ended-backends.ts'
import { killedCentre } from './killed-centre.ts'
import { killedPostgres } from './killed-postgres.ts'

export const CAMPAIGNS: readonly Campaign[] = [killedCentre, killedPostgres, endedBackends]
