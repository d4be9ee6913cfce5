/** Sales over lines that fail, each sale hit by one fault: what C9 and C10 have in common. */
import { type Fault, type FaultProxy, openFaultProxy } from '../support/fault-proxy.ts'
import type { Run } from './campaign.ts'
import { type Attempt, type Client, openClient } from './client.ts'
import { saleOf } from './load.ts'
import type { World } from './world.ts'

export type Hit = {
  /** How often it was sent before its outcome was known; null where it never was. */
  readonly sends: number | null
  readonly text: string
}
export type LineOptions = {
  readonly lines: number
  /** A client's limit for an attempt, in ms. */
  readonly limitMs: number
  /** The fault for the sale of this number. */
  readonly faultOf: (n: number) => Fault
  readonly onAttempt?: (attempt: Attempt) => void
  readonly onHit?: (n: number, hit: Hit) => void
}

/** `run.n` sales, as many at once as there are lines; answers how many of the faults have hit. */
export async function sellOverFaultyLines(
  world: World,
  run: Run,
  options: LineOptions,
): Promise<number> {
  let next = 0
  let hits = 0
  const work = async (client: Client, proxy: FaultProxy, line: number): Promise<void> => {
    const random = run.random.fork(line)
    while (next < run.n && !(await run.isOver())) {
      const n = next
      next += 1
      proxy.arm(options.faultOf(n))
      const outcome = await client.send('/v1/settlements', saleOf(random))
      options.onHit?.(n, { sends: outcome?.sends ?? null, text: outcome?.text ?? '' })
      if ((n + 1) % 500 === 0) run.say(`  ${n + 1} sales`)
    }
    hits += proxy.hits()
  }
  const lines = Array.from({ length: options.lines }, async (_, line) => {
    const proxy = await openFaultProxy({ host: '127.0.0.1', port: world.port })
    const client = openClient({
      url: () => `http://127.0.0.1:${proxy.port}`,
      journal: world.journal,
      till: 1 + (line % 2),
      limitMs: options.limitMs,
      ...(options.onAttempt === undefined ? {} : { onAttempt: options.onAttempt }),
    })
    try {
      await work(client, proxy, line)
    } finally {
      client.close()
      await proxy.close()
    }
  })
  await Promise.all(lines)
  return hits
}
