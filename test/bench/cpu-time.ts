/** CPU time that processes take, as Linux counts it: ticks of a hundredth of a second. */
import { readFileSync } from 'node:fs'
import { childrenOf } from '../../db/embedded/processes.ts'

const TICK_US = 10_000

/** Fields after the command, which may itself hold blanks and brackets. */
function ticksOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    // Its own in user and system mode, then that of children that have ended.
    return [11, 12, 13, 14].reduce((sum, at) => sum + Number.parseInt(fields[at] ?? '0', 10), 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}

/** Microseconds of a process and all its children since they started. */
export const cpuTimeUs = (pid: number): number =>
  [pid, ...childrenOf(pid)].reduce((sum, each) => sum + ticksOf(each), 0) * TICK_US
