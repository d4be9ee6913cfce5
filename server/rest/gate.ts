/**
 * The admission gate in front of the database (reliability notes 6.4): so many requests at work,
 * twice as many waiting for at most a second, everybody else is told to come back. The driver
 * itself would let requests wait without limit.
 */
export type GateOptions = {
  readonly inFlightMax: number
  readonly queueMax: number
  readonly waitMsMax: number
}
export type Gate = {
  /** True once a place is free, false where none became free in time. Leave after a true. */
  enter(): Promise<boolean>
  leave(): void
  isFull(): boolean
  inFlight(): number
  queued(): number
  /** How many may be at work at once. */
  readonly places: number
}

/** In flight ≤ n, queue ≤ 2n, wait ≤ 1 s. */
export const gateOptions = (inFlightMax: number): GateOptions => ({
  inFlightMax,
  queueMax: 2 * inFlightMax,
  waitMsMax: 1_000,
})

export function openGate(options: GateOptions): Gate {
  let inFlight = 0
  const waiting = new Set<() => void>()
  const isFull = () => inFlight >= options.inFlightMax && waiting.size >= options.queueMax

  const queueUp = (): Promise<boolean> =>
    new Promise((resolve) => {
      const admit = () => {
        clearTimeout(timer)
        waiting.delete(admit)
        resolve(true)
      }
      const timer = setTimeout(() => {
        waiting.delete(admit)
        resolve(false)
      }, options.waitMsMax)
      waiting.add(admit)
    })

  return {
    async enter() {
      if (isFull()) return false
      if (inFlight >= options.inFlightMax) return queueUp()
      inFlight += 1
      return true
    },
    leave() {
      // The place passes on to whoever waits longest, so the number in flight stays as it is.
      const [next] = waiting
      if (next) next()
      else inFlight -= 1
    },
    isFull,
    inFlight: () => inFlight,
    queued: () => waiting.size,
    places: options.inFlightMax,
  }
}
