import { existsSync, mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import postgres from 'postgres'
import { invariant } from '../server/kernel/invariant.ts'
import { archiveSettings } from './backup/wal.ts'
import { prepareBinaries } from './embedded/binaries.ts'
import {
  clusterFileOf,
  newClusterMemory,
  readClusterMemory,
  writeClusterMemory,
} from './embedded/cluster-file.ts'
import {
  type DataPlace,
  makePassingFolder,
  placeData,
  removeData,
  walOutOf,
} from './embedded/data-folder.ts'
import { initialise } from './embedded/initialise.ts'
import { logFileOf } from './embedded/log-file.ts'
import { killPostmaster, type StopMode, stopPostmaster } from './embedded/postmaster.ts'
import { sendSignal } from './embedded/processes.ts'
import { superuserUrl } from './embedded/readiness.ts'
import { attach, type Launched, launch } from './embedded/run.ts'
import type { Settings } from './embedded/settings.ts'
import { whileStartingAlone } from './embedded/start-lock.ts'

export { sweepAbandoned } from './embedded/abandoned.ts'

export type EmbeddedOptions = {
  /** The data folder, e.g. `.data/postgres`. Beside it lie `.json` (password, port) and `.log`. */
  readonly dataDir: string
  /** Insists on this port. Without it: the port of the last start, or a free one if it is taken. */
  readonly port?: number
  /** Told in a sentence what takes time or was done unasked. */
  readonly log?: (line: string) => void
  /** Puts filled WAL files out for the backups (backup/wal.ts). */
  readonly archive?: boolean
  /** Further settings of PostgreSQL, over those in embedded/settings.ts. */
  readonly settings?: Settings
}

export type EmbeddedServer = {
  /** Superuser, database `postgres`. It holds the password: never log it. */
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Where the data really lie, behind a link or not. */
  readonly real: string
  /** It ran already (after a crash of ours, or for another process), with its settings of then. */
  readonly attached: boolean
  /** PostgreSQL's own log. */
  readonly logFile: string
  /**
   * Settles when PostgreSQL is gone, whoever ended it; whoever did not stop it may start it again.
   */
  readonly ended: Promise<void>
  /**
   * Stops it and waits until it is gone, also when attached. Who only borrows a running one (a
   * command beside the server) does not call it. A second call does nothing.
   */
  stop(mode?: StopMode): Promise<void>
  /** SIGKILL for all its processes, as a power cut would end them: for fault tests. */
  kill(): Promise<void>
}

/**
 * Starts the PostgreSQL 18 that npm installed, and returns when it answers; the first start creates
 * the data. Works as root and as an ordinary user, wherever the clone and the data lie. What a
 * crash
 * left behind is recovered; a PostgreSQL that still runs for this folder is attached to.
 *
 * Architecture decision 9, decisions.md 25. Throws with the last lines of its log if it does not
 * start.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const dataDir = path.resolve(options.dataDir)
  const log = options.log ?? (() => {})
  mkdirSync(path.dirname(dataDir), { recursive: true })
  return whileStartingAlone(dataDir, async () => {
    const place = await placeData(dataDir)
    const password = await prepareCluster(dataDir, place, log)
    const run = { dataDir, place, password, log }
    const attached = place.initialised ? await attach(run) : undefined
    const { port } = options
    const archive = options.archive === true ? prepareArchive(place) : {}
    const settings = { ...archive, ...options.settings }
    const launched = attached ?? (await launch({ ...run, settings, ...(port ? { port } : {}) }))
    writeClusterMemory(dataDir, { user: 'postgres', password, port: launched.port })
    return handleOf(launched, {
      password,
      attached: attached !== undefined,
      dataDir,
      real: place.real,
    })
  })
}

/** The folder into which PostgreSQL's user puts its WAL, and the settings that make it do so. */
function prepareArchive({ real, user }: DataPlace): Settings {
  const folder = walOutOf(real)
  if (!existsSync(folder)) makePassingFolder(folder, user)
  return archiveSettings(real)
}

/** Sees to it that there are data and a password that fits them. */
async function prepareCluster(
  dataDir: string,
  place: DataPlace,
  log: (line: string) => void,
): Promise<string> {
  const known = readClusterMemory(dataDir)
  if (place.initialised) {
    if (known !== undefined) return known.password
    throw new Error(
      `${clusterFileOf(dataDir)}, with the password of the data in ${dataDir}, is missing. ` +
        'Restore it from a backup, or remove the data as well to begin anew.',
    )
  }
  // The password is stored before the data exist: data without their password would be lost.
  const memory = known ?? newClusterMemory()
  if (known === undefined) writeClusterMemory(dataDir, memory)
  log(`preparing an empty database in ${dataDir}`)
  const binaries = await prepareBinaries(place.user)
  await initialise(binaries, { dataDir, ...place, password: memory.password })
  return memory.password
}

function handleOf(
  launched: Launched,
  about: { password: string; attached: boolean; dataDir: string; real: string },
): EmbeddedServer {
  const { pid, port } = launched
  let running = true // Afterwards the number may belong to somebody else: no signal any more.
  const atExit = (): void => {
    if (running) sendSignal(pid, 'SIGINT')
  }
  // If we end without stopping it (an error nobody caught), it is told to stop all the same.
  if (!about.attached) process.once('exit', atExit)
  const ended = launched.ended.then(() => {
    running = false
    process.removeListener('exit', atExit)
  })
  return {
    url: superuserUrl(about.password, port),
    port,
    pid,
    real: about.real,
    attached: about.attached,
    logFile: logFileOf(about.dataDir),
    ended,
    stop: async (mode = 'fast') => {
      if (running) await stopPostmaster(pid, mode)
    },
    kill: async () => {
      if (running) await killPostmaster(pid)
    },
  }
}

/** Stops what runs for this folder and removes its data, password and log, wherever they lie. */
export async function removeEmbedded(dataDir: string): Promise<void> {
  const folder = path.resolve(dataDir)
  await removeData(folder)
  for (const file of [clusterFileOf(folder), logFileOf(folder), `${logFileOf(folder)}.1`]) {
    rmSync(file, { force: true })
  }
}

/**
 * Creates a database if it is not there yet, and answers its URL (same user).
 * @param url of any database of the server, as a user who may create databases
 */
export async function createDatabase(url: string, name: string): Promise<string> {
  invariant(/^[a-z][a-z0-9_]{0,62}$/.test(name), 'a database name is a plain word')
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    const [found] = await sql`select 1 from pg_database where datname = ${name}`
    if (found === undefined) await sql.unsafe(`create database ${name}`)
  } finally {
    await sql.end()
  }
  const target = new URL(url)
  target.pathname = `/${name}`
  return target.href
}
