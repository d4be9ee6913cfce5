import { identityBond } from '../contract/card-pin.ts'
import type { Identity } from '../contract/claims.ts'
import type { Instant } from '../kernel/calendar.ts'
import { unreachable } from '../kernel/invariant.ts'
import { type Refusal, refusal } from '../kernel/refusal.ts'
import { type PinVerdict, tryCardPin } from '../store/card-pins.ts'
import type { Caller, Runtime, WriteKey } from './runtime.ts'

/**
 * 密码校验: whether the holder of a card that has a PIN gave it. Null where nothing stands in the
 * way. A key that has its answer is not tried again; a block that does not open is no try either.
 */
export async function cardPinRefusal(
  runtime: Runtime,
  caller: Caller,
  write: WriteKey,
  { identity, personId, at }: { identity: Identity; personId: string; at: Instant },
): Promise<Refusal | null> {
  const { key, bodySha, openCardPin } = write
  const pin = openCardPin?.(identityBond(identity)) ?? null
  if (openCardPin !== undefined && pin === null) return refusal('card-pin-unreadable')
  const given = { personId, clientId: caller.clientId, key, bodySha, at }
  return refusalOf(await tryCardPin(runtime.store.sql, runtime.vault, given, pin))
}

function refusalOf(verdict: PinVerdict): Refusal | null {
  switch (verdict.state) {
    case 'right':
    case 'answered':
      return null
    case 'wrong':
      return verdict.left > 0
        ? refusal('card-pin-wrong', { left: `${verdict.left}` })
        : refusal('card-pin-locked')
    case 'locked':
    case 'late':
      return refusal('card-pin-locked')
    case 'missing':
      return refusal('card-pin-missing')
    case 'busy':
      return refusal('server-busy')
    case 'running':
      return refusal('key-running')
    case 'spray':
      return refusal('card-pin-guessing', { retryAfterS: SPRAY_PAUSE_S })
    default:
      return unreachable(verdict)
  }
}

/** A terminal that guessed may ask again after this; the window of its tries is ten minutes. */
const SPRAY_PAUSE_S = '600'
