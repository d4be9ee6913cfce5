/**
 * Data folders outside a clone (see service-home.ts) whose clone let go of them. What cannot be
 * told for certain stays: a clone that was moved, a disk that is not mounted and a folder that may
 * not be read look like a clone that is gone, and their data must be there when they come back.
 */
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import path from 'node:path'
import { clusterFileOf } from './cluster-file.ts'
import { someCommandNames } from './processes.ts'
import { homeName, homeParents, isOwnFolder } from './service-home.ts'
import { startLockOf, whileStartingAlone } from './start-lock.ts'

export type Sweep = {
  /** Folders that hold service homes; absent: where this user's lie. */
  readonly parents?: readonly string[]
  /** Whether this owner is gone for good; absent: only where its own folder shows that it is. */
  readonly isGone?: (owner: string) => boolean
  readonly log: (line: string) => void
}

/** Removes what nobody owns or uses any more, and says so in one line each. */
export async function sweepAbandoned(sweep: Sweep): Promise<void> {
  const { parents = homeParents(), isGone, log } = sweep
  for (const home of parents.flatMap(homesIn)) {
    const owner = ownerOf(home)
    if (owner === undefined) continue
    const remove = (): void => {
      if (someCommandNames(home)) return
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
      log(`removed ${home}: the data of ${owner}, which is gone`)
    }
    if (isGone !== undefined) {
      if (isGone(owner)) remove()
    } else if (letGo(owner) && isMissing(startLockOf(owner))) {
      // Holding the lock, so that nobody begins to use them between our look and their end.
      await whileStartingAlone(owner, async () => {
        if (letGo(owner)) remove()
      })
    }
  }
}

/** The data folder that a home stands in for; undefined where this is not certain. */
function ownerOf(home: string): string | undefined {
  if (!isOwnFolder(home)) return undefined
  try {
    const note = readFileSync(path.join(home, 'data-of'), 'utf8')
    const owner = note.replace(/\n$/, '')
    return path.isAbsolute(owner) && !owner.includes('\n') ? owner : undefined
  } catch {
    return undefined // Programs rather than data, or a start that has not come as far as the note.
  }
}

/**
 * Whether the folder around the data is there and the data and their password are not, and nothing
 * beside them points to where they lie.
 */
function letGo(owner: string): boolean {
  const around = path.dirname(owner)
  try {
    if (!statSync(around).isDirectory()) return false
    if (readdirSync(around, { withFileTypes: true }).some((one) => one.isSymbolicLink())) {
      return false // Perhaps the link to these data under another name.
    }
  } catch {
    return false // Gone, moved, not mounted or closed: nobody can tell which.
  }
  return [owner, clusterFileOf(owner)].every(isMissing)
}

/** Certainly not there; what may not be looked at is not missing. */
export function isMissing(file: string): boolean {
  try {
    lstatSync(file)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT'
  }
}

function homesIn(parent: string): string[] {
  try {
    const names = existsSync(parent) ? readdirSync(parent) : []
    return names.filter((name) => homeName.test(name)).map((name) => path.join(parent, name))
  } catch {
    return [] // Closed to us, so nothing in it is ours.
  }
}
