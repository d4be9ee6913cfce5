import { readFileSync } from 'node:fs'

/** Resident memory of a program, in bytes; 0 where it is gone. */
export function memoryOf({ pid }: { readonly pid: number }): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return 1_024 * Number.parseInt(kilobytes ?? '0', 10)
}

type Most = {
  readonly mb: number
  /** In times of what it was at first. */
  readonly times: number
}

/** Watches the memory of a program; ending it answers the most that it held. */
export function watchMemory(program: { readonly pid: number }): () => Most {
  const first = memoryOf(program)
  let most = first
  const look = (): void => {
    most = Math.max(most, memoryOf(program))
  }
  const watch = setInterval(look, 100)
  return () => {
    clearInterval(watch)
    look()
    return { mb: Math.round(most / 2 ** 20), times: Number((most / first).toFixed(2)) }
  }
}
