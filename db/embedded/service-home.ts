import { createHash } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { mayEnter, runsAsRoot, type ServiceUser } from './service-user.ts'

/** Where service homes may lie, the lasting places first. */
export const homeParents = (): string[] =>
  runsAsRoot()
    ? ['/var/lib', '/var/tmp', os.tmpdir()]
    : [path.join(os.homedir(), '.cache'), '/var/tmp', os.tmpdir()]

export const homeName = /^medical-settlement-[0-9a-f]{12}$/

/**
 * A folder of ours that the service user may enter, for what cannot stay where the clone lies:
 * root's
 * home is closed to others, and PostgreSQL then runs as another user. It is named after the path it
 * stands in for, so that every clone has its own and finds it again.
 *
 * /var/lib comes first because it survives a restart of the machine; the folder for temporary files
 * is the last resort.
 */
export async function serviceHomeFor(
  standsFor: string,
  user: ServiceUser | undefined,
): Promise<string> {
  const mark = createHash('sha256').update(standsFor).digest('hex').slice(0, 12)
  const name = `medical-settlement-${mark}`
  const parents = homeParents()
  const homes = parents.filter((parent) => existsSync(parent)).map((p) => path.join(p, name))
  const known = homes.filter((home) => existsSync(home))
  for (const home of [...known, ...homes]) {
    if (makeOwnFolder(home) && (await mayEnter(home, user))) return home
  }
  throw new Error(
    `PostgreSQL cannot be run from ${standsFor}, which is closed to the user it runs as, ` +
      `and no replacement could be made in ${parents.join(', ')}.`,
  )
}

/**
 * Makes the folder, or accepts an existing one that is certainly ours: a folder that somebody else
 * put there under our name, or that others may write to, could slip us foreign programs.
 */
function makeOwnFolder(folder: string): boolean {
  const before = lstatSync(folder, { throwIfNoEntry: false })
  return before === undefined ? createOpenFolder(folder) : isOwnFolder(folder)
}

export function isOwnFolder(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false })
  const own = found?.isDirectory() === true && found.uid === process.getuid?.()
  return own && (found.mode & 0o022) === 0
}

function createOpenFolder(folder: string): boolean {
  try {
    mkdirSync(folder)
  } catch (error) {
    if (['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      return false // This parent is not for us; the caller tries the next one.
    }
    throw error
  }
  chmodSync(folder, 0o755) // The umask may have closed it.
  return true
}
