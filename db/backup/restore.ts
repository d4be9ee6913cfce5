/** Brings a full copy and the WAL since back, to an instant or as far as the archive goes. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { clusterFileOf } from '../embedded/cluster-file.ts'
import { type DataPlace, linkData, placeData } from '../embedded/data-folder.ts'
import { type EmbeddedServer, startEmbedded } from '../embedded.ts'
import { baseFaults, type Manifest, manifests } from './base.ts'
import { unpacking } from './pack.ts'
import type { BackupPlace } from './place.ts'
import { segmentNumber, walLedger } from './wal.ts'

export type RestoreOptions = {
  readonly place: BackupPlace
  /** A data folder that does not exist yet. */
  readonly into: string
  /** An instant as `2026-11-25T08:30:00Z`; null for the newest state. */
  readonly to: string | null
  readonly log?: (line: string) => void
}

/** Nothing is restored from an archive with a fault: it would be silently less than was kept. */
export class BackupFaultError extends Error {
  override readonly name = 'BackupFaultError'
  readonly faults: readonly string[]
  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}

/**
 * The restored PostgreSQL, running and open for writing; the caller stops it. Throws before
 * anything is written where copy or archive have a fault, or where none reaches the instant.
 */
export async function restore(options: RestoreOptions): Promise<EmbeddedServer> {
  const { place, into, to, log = () => {} } = options
  const base = chosen(await manifests(place), to)
  const faults = await baseFaults(place, base)
  if (faults.length > 0) throw new BackupFaultError(faults)
  if (existsSync(into)) throw new Error(`${into} is there already: restore into a fresh folder`)
  log(`restoring the copy ${base.id} into ${into}`)
  mkdirSync(path.dirname(into), { recursive: true })
  const spot = await placeData(into)
  await copyBack(place, base, spot, into)
  const walFolder = `${spot.real}-wal-in`
  await copyWal(place, base, spot, walFolder)
  try {
    return await startEmbedded({ dataDir: into, log, settings: recoverySettings(walFolder, to) })
  } catch (error) {
    throw explained(error, to)
  } finally {
    rmSync(walFolder, { recursive: true, force: true })
  }
}

function chosen(all: readonly Manifest[], to: string | null): Manifest {
  const fitting = all.filter(({ stoppedAt }) => to === null || stoppedAt <= to)
  const base = fitting.at(-1)
  if (base !== undefined) return base
  throw new Error(
    all.length === 0
      ? 'there is no complete backup: take one first'
      : `no backup was complete by ${to}: the oldest is of ${all[0]?.stoppedAt}`,
  )
}

async function copyBack(place: BackupPlace, base: Manifest, spot: DataPlace, into: string) {
  const { real, user } = spot
  const own = (file: string, mode: number): void => {
    chmodSync(file, mode)
    if (user !== undefined) chownSync(file, user.uid, user.gid)
  }
  mkdirSync(real, { recursive: true })
  own(real, 0o700)
  for (const folder of base.folders) {
    mkdirSync(path.join(real, folder), { recursive: true })
    own(path.join(real, folder), 0o700)
  }
  for (const { path: name } of base.files.filter((file) => file.path.endsWith('.pack'))) {
    await place.get(
      `base/${base.id}/${name}`,
      unpacking(real, (file) => own(file, 0o600)),
    )
  }
  await place.get(`base/${base.id}/backup_label`, path.join(real, 'backup_label'))
  own(path.join(real, 'backup_label'), 0o600)
  writeFileSync(path.join(real, 'recovery.signal'), '')
  own(path.join(real, 'recovery.signal'), 0o600)
  await place.get(`base/${base.id}/cluster.json`, clusterFileOf(into))
  const { port: _, ...memory } = JSON.parse(readFileSync(clusterFileOf(into), 'utf8')) as {
    port?: number
  }
  // Another port than the living one, which may still run.
  writeFileSync(clusterFileOf(into), `${JSON.stringify(memory)}\n`, { mode: 0o600 })
  linkData(into, real)
}

async function copyWal(place: BackupPlace, base: Manifest, spot: DataPlace, folder: string) {
  const from = segmentNumber(base.firstWal) ?? 0
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const own = (file: string): void => {
    if (spot.user !== undefined) chownSync(file, spot.user.uid, spot.user.gid)
  }
  own(folder)
  for (const name of walLedger(place).keys()) {
    if ((segmentNumber(name) ?? from) < from) continue
    await place.get(`wal/${name}`, path.join(folder, name))
    own(path.join(folder, name))
  }
}

const recoverySettings = (walFolder: string, to: string | null) => ({
  restore_command: `cp '${walFolder.replaceAll('%', '%%')}/%f' "%p"`,
  recovery_target_timeline: 'latest',
  // Nobody reads before it is what it shall be.
  hot_standby: 'off',
  ...(to === null
    ? {}
    : { recovery_target_time: plainTime(to), recovery_target_action: 'promote' }),
})

/** PostgreSQL reads this setting before it knows any name of a time zone, `Z` included. */
const plainTime = (instant: string): string => instant.replace('T', ' ').replace('Z', '+00')

function explained(error: unknown, to: string | null): unknown {
  const text = error instanceof Error ? error.message : ''
  if (!text.includes('before configured recovery target')) return error
  return new Error(`the archive ends before ${to}: nothing was committed after it`, {
    cause: error,
  })
}
