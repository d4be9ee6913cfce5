/** Every campaign that `npm run campaign` knows. */
import { migratedUnderLoad, restoredToAnInstant } from '../operations/campaigns.ts'
import { brokenLines } from './broken-lines.ts'
import type { Campaign } from './campaign.ts'
import { crossedLocks } from './crossed-locks.ts'
import { duplicates } from './duplicates.ts'
import { endedBackends } from './ended-backends.ts'
import { exhaustedPool } from './exhausted-pool.ts'
import { failpoints } from './failpoints.ts'
import { fullDisk } from './full-disk.ts'
import { gentleStops } from './gentle-stops.ts'
import { histories } from './histories.ts'
import { isolation } from './isolation.ts'
import { killedCentre } from './killed-centre.ts'
import { killedPostgres } from './killed-postgres.ts'
import { killedTills } from './killed-tills.ts'
import { lostAnswers } from './lost-answers.ts'
import { modelled } from './model.ts'
import { overload } from './overload.ts'
import { powerCutTills } from './power-cut-tills.ts'
import { rottenBits } from './rotten-bits.ts'
import { shuffledMessages } from './shuffled-messages.ts'
import { skewedClocks } from './skewed-clocks.ts'
import { slowLines } from './slow-lines.ts'
import { soaked } from './soak.ts'

export const CAMPAIGNS: readonly Campaign[] = [
  killedCentre,
  failpoints,
  killedPostgres,
  endedBackends,
  lostAnswers,
  fullDisk,
  brokenLines,
  slowLines,
  duplicates,
  shuffledMessages,
  powerCutTills,
  killedTills,
  skewedClocks,
  exhaustedPool,
  overload,
  crossedLocks,
  isolation,
  modelled,
  histories,
  gentleStops,
  migratedUnderLoad,
  restoredToAnInstant,
  rottenBits,
  soaked,
]
