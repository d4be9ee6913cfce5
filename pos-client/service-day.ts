/** The day on which a customer stands at the counter (费用发生日), by the centre's clock. */
import { dayOf, instant, type ServiceDay } from '../server/kernel/calendar.ts'
import type { Clock } from '../server/kernel/clock.ts'
import type { Gateway } from './server-gateway/gateway.ts'

/** Rather early than late: the centre refuses a day that has not begun there. */
const EARLY_MS = 5_000

/**
 * Today by the till's clock, put right by what is known of the centre's. A till that has not heard
 * from the centre yet asks for its time first; out of reach of it, its own clock must do.
 */
export async function serviceDayNow(till: {
  readonly clock: Clock
  readonly gateway: Gateway
}): Promise<ServiceDay> {
  const { clock, gateway } = till
  if (gateway.link().skewS === null) await gateway.ping()
  const skewMs = (gateway.link().skewS ?? 0) * 1000
  return dayOf(instant(clock.now() - skewMs - EARLY_MS))
}
