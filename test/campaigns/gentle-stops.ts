/** C23: the centre is stopped under load as a service manager stops it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Campaign, type Result, type Run, timesOf, untilCaught } from './campaign.ts'
import type { Attempt } from './client.ts'
import { startLoad } from './load.ts'
import { breachesOf } from './verdict.ts'
import type { Splice } from './weave.ts'
import { openWorld, type World } from './world.ts'

const CLIENTS = 12
const STOP_WITHIN_MS = 300
/** Reliability notes, C23. */
const EXIT_MS_MAX = 15_000

const NOTE_WHO_IS_LET_IN: Splice = {
  file: 'server/app.ts',
  at: "c.set('requestId', newId())",
  put: "campaign.letIn(c.req.header('signature-input'))\n    c.set('requestId', newId())",
}
const EXIT_AT_ONCE: Splice = {
  file: 'server/main.ts',
  at: 'if (stopping) return\n    stopping = true\n    stopSweeping()',
  put: 'process.exit(0)',
}

/** What became of attempts that had no answer. */
type Broken = { readonly nonces: string[]; notConnected: number }

async function stopAgainAndAgain(world: World, run: Run, letIn: string, broken: Broken) {
  const { journal, url } = world
  const onAttempt = ({ answer, nonce, notConnected }: Attempt): void => {
    if (answer !== null) return
    if (notConnected) broken.notConnected += 1
    else broken.nonces.push(nonce)
  }
  const random = run.random.fork(1)
  const keepAlive = true
  const load = startLoad({
    clients: CLIENTS,
    random,
    journal,
    url: () => url,
    keepAlive,
    onAttempt,
  })
  const exits: number[] = []
  const codes: Record<string, number> = {}
  while (exits.length < run.n && !(await run.isOver())) {
    await load.nextSend()
    await sleep(run.random.below(STOP_WITHIN_MS))
    const centre = world.centre()
    const began = performance.now()
    process.kill(centre.pid, 'SIGTERM')
    const code = String(await centre.ended)
    codes[code] = (codes[code] ?? 0) + 1
    exits.push(performance.now() - began)
    await world.start({ CAMPAIGN_LET_IN: letIn })
    if (exits.length % 50 === 0) run.say(`  ${exits.length} stops`)
  }
  await load.stop()
  return { exits, codes, load: load.figures }
}

async function inWorld(splices: readonly Splice[], run: Run): Promise<Result> {
  const world = await openWorld({ splices: [NOTE_WHO_IS_LET_IN, ...splices] })
  try {
    const letIn = join(world.folder, 'let-in')
    await world.centre().stop()
    await world.start({ CAMPAIGN_LET_IN: letIn })
    const broken: Broken = { nonces: [], notConnected: 0 }
    const { exits, codes, load } = await stopAgainAndAgain(world, run, letIn, broken)
    const taken = new Set(readFileSync(letIn, 'utf8').split('\n'))
    const unanswered = broken.nonces.filter((nonce) => taken.has(nonce))
    const exit = timesOf(exits)
    const breaches = await breachesOf(world, load)
    if (unanswered.length > 0) {
      breaches.push(`${unanswered.length} requests were let in and not answered`)
    }
    if (run.timed && exit.max_ms > EXIT_MS_MAX) breaches.push(`a stop took ${exit.max_ms} ms`)
    const others = Object.keys(codes).filter((code) => code !== '0')
    if (others.length > 0) breaches.push(`the centre ended with ${others}`)
    const figures = {
      exit,
      operations: load.known,
      retried: load.retried,
      let_in_unanswered: unanswered.length,
      keep_alive_races: broken.nonces.length - unanswered.length,
      not_connected: broken.notConnected,
    }
    return { n: exits.length, breaches, figures }
  } finally {
    await world.close()
  }
}

export const gentleStops: Campaign = {
  name: 'C23',
  injects: 'the centre is told to stop (SIGTERM) under load, and started again',
  control: 'a centre that exits at once',
  usual: 200,
  table: 200,
  catchPlanted: (run) => untilCaught(run, 2, (part) => inWorld([EXIT_AT_ONCE], part)),
  run: (run) => inWorld([], run),
}
