/** The campaigns in the order of the reliability notes. */
import { B14, B15, B16 } from './authenticity.ts'
import type { Campaign } from './campaign.ts'
import { B1, B2 } from './envelopes.ts'
import { B18, B19 } from './fields-and-ids.ts'
import { B5, B6, B7 } from './figures.ts'
import { B22 } from './flow.ts'
import { B11 } from './injections.ts'
import { B24 } from './patterns.ts'
import { B23 } from './races.ts'
import { B17 } from './rights.ts'
import { B8 } from './rounding.ts'
import { B3, B4 } from './sizes.ts'
import { B21 } from './slow.ts'
import { B9, B10, B25 } from './texts.ts'
import { B20 } from './wire.ts'

/** Those that take place on one ground, each after the other. */
export const CAMPAIGNS: readonly Campaign[] = [
  ...[B1, B2, B3, B4, B5, B6, B7, B9, B10, B11, B14, B15, B16, B18, B19, B20, B22, B23, B25],
]

/** Those that want a ground of their own in the short form. */
export const OWN_GROUND: readonly Campaign[] = [B8, B17, B21, B24]
