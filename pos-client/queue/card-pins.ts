/**
 * PINs of the sales that are being sent, in the memory of this process and nowhere else (S17, S19):
 * none is in the journal, and none is ever compared here. After a restart the key is asked for
 * without one: what the centre has decided stands, and what never came is refused and sold anew.
 */
import type { HeldCardPin } from '../server-gateway/gateway.ts'

export type CardPins = {
  hold(key: string, held: HeldCardPin): void
  of(key: string): HeldCardPin | undefined
  /** Forgets it, once its sale is decided. */
  drop(key: string): void
}

export function openCardPins(): CardPins {
  const held = new Map<string, HeldCardPin>()
  return {
    hold(key, pin) {
      held.set(key, pin)
    },
    of: (key) => held.get(key),
    drop(key) {
      held.delete(key)
    },
  }
}
