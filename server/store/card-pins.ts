/**
 * Tries of a card's PIN. A try is counted and committed before anything is compared; what is
 * compared is a slow hash over a keyed one (reliability notes S14, S16).
 */
import { timingSafeEqual } from 'node:crypto'
import { type Instant, instantText } from '../kernel/calendar.ts'
import { call, type Sql } from './database.ts'
import { DOOR_DEFAULTS } from './door.ts'
import { DatabaseUnavailableError } from './errors.ts'
import { hashesAreMany } from './pin-hash.ts'
import type { Vault } from './vault.ts'

/** Who tries, under which key, and what was asked under it (hex of its hash). */
export type PinTry = {
  readonly personId: string
  readonly clientId: string
  readonly key: string
  readonly bodySha: string
  readonly at: Instant
}

export type PinVerdict =
  /** `answered`: the key has its answer already, and nothing was counted. */
  | {
      readonly state:
        | 'right'
        | 'answered'
        | 'running'
        | 'spray'
        | 'locked'
        | 'late'
        | 'missing'
        | 'busy'
    }
  /** `left` is how many tries the card still has. */
  | { readonly state: 'wrong'; readonly left: number }

type Begun =
  | PinVerdict
  | {
      readonly state: 'try'
      readonly tryNo: number
      readonly salt: string
      readonly hash: string
    }

/** Tries a PIN, or hears of the try before; `pin` is null where none came with the request. */
export async function tryCardPin(
  sql: Sql,
  vault: Vault,
  given: PinTry,
  pin: string | null,
): Promise<PinVerdict> {
  const { personId, clientId, key, bodySha } = given
  const at = instantText(given.at)
  // Before anything is counted: who only waits must not keep others from settling without a PIN.
  if (pin !== null && hashesAreMany()) return { state: 'busy' }
  const [row] = await call(
    () => sql<{ begun: Begun }[]>`
      select begin_pin_try(${personId}, ${clientId}, ${key}, decode(${bodySha}, 'hex'),
                           ${pin !== null}, ${at}::text::timestamptz) as begun`,
  )
  const begun = row?.begun ?? { state: 'locked' }
  if (begun.state !== 'try' || pin === null) return begun as PinVerdict
  const derived = await vault.cardPinHash(personId, pin, Buffer.from(begun.salt, 'hex'))
  const isRight = timingSafeEqual(derived, Buffer.from(begun.hash, 'hex'))
  const [ended] = await untilHeard(
    () => sql<{ became: 'right' | 'wrong' | 'late' }[]>`
      select end_pin_try(${personId}, ${clientId}, ${key}, decode(${bodySha}, 'hex'),
                         ${begun.tryNo}::int::smallint, ${isRight},
                         ${at}::text::timestamptz) as became`,
  )
  const became = ended?.became ?? 'wrong'
  return became === 'wrong' ? { state: 'wrong', left: 3 - begun.tryNo } : { state: became }
}

/** A counted try is ended, whatever becomes of a connection: else the next one would count anew. */
async function untilHeard<T>(work: () => PromiseLike<T>): Promise<T> {
  for (const waitMs of DOOR_DEFAULTS.resendAfterMs) {
    try {
      return await call(work)
    } catch (error) {
      if (!(error instanceof DatabaseUnavailableError)) throw error
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }
  return call(work)
}
