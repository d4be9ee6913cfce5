/** C1: the centre is killed at random moments of a request. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Campaign, type Result, type Run, timesOf, untilCaught } from './campaign.ts'
import { startLoad } from './load.ts'
import { breachesOf } from './verdict.ts'
import type { Splice } from './weave.ts'
import { inWorld, type World } from './world.ts'

const CLIENTS = 10
const KILL_WITHIN_MS = 500
/** Reliability notes, C1: ready again within this time at the 99th percentile. */
const READY_P99_MS = 5_000

/** The verdicts are told before the batch is sent, which a death in between then loses. */
export const ANSWER_BEFORE_COMMIT: Splice = {
  file: 'server/store/batch.ts',
  at: 'const [row] = await sql.unsafe<{ verdicts: Verdict[] }[]>(',
  put: `const told = [rows, moves, codes, answers, ...documents]
  const send = () => sql.unsafe(statementFor(postings.length), told, { prepare: true })
  setTimeout(() => void send(), 200)
  if (told.length > 0) return postings.map(() => ({ verdict: 'posted' }))
  const [row] = await sql.unsafe<{ verdicts: Verdict[] }[]>(`,
}

/** Kills the centre `n` times; answers how long each start took, in ms. */
async function killAgainAndAgain(world: World, run: Run, load: ReturnType<typeof startLoad>) {
  const starts: number[] = []
  while (starts.length < run.n && !(await run.isOver())) {
    await load.nextSend()
    await sleep(run.random.below(KILL_WITHIN_MS))
    await world.centre().kill()
    starts.push(await world.start())
    if (starts.length % 100 === 0) run.say(`  ${starts.length} kills`)
  }
  return starts
}

async function round(world: World, run: Run): Promise<Result> {
  const { journal, url } = world
  const random = run.random.fork(1)
  const load = startLoad({ clients: CLIENTS, random, journal, url: () => url })
  const starts = await killAgainAndAgain(world, run, load)
  await load.stop()
  const times = timesOf(starts)
  const breaches = await breachesOf(world, load.figures)
  if (run.timed && times.p99_ms > READY_P99_MS)
    breaches.push(`ready after ${times.p99_ms} ms at p99`)
  const { known, retried, attempts } = load.figures
  return {
    n: starts.length,
    breaches,
    figures: { operations: known, retried, attempts, ready: times },
  }
}

export const killedCentre: Campaign = {
  name: 'C1',
  injects: 'the centre is killed (SIGKILL) 0–500 ms after a request starts, and started again',
  control: 'a centre that answers before COMMIT',
  usual: 600,
  table: 1_000,
  catchPlanted: (run) =>
    inWorld({ splices: [ANSWER_BEFORE_COMMIT] }, (world) =>
      untilCaught(run, 3, (part) => round(world, part)),
    ),
  run: (run) => inWorld({}, (world) => round(world, run)),
}
