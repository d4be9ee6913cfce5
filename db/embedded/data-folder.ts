import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { clusterFileOf } from './cluster-file.ts'
import { stopLeftover } from './postmaster.ts'
import { serviceHomeFor } from './service-home.ts'
import { mayEnter, runsAsRoot, type ServiceUser, serviceUserForNewData } from './service-user.ts'

/**
 * Where the data really lie, and who owns them.
 *
 * Ordinarily `real` is `dataDir` itself. If the way to it is closed to the service user (a clone in
 * root's home), the data lie in a service home and `dataDir` is a link to them: for everybody who
 * looks, copies with `cp -L` or removes with removeEmbedded, they lie under .data/ all the same.
 */
export type DataPlace = {
  readonly real: string
  readonly user: ServiceUser | undefined
  readonly initialised: boolean
}

/** Finds the data, or decides where new ones are to lie. */
export async function placeData(dataDir: string): Promise<DataPlace> {
  const found = lstatSync(dataDir, { throwIfNoEntry: false })
  if (found?.isSymbolicLink()) return placeBehindLink(dataDir)
  if (found !== undefined) return placeInFolder(dataDir, await ownerOf(dataDir))

  const user = serviceUserForNewData()
  if (await mayEnter(path.dirname(dataDir), user))
    return { real: dataDir, user, initialised: false }
  return placeInHome(dataDir, user)
}

async function placeBehindLink(dataDir: string): Promise<DataPlace> {
  const real = path.resolve(path.dirname(dataDir), readlinkSync(dataDir))
  if (!existsSync(path.join(real, 'PG_VERSION'))) {
    throw new Error(
      `${dataDir} points to the data in ${real}, which are gone. Restore them from a backup, or ` +
        `remove the link and ${clusterFileOf(dataDir)} to begin with an empty database.`,
    )
  }
  assertOwnLink(dataDir, real)
  return { real, user: await ownerOf(real), initialised: true }
}

/** A copied clone copies the link too, and two clones must never write to one database. */
function assertOwnLink(dataDir: string, real: string): void {
  const note = noteOf(real)
  const owner = existsSync(note) ? readFileSync(note, 'utf8').trim() : dataDir
  if (owner !== dataDir && existsSync(owner)) {
    throw new Error(
      `${dataDir} points to the data of ${owner}: this folder is a copy of that one. Remove the ` +
        `link ${dataDir} and ${clusterFileOf(dataDir)} to give this copy a database of its own.`,
    )
  }
  if (owner !== dataDir) writeFileSync(note, `${dataDir}\n`) // The clone was moved, not copied.
}

async function placeInFolder(dataDir: string, user: ServiceUser | undefined): Promise<DataPlace> {
  if (!existsSync(path.join(dataDir, 'PG_VERSION'))) {
    if (readdirSync(dataDir).length > 0) {
      throw new Error(`${dataDir} holds something that is not a PostgreSQL database.`)
    }
    rmSync(dataDir, { recursive: true }) // An empty folder would be in the way of the rename.
    return placeData(dataDir)
  }
  if (await mayEnter(dataDir, user)) return { real: dataDir, user, initialised: true }
  // The way was closed, or the clone moved to a closed place, after the data were made.
  const place = await placeInHome(dataDir, user)
  moveInto(dataDir, place.real)
  linkData(dataDir, place.real)
  return { ...place, initialised: true }
}

function moveInto(dataDir: string, real: string): void {
  try {
    renameSync(dataDir, real)
  } catch (cause) {
    throw new Error(
      `The user PostgreSQL runs as may not enter ${dataDir}. Move it to ${real}, or open the way.`,
      { cause },
    )
  }
}

/** Takes or creates the place in a service home; old data there count only with their password. */
async function placeInHome(dataDir: string, user: ServiceUser | undefined): Promise<DataPlace> {
  const real = path.join(await serviceHomeFor(dataDir, user), 'data')
  writeFileSync(noteOf(real), `${dataDir}\n`)
  if (!existsSync(path.join(real, 'PG_VERSION'))) return { real, user, initialised: false }
  if (existsSync(clusterFileOf(dataDir)) && !existsSync(dataDir)) {
    linkData(dataDir, real) // The first start was cut short between its last two steps.
    return { real, user: await ownerOf(real), initialised: true }
  }
  // Somebody removed .data to begin anew. One earlier set is kept aside in case it was a mistake.
  await stopLeftover(real)
  rmSync(`${real}.removed`, { recursive: true, force: true })
  renameSync(real, `${real}.removed`)
  return { real, user, initialised: false }
}

const noteOf = (real: string): string => path.join(path.dirname(real), 'data-of')

/** The data's owner runs PostgreSQL, since it refuses any other; root can become that owner. */
async function ownerOf(folder: string): Promise<ServiceUser | undefined> {
  const { uid, gid } = statSync(folder)
  if (runsAsRoot() && uid !== 0) return { uid, gid }
  if (uid === process.getuid?.() && !runsAsRoot()) return undefined
  throw new Error(
    uid === 0
      ? `${folder} belongs to root, as whom PostgreSQL refuses to run. Give it to another user.`
      : `${folder} belongs to the user number ${uid}: start as that user or as root.`,
  )
}

/** Makes `dataDir` show the data, if they do not lie there themselves, durably. */
export function linkData(dataDir: string, real: string): void {
  if (real !== dataDir) symlinkSync(real, dataDir)
  syncFolder(path.dirname(dataDir))
}

/** An empty folder of the service user in which a new database may be prepared. */
export function makePassingFolder(folder: string, user: ServiceUser | undefined): void {
  mkdirSync(folder, { mode: 0o700 })
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
}

/** Where PostgreSQL puts filled WAL files out for the backups, beside its data. */
export const walOutOf = (real: string): string => `${real}-wal-out`

/** Stops what runs for this data folder and removes the data, behind a link too. */
export async function removeData(dataDir: string): Promise<void> {
  const found = lstatSync(dataDir, { throwIfNoEntry: false })
  if (found === undefined) return
  const linked = found.isSymbolicLink()
  const real = linked ? path.resolve(path.dirname(dataDir), readlinkSync(dataDir)) : dataDir
  if (existsSync(real)) await stopLeftover(real)
  // A service home goes as a whole; the folder around a link that somebody else made is not ours.
  const ours = linked && existsSync(noteOf(real))
  rmSync(ours ? path.dirname(real) : real, { recursive: true, force: true })
  if (!ours) rmSync(walOutOf(real), { recursive: true, force: true })
  rmSync(dataDir, { force: true })
}

/** What an interrupted first start left behind. Only called while no other start is under way. */
export function removePassingFolders(real: string): void {
  const parent = path.dirname(real)
  for (const name of readdirSync(parent)) {
    if (name.startsWith(`${path.basename(real)}.initialising`)) {
      rmSync(path.join(parent, name), { recursive: true, force: true, maxRetries: 5 })
    }
  }
}

/** Makes renames in a folder survive a power cut. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
