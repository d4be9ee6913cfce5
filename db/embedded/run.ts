import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { prepareBinaries } from './binaries.ts'
import { readClusterMemory } from './cluster-file.ts'
import type { DataPlace } from './data-folder.ts'
import { lastLines, logFileOf, readLogSince, rotateLog, sizeOf } from './log-file.ts'
import { freePort, portIsFree } from './ports.ts'
import {
  disarmStalePidFile,
  findPostmaster,
  killPostmaster,
  spawnPostmaster,
} from './postmaster.ts'
import { isAlive } from './processes.ts'
import { waitReady } from './readiness.ts'
import type { Settings } from './settings.ts'

/** A PostgreSQL that answers with our password. */
export type Launched = {
  readonly pid: number
  readonly port: number
  readonly ended: Promise<void>
}

type Run = {
  readonly dataDir: string
  readonly place: DataPlace
  readonly password: string
  readonly log: (line: string) => void
}

/** Leftover processes of a killed PostgreSQL end by themselves once they notice; this is ample. */
const leftoversMaxMs = 30_000
const pollMs = 200

/**
 * Attaches to a PostgreSQL that already runs for this folder. Undefined if there is none, or if the
 * one there was on its way out and is gone now.
 */
export async function attach({
  place,
  password,
  dataDir,
  log,
}: Run): Promise<Launched | undefined> {
  const { real } = place
  const pid = findPostmaster(real)?.pid
  if (pid === undefined) return undefined
  const lives = (): boolean => findPostmaster(real)?.pid === pid
  const found = await waitReady({ real, pid, password }, lives, waitingLine(log))
  if (found === 'gone') return undefined
  if (found.answer === 'ready') return { pid, port: found.port, ended: endOf(pid) }
  throw new Error(
    `A PostgreSQL (process ${pid}, port ${found.port}) already runs for ${dataDir} and does not ` +
      'take our password. Stop it, or restore the password file beside the data.',
  )
}

/** Starts PostgreSQL and waits until it answers, recovery after a crash included. */
export async function launch(
  run: Run & { readonly port?: number; readonly settings: Settings },
): Promise<Launched> {
  const { postgres } = await prepareBinaries(run.place.user)
  const logFile = logFileOf(run.dataDir)
  rotateLog(logFile)
  const deadline = performance.now() + leftoversMaxMs
  let port = run.port ?? (await rememberedPort(run.dataDir)) ?? (await freePort())
  for (;;) {
    const logStart = sizeOf(logFile)
    disarmStalePidFile(run.place.real)
    const child = spawnPostmaster(postgres, { ...run.place, port, settings: run.settings, logFile })
    const launched = await answerOf(child, run)
    if (launched !== undefined) return launched
    const said = readLogSince(logFile, logStart)
    const retry = performance.now() < deadline
    if (retry && run.port === undefined && /could not bind|any TCP\/IP sockets/.test(said)) {
      port = await freePort() // Somebody took it between our look and the start.
    } else if (retry && /is still in use/.test(said)) {
      await sleep(pollMs)
    } else {
      throw new Error(`PostgreSQL does not start (${logFile}):\n${lastLines(said)}`)
    }
  }
}

async function rememberedPort(dataDir: string): Promise<number | undefined> {
  const port = readClusterMemory(dataDir)?.port
  return port !== undefined && (await portIsFree(port)) ? port : undefined
}

/** The running server; undefined if it ended before it was ready. Leaves none behind that fails. */
async function answerOf(child: ChildProcess, run: Run): Promise<Launched | undefined> {
  await once(child, 'spawn')
  child.unref()
  const pid = child.pid ?? 0
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const lives = (): boolean => child.exitCode === null && child.signalCode === null
  const about = { real: run.place.real, pid, password: run.password }
  try {
    const found = await waitReady(about, lives, waitingLine(run.log))
    if (found === 'gone') return undefined
    if (found.answer === 'ready') return { pid, port: found.port, ended }
    throw new Error('the embedded PostgreSQL does not take the password stored beside its data')
  } catch (error) {
    await killPostmaster(pid)
    throw error
  }
}

const waitingLine = (log: (line: string) => void) => (seconds: number) =>
  log(`PostgreSQL is still starting, perhaps recovering after a crash (${seconds} s)`)

/** Not our child, so the system does not tell us; we look. The look keeps no process alive. */
function endOf(pid: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (isAlive(pid)) return
      clearInterval(timer)
      resolve()
    }, pollMs)
    timer.unref()
  })
}
