import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive } from './processes.ts'

const heldHere = new Set<string>()
const waitMaxMs = 120_000

export const startLockOf = (dataDir: string): string => `${dataDir}.starting`

/**
 * Runs `work` while no other process starts the same data folder: of a server and a command that
 * start at the same moment, one initialises and starts, the other then finds it running.
 */
export const whileStartingAlone = <T>(dataDir: string, work: () => Promise<T>): Promise<T> =>
  whileAlone(startLockOf(dataDir), `starting ${dataDir}`, work)

/**
 * Runs `work` while no other process, and nobody else in this one, works under the same lock file.
 * A lock whose process is gone does not count. Throws when the other takes too long.
 *
 * @param doing what the other is then said to be still doing.
 */
export async function whileAlone<T>(
  file: string,
  doing: string,
  work: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + waitMaxMs
  while (!take(file)) {
    if (performance.now() > deadline) {
      throw new Error(`Another process is still ${doing}. If not, remove ${file}.`)
    }
    await sleep(50)
  }
  heldHere.add(file)
  try {
    return await work()
  } finally {
    heldHere.delete(file)
    rmSync(file, { force: true })
  }
}

function take(file: string): boolean {
  try {
    writeFileSync(file, `${process.pid}\n`, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  if (abandoned(file)) rmSync(file, { force: true })
  return false
}

/** Its process ended without removing it, or our own number was that process's number before. */
function abandoned(file: string): boolean {
  const holder = Number.parseInt(readIfThere(file) ?? '', 10)
  if (Number.isNaN(holder)) return false // Just removed, or being written this instant.
  return holder === process.pid ? !heldHere.has(file) : !isAlive(holder)
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
