/** A supervisor that asks a process for its metrics before it can know that it is dead. */
import cluster from 'node:cluster'
import { openSupervisor } from '../../server/supervise.ts'

const BLIND_MS = 50

if (cluster.isPrimary) {
  const supervisor = openSupervisor({ processes: 1, env: {}, say: () => {} })
  await supervisor.start()
  const victim = Object.values(cluster.workers ?? {})[0]?.process.pid ?? 0
  process.kill(victim, 'SIGKILL')
  const until = performance.now() + BLIND_MS
  while (performance.now() < until) {
    // Nothing is heard meanwhile, as under load.
  }
  const text = await supervisor.metrics()
  await supervisor.stop()
  process.stdout.write(text.includes('supervisor_processes') ? 'alive' : 'without figures')
  process.exit(0)
}
process.send?.({ ready: true })
setInterval(() => {}, 1_000)
