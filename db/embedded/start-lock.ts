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
export async function whileStartingAlone<T>(dataDir: string, work: () => Promise<T>): Promise<T> {
  const file = startLockOf(dataDir)
  const deadline = performance.now() + waitMaxMs
  while (!take(file)) {
    if (performance.now() > deadline) {
      throw new Error(`Another process is still starting ${dataDir}. If not, remove ${file}.`)
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
