import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const hasProc = existsSync('/proc/self/stat')

/** The numbers of all processes, where the system shows them in /proc. */
const allPids = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => Number.parseInt(name, 10))

/** Whether a process lives; one that ended and only waits for its parent to notice does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return statusOf(pid)?.state !== 'Z'
}

/** Sends a signal; answers whether there was still a process to receive it. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/** The command a process was started with, empty if there is none. */
export function commandOf(pid: number): string {
  if (hasProc) return readIfThere(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim() ?? ''
  return processTable().find((row) => row.pid === pid)?.command ?? ''
}

/** The processes that were started with a command that names this path. */
export function processesNaming(place: string): number[] {
  if (!hasProc) {
    return processTable().flatMap(({ pid, command }) => (command.includes(place) ? [pid] : []))
  }
  return allPids().filter((pid) => commandOf(pid).includes(place))
}

/**
 * The processes that prepare a database in a folder whose path begins so: initdb, which names it,
 * and the shells and servers it starts, which are given it as PGDATA and outlive their parent.
 */
export function processesPreparing(place: string): number[] {
  const named = processesNaming(place)
  if (!hasProc) return [...named, ...named.flatMap(childrenOf)]
  const given = (pid: number): boolean => environmentOf(pid).includes(`\0PGDATA=${place}`)
  return allPids().filter((pid) => named.includes(pid) || given(pid))
}

/** Whether any process was started with a command that names this path. */
export const someCommandNames = (place: string): boolean => processesNaming(place).length > 0

/** The processes that this one started and that still live. */
export function childrenOf(pid: number): number[] {
  if (!hasProc) return processTable().flatMap((row) => (row.parent === pid ? [row.pid] : []))
  return allPids().filter((candidate) => statusOf(candidate)?.parent === pid)
}

/** Waits until none of them lives; answers false if that did not happen in time. */
export async function allGone(pids: readonly number[], timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs
  while (pids.some(isAlive)) {
    if (performance.now() > deadline) return false
    await sleep(20)
  }
  return true
}

/** The environment a process was started with, each setting after a zero byte; empty if unknown. */
const environmentOf = (pid: number): string => `\0${readIfThere(`/proc/${pid}/environ`) ?? ''}`

/** Reads /proc/<pid>/stat, whose second field is a name in brackets that may hold anything. */
function statusOf(pid: number): { state: string; parent: number } | undefined {
  const text = hasProc ? readIfThere(`/proc/${pid}/stat`) : undefined
  const [state, parent] = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? []
  if (state === undefined || parent === undefined) return undefined
  return { state, parent: Number.parseInt(parent, 10) }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return undefined
    throw error
  }
}

/** For systems without /proc. */
function processTable(): { pid: number; parent: number; command: string }[] {
  const rows = execFileSync('ps', ['-axo', 'pid=,ppid=,command='], { encoding: 'utf8' })
  return rows.split('\n').flatMap((row) => {
    const [, pid, parent, command] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? []
    if (pid === undefined || parent === undefined || command === undefined) return []
    return [{ pid: Number.parseInt(pid, 10), parent: Number.parseInt(parent, 10), command }]
  })
}
