import { createHash } from 'node:crypto'
import { type ServiceDay, startOfDay } from '../../server/kernel/calendar.ts'
import { type IdempotencyKey, idempotencyKey } from '../../server/kernel/ids.ts'

/**
 * The key of a row at a terminal. It has the form of a UUIDv7 (decisions.md 15), with the service
 * day as its time and a hash of the row in place of chance: whoever replays the row again, from
 * this file or a longer one, sends the same intention, and nothing is settled twice.
 */
export function keyOfRow(terminalId: string, day: ServiceDay, content: string): IdempotencyKey {
  // A day before 1970 has no such time; the centre will refuse it under this key.
  const time = Math.max(0, startOfDay(day)).toString(16).padStart(12, '0')
  const hash = createHash('sha256').update(`replay\n${terminalId}\n${content}`).digest('hex')
  const variant = ((Number.parseInt(hash.slice(3, 4), 16) & 0x3) | 0x8).toString(16)
  const parts = [
    time.slice(0, 8),
    time.slice(8, 12),
    `7${hash.slice(0, 3)}`,
    `${variant}${hash.slice(4, 7)}`,
    hash.slice(7, 19),
  ]
  return idempotencyKey(parts.join('-'))
}
