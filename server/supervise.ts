/**
 * Several server processes behind one port. The supervisor holds the port, the embedded database
 * and nothing of the business; the processes behind it are the whole server each. SIGHUP replaces
 * them one by one: the next is ready before the one it replaces is told to drain, so that at no
 * moment nobody takes requests. See server/operations/README.md.
 */
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { mergedText } from './rest/exposition.ts'

/** What a process is told, and what it says. */
export type ToProcess = { readonly drain: true } | { readonly metrics: number }
export type FromProcess =
  | { readonly ready: true }
  | { readonly metrics: number; readonly text: string }

export type SupervisorOptions = {
  readonly processes: number
  /** What the processes get over the environment of the supervisor. */
  readonly env: Readonly<Record<string, string>>
  readonly say: (line: string) => void
}
export type Supervisor = {
  /** Starts all; answers the exit code of one that could not start, or null. */
  start(): Promise<number | null>
  /** Replaces all, one by one; false where a new one did not come up and the old ones stay. */
  replaceAll(): Promise<boolean>
  metrics(): Promise<string>
  stop(): Promise<void>
}

const READY_MAX_MS = 120_000
const DRAIN_MAX_MS = 30_000
const METRICS_MAX_MS = 2_000
const START_AGAIN_MS = 1_000

export const openSupervisor = (options: SupervisorOptions): Supervisor => new Places(options)

/** The places, 1 to n: a process and the one that replaces it have the same. */
class Places implements Supervisor {
  private readonly options: SupervisorOptions
  private readonly working = new Map<number, Worker>()
  private stopping = false
  private restarts = 0
  private replacements = 0
  private asked = 0
  private turn: Promise<unknown> = Promise.resolve()

  constructor(options: SupervisorOptions) {
    this.options = options
  }

  async start(): Promise<number | null> {
    for (let place = 1; place <= this.options.processes; place += 1) {
      const failure = await this.startOne(place)
      if (failure !== null) return failure
    }
    return null
  }

  replaceAll(): Promise<boolean> {
    return this.inTurn(() => this.replaceEach())
  }

  async metrics(): Promise<string> {
    const texts = await Promise.all(
      [...this.working].map(async ([place, worker]) => {
        this.asked += 1
        return [String(place), await metricsOf(worker, this.asked)] as const
      }),
    )
    const own = ownFigures(this.working.size, this.restarts, this.replacements)
    return `${mergedText(texts)}\n${own}`
  }

  async stop(): Promise<void> {
    this.stopping = true
    await Promise.all(Object.values(cluster.workers ?? {}).map((worker) => worker && end(worker)))
  }

  private async startOne(place: number): Promise<number | null> {
    const worker = cluster.fork({ ...this.options.env, SERVER_PROCESS: String(place) })
    // What is sent to one that just died fails here; unheard, it would end the supervisor and with
    // it everybody. That it is gone is heard at its exit.
    worker.on('error', () => {})
    const failure = await readiness(worker)
    if (failure !== null) return failure
    this.working.set(place, worker)
    worker.once('exit', (code, signal) => {
      if (this.stopping || this.working.get(place) !== worker) return
      this.working.delete(place)
      this.options.say(`process ${place} ended by itself (${signal ?? code}); starting it again`)
      void this.startAgain(place)
    })
    return null
  }

  private async startAgain(place: number): Promise<void> {
    while (!this.stopping && !this.working.has(place)) {
      await sleep(START_AGAIN_MS)
      await this.inTurn(() => this.startIfEmpty(place))
    }
  }

  /** A replacement may have filled the place meanwhile; two in one would leave one unheard of. */
  private async startIfEmpty(place: number): Promise<void> {
    if (this.stopping || this.working.has(place)) return
    this.restarts += 1
    await this.startOne(place)
  }

  /** Starts and replacements come one after the other. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work)
    this.turn = done
    return done
  }

  private async replaceEach(): Promise<boolean> {
    for (let place = 1; place <= this.options.processes && !this.stopping; place += 1) {
      const old = this.working.get(place)
      const failure = await this.startOne(place)
      if (failure !== null) {
        this.options.say(`the new process ${place} did not start (${failure}); the old ones stay`)
        return false
      }
      if (old !== undefined) await drain(old)
    }
    this.replacements += 1
    this.options.say('all processes are replaced')
    return true
  }
}

/** Null once it is ready; its exit code where it ended before, 1 where it took too long. */
function readiness(worker: Worker): Promise<number | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(1)
      worker.process.kill('SIGKILL')
    }, READY_MAX_MS)
    const told = (result: number | null): void => {
      clearTimeout(timer)
      resolve(result)
    }
    worker.on('message', (message: FromProcess) => {
      if ('ready' in message) told(null)
    })
    worker.once('exit', (code) => told(code === 0 || code === null ? 1 : code))
  })
}

/** It takes no new connection and lets go of each with its next answer. */
async function drain(worker: Worker): Promise<void> {
  if (worker.isDead()) return
  const ended = once(worker, 'exit')
  if (worker.isConnected()) worker.send({ drain: true } satisfies ToProcess)
  await endWithin(worker, ended)
}

async function end(worker: Worker): Promise<void> {
  if (worker.isDead()) return
  const ended = once(worker, 'exit')
  worker.process.kill('SIGTERM')
  await endWithin(worker, ended)
}

async function endWithin(worker: Worker, ended: Promise<unknown>): Promise<void> {
  const force = setTimeout(() => worker.process.kill('SIGKILL'), DRAIN_MAX_MS)
  await ended
  clearTimeout(force)
}

/** Nothing of a process that does not answer in time: the others are told all the same. */
function metricsOf(worker: Worker, number: number): Promise<string> {
  return new Promise((resolve) => {
    const done = (text: string): void => {
      clearTimeout(timer)
      worker.off('message', hear)
      resolve(text)
    }
    const hear = (message: FromProcess): void => {
      if ('metrics' in message && message.metrics === number) done(message.text)
    }
    const timer = setTimeout(() => done(''), METRICS_MAX_MS)
    worker.on('message', hear)
    if (worker.isConnected()) worker.send({ metrics: number } satisfies ToProcess)
  })
}

const ownFigures = (processes: number, restarts: number, replacements: number): string =>
  [
    '# HELP supervisor_processes server processes that are ready',
    '# TYPE supervisor_processes gauge',
    `supervisor_processes ${processes}`,
    '# HELP supervisor_restarts_total processes that ended by themselves',
    '# TYPE supervisor_restarts_total counter',
    `supervisor_restarts_total ${restarts}`,
    '# HELP supervisor_replacements_total how often all processes were replaced',
    '# TYPE supervisor_replacements_total counter',
    `supervisor_replacements_total ${replacements}`,
    '',
  ].join('\n')
