/**
 * Supervisors in trouble, by name: `unheard` asks a process for its metrics before it can know that
 * it is dead; `crowded` replaces all while a dead one is being started again.
 */
import cluster from 'node:cluster'
import { setTimeout as sleep } from 'node:timers/promises'
import { openSupervisor } from '../../server/supervise.ts'

const BLIND_MS = 50
const START_MS = 800

const pids = (): number[] =>
  Object.values(cluster.workers ?? {}).map((worker) => worker?.process.pid ?? 0)

const supervisor = openSupervisor({ processes: 1, env: {}, say: () => {} })
const killOne = (): void => void process.kill(pids()[0] ?? 0, 'SIGKILL')

async function unheard(): Promise<string> {
  killOne()
  const until = performance.now() + BLIND_MS
  while (performance.now() < until) {
    // Nothing is heard meanwhile, as under load.
  }
  const text = await supervisor.metrics()
  return text.includes('supervisor_processes') ? 'alive' : 'without figures'
}

async function crowded(): Promise<string> {
  const first = pids()
  killOne()
  // It waits a second before it starts one again, which then takes its time.
  while (pids().length === 0 || pids().some((pid) => first.includes(pid))) await sleep(10)
  await supervisor.replaceAll()
  await sleep(2 * START_MS)
  return `${pids().length} in one place`
}

if (cluster.isPrimary) {
  await supervisor.start()
  const told = process.argv[2] === 'crowded' ? await crowded() : await unheard()
  await supervisor.stop()
  process.stdout.write(told)
  process.exit(0)
}
process.on('message', (message: object) => {
  if ('drain' in message) process.exit(0)
})
await sleep(process.argv[2] === 'crowded' ? START_MS : 0)
process.send?.({ ready: true })
setInterval(() => {}, 1_000)
