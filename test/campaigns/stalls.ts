import { monitorEventLoopDelay } from 'node:perf_hooks'

/**
 * Notes how long this process got no processor or was busy itself; ending it answers the 99th
 * percentile and the longest, in ms. Every time a campaign measured includes them: where they are
 * long, the machine had other work, and a time is no fault of the centre.
 */
export function watchStalls(): () => Record<'p99_ms' | 'max_ms', number> {
  const delays = monitorEventLoopDelay({ resolution: 10 })
  delays.enable()
  return () => {
    delays.disable()
    const inMs = (nanoseconds: number) => Math.round(nanoseconds / 1e6)
    return { p99_ms: inMs(delays.percentile(99)), max_ms: inMs(delays.max) }
  }
}
