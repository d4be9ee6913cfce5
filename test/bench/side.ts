/** One server, of one process or of several, as it is measured round by round. */
import { childrenOf } from '../../db/embedded/processes.ts'
import type { Centre } from '../support/centre.ts'
import { median } from '../support/median.ts'
import { memoryOf } from '../support/memory.ts'
import { cpuTimeUs } from './cpu-time.ts'
import type { LoadPlan, LoadResult } from './load.ts'
import { measure } from './place.ts'

/** CPU time for each settlement of a measurement, in microseconds. */
type Cost = { readonly server: number; readonly postgres: number }
export type Side = {
  readonly centre: Centre
  /** Results by number of clients, a round after the other. */
  readonly results: ReadonlyMap<number, LoadResult[]>
  /** At the most clients. */
  readonly costs: Cost[]
  /** The most of each of its processes, the supervisor first where there is one. */
  readonly rssMb: number[]
}
type Measured = 'perSecond' | 'p50Ms' | 'p99Ms'

export const openSide = (centre: Centre, clients: readonly number[]): Side => ({
  centre,
  results: new Map(clients.map((count) => [count, []])),
  costs: [],
  rssMb: [],
})

/** The median of the rounds. */
export const figureOf = (side: Side, clients: number, name: Measured): number =>
  median((side.results.get(clients) ?? []).map((one) => one[name]))

/** The best it settles a second at any of these numbers of clients. */
export const bestOf = (side: Side, clients: readonly number[]): number =>
  Math.max(...clients.map((count) => figureOf(side, count, 'perSecond')))

export const costOf = ({ costs }: Side): Cost => ({
  server: median(costs.map(({ server }) => server)),
  postgres: median(costs.map(({ postgres }) => postgres)),
})

/** Measures it once and keeps what came of it, and what it and PostgreSQL took for it. */
export function measureSide(
  side: Side,
  program: string,
  plan: LoadPlan,
  postgresPid: number,
): LoadResult {
  const { centre, results, costs, rssMb } = side
  const before = { server: cpuTimeUs(centre.pid), postgres: cpuTimeUs(postgresPid) }
  const result = measure(program, { ...plan, url: centre.url })
  const settled = Math.max(1, result.statuses['201'] ?? 0)
  const each = (us: number): number => Math.round(us / settled)
  if (plan.clients === Math.max(...results.keys())) {
    costs.push({
      server: each(cpuTimeUs(centre.pid) - before.server),
      postgres: each(cpuTimeUs(postgresPid) - before.postgres),
    })
  }
  results.get(plan.clients)?.push(result)
  for (const [index, pid] of [centre.pid, ...childrenOf(centre.pid)].entries()) {
    rssMb[index] = Math.max(rssMb[index] ?? 0, residentMb(pid))
  }
  return result
}

const residentMb = (pid: number): number => Math.round(memoryOf({ pid }) / 2 ** 20)
