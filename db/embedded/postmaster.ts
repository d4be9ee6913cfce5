import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { allGone, childrenOf, commandOf, isAlive, sendSignal } from './processes.ts'
import { programOptions, type ServiceUser } from './service-user.ts'
import { type Settings, settingArguments } from './settings.ts'

/**
 * How PostgreSQL ends: `fast` writes a checkpoint, `immediate` leaves recovery to the next start.
 */
export type StopMode = 'fast' | 'immediate'

const stopSignal = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const satisfies Record<
  StopMode,
  NodeJS.Signals
>
const fastStopMaxMs = 60_000
const immediateStopMaxMs = 10_000

/** What postmaster.pid says: who runs, where it listens, and whether it takes connections. */
export type RunningPostmaster = {
  readonly pid: number
  readonly port: number
  readonly ready: boolean
}

/** The living postmaster of a data folder, if there is one. */
export function findPostmaster(real: string): RunningPostmaster | undefined {
  const lines = readPidFile(real)?.split('\n') ?? []
  const pid = Number.parseInt(lines[0] ?? '', 10)
  if (Number.isNaN(pid) || !isPostmasterOf(pid, real)) return undefined
  const ready = lines[7]?.trim() === 'ready' // The file grows by lines while it starts.
  return { pid, port: Number.parseInt(lines[3] ?? '0', 10), ready }
}

function isPostmasterOf(pid: number, real: string): boolean {
  if (!isAlive(pid)) return false
  const command = commandOf(pid)
  return command.includes('postgres') && command.includes(realpathSync(real))
}

/**
 * After a crash the number in postmaster.pid may meanwhile belong to another program of the same
 * user (in a container the numbers repeat), and PostgreSQL would then refuse to start. Our own
 * number takes its place: PostgreSQL knows that its parent is no rival. The other lines stay, for
 * it looks there for shared memory that a leftover process still uses.
 */
export function disarmStalePidFile(real: string): void {
  const text = readPidFile(real)
  if (text === undefined || findPostmaster(real) !== undefined) return
  const rest = text.split('\n').slice(1)
  writeFileSync(path.join(real, 'postmaster.pid'), [String(process.pid), ...rest].join('\n'))
}

function readPidFile(real: string): string | undefined {
  try {
    return readFileSync(path.join(real, 'postmaster.pid'), 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Starts PostgreSQL in a session of its own, so that Ctrl-C in the terminal reaches only us and we
 * stop it after our last transaction. What it says goes to the log file.
 */
export function spawnPostmaster(
  program: string,
  given: {
    real: string
    user: ServiceUser | undefined
    port: number
    settings: Settings
    logFile: string
  },
): ChildProcess {
  const log = openSync(given.logFile, 'a', 0o600)
  try {
    return spawn(program, ['-D', given.real, ...settingArguments(given.settings, given.port)], {
      ...programOptions(given.user),
      detached: true,
      stdio: ['ignore', log, log],
    })
  } finally {
    closeSync(log)
  }
}

/**
 * Stops the postmaster and waits until it is gone. A fast stop that takes longer than a minute
 * becomes an immediate one, which loses nothing: the next start recovers from the journal.
 */
export async function stopPostmaster(pid: number, mode: StopMode): Promise<void> {
  if (!sendSignal(pid, stopSignal[mode])) return
  if (await allGone([pid], mode === 'fast' ? fastStopMaxMs : immediateStopMaxMs)) return
  if (mode === 'fast') await stopPostmaster(pid, 'immediate')
  else await killPostmaster(pid)
}

/**
 * Ends the postmaster and all its processes at once, as a power cut would. The postmaster is held
 * first, so that it starts no further process while we count them.
 */
export async function killPostmaster(pid: number): Promise<void> {
  if (!sendSignal(pid, 'SIGSTOP')) return
  const all = [pid, ...childrenOf(pid)]
  for (const each of all) sendSignal(each, 'SIGKILL')
  if (!(await allGone(all, immediateStopMaxMs))) {
    throw new Error(`PostgreSQL (process ${pid}) does not end, even when killed`)
  }
}

/** Stops a postmaster that still serves data whose link somebody removed. */
export async function stopLeftover(real: string): Promise<void> {
  const running = findPostmaster(real)
  if (running !== undefined) await stopPostmaster(running.pid, 'fast')
}
