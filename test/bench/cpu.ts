/** Processor time of processes, as the kernel counts it. */
import { readdirSync, readFileSync } from 'node:fs'

/** A tick of the kernel's count; it has been a hundredth of a second on Linux for long. */
const TICK_MS = 10

/** What a centre and a PostgreSQL with all its processes have used so far, in milliseconds. */
export function cpuMs(centre: number, postmaster: number): number {
  const own = used(centre) + used(postmaster, 'with those that ended')
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .filter((pid) => parentOf(pid) === postmaster)
  return own + children.reduce((total, pid) => total + used(pid), 0)
}

/** The fields of a process after its name, from its state on; none where it is gone. */
function fieldsOf(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch (error) {
    // Gone between two looks: its parent counts its time.
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return []
    throw error
  }
}

const parentOf = (pid: number): number => Number.parseInt(fieldsOf(pid)[1] ?? '0', 10)

function used(pid: number, ended?: 'with those that ended'): number {
  const [user, system, userOfEnded, systemOfEnded] = fieldsOf(pid)
    .slice(11, 15)
    .map((field) => Number.parseInt(field, 10))
  const own = (user ?? 0) + (system ?? 0)
  const ofEnded = ended === undefined ? 0 : (userOfEnded ?? 0) + (systemOfEnded ?? 0)
  return (own + ofEnded) * TICK_MS
}
