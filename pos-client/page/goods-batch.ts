/** Goods past the last day of their batch (有效期至) may not be handed out: the sale stops. */
import { dayOf, parseInstant } from '../../server/kernel/calendar.ts'
import { type Line, state } from './state.ts'
import { word } from './words.ts'

/** Whether a line's goods may not be handed out any more, by the till's clock. */
export function isExpired({ batch }: Line): boolean {
  const now = parseInstant(state.status?.at ?? '')
  return batch !== null && now !== null && batch.expiresOn < dayOf(now)
}

/** Why such a line stops the sale. */
export const expiredWords = ({ entry, batch }: Line): string =>
  word('batchExpired', { item: entry.genericName, on: batch?.expiresOn ?? '' })
