/**
 * A full copy of a running PostgreSQL, taken file by file between pg_backup_start and
 * pg_backup_stop: npm brings initdb, pg_ctl and postgres, but no pg_basebackup. Files may change
 * while they are copied; the WAL from the start of the backup on mends that at the restore.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import postgres from 'postgres'
import { z } from 'zod'
import { clusterFileOf } from '../embedded/cluster-file.ts'
import type { EmbeddedServer } from '../embedded.ts'
import { packed } from './pack.ts'
import type { BackupPlace } from './place.ts'
import { shipWal, walFaults } from './wal.ts'

const StoredFile = z.object({ path: z.string(), bytes: z.number(), sha256: z.string() })
const Manifest = z.object({
  id: z.string(),
  startedAt: z.string(),
  stoppedAt: z.string(),
  /** The WAL file with which a restore begins. */
  firstWal: z.string(),
  postgresql: z.string(),
  folders: z.array(z.string()),
  files: z.array(StoredFile),
})
export type Manifest = z.infer<typeof Manifest>

/** What a new start makes anew, or must not find (manual, 25.3.4). */
const LEFT_OUT = new RegExp(
  [
    /^postmaster\.(pid|opts)$/,
    /^current_logfiles/,
    /^backup_(label|manifest)/,
    /\/pgsql_tmp|pg_internal\.init/,
  ]
    .map(({ source }) => source)
    .join('|'),
)
const EMPTIED =
  /^(pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)\//
const CONTROL = 'global/pg_control'

/** Takes a full copy; the server goes on working. Throws where WAL is not archived. */
export async function takeBase(
  server: EmbeddedServer,
  dataDir: string,
  place: BackupPlace,
): Promise<Manifest> {
  const sql = postgres(server.url, { max: 1, onnotice: () => {} })
  const passing = mkdtempSync(path.join(os.tmpdir(), 'settlement-base-'))
  try {
    const [mode] = await sql<{ on: boolean }[]>`
      select current_setting('archive_mode') = 'on' as on`
    if (mode?.on !== true)
      throw new Error(
        '运行中的数据库没有归档,请带 BACKUP_DIR 重新启动中心 · the running database archives no WAL: ' +
          'start the centre again with BACKUP_DIR',
      )
    const [began] = await sql<{ at: string; id: string; wal: string; version: string }[]>`
      select to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
             to_char(now() at time zone 'UTC', 'YYYYMMDD"T"HH24MISSMS') as id,
             pg_walfile_name(pg_backup_start('settlement', fast => true)) as wal,
             current_setting('server_version') as version`
    if (began === undefined) throw new Error('the backup did not start')
    const { folders, files } = await copyData(server.real, place, `base/${began.id}`)
    const stopped = await stopBackup(sql)
    await shipWal(server.real, place)
    writeFileSync(path.join(passing, 'label'), stopped.label)
    const put = async (name: string, file: string) => {
      files.push({ path: name, ...(await place.put(`base/${began.id}/${name}`, file)) })
    }
    await put('backup_label', path.join(passing, 'label'))
    await put('cluster.json', clusterFileOf(dataDir))
    const manifest: Manifest = {
      id: began.id,
      startedAt: began.at,
      stoppedAt: stopped.at,
      firstWal: began.wal,
      postgresql: began.version,
      folders,
      files,
    }
    // The manifest comes last: a copy without one was cut short, and does not count.
    writeFileSync(path.join(passing, 'manifest'), JSON.stringify(manifest))
    await place.put(`base/${began.id}/manifest.json`, path.join(passing, 'manifest'))
    return manifest
  } finally {
    await sql.end({ timeout: 1 })
    rmSync(passing, { recursive: true, force: true })
  }
}

type Stopped = { readonly label: string; readonly at: string }

async function stopBackup(sql: postgres.Sql): Promise<Stopped> {
  const [row] = await sql<Stopped[]>`
    select labelfile as label,
           to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
      from pg_backup_stop(wait_for_archive => true)`
  if (row === undefined) throw new Error('the backup did not stop')
  return row
}

async function copyData(real: string, place: BackupPlace, base: string) {
  const folders: string[] = []
  const names: string[] = []
  const visit = (folder: string): void => {
    for (const entry of readdirSync(path.join(real, folder), { withFileTypes: true })) {
      const name = path.posix.join(folder, entry.name)
      if (LEFT_OUT.test(name) || EMPTIED.test(`${path.posix.dirname(name)}/`)) continue
      if (entry.isDirectory()) {
        folders.push(name)
        visit(name)
      } else names.push(name)
    }
  }
  visit('')
  // The control file comes last, so that it knows of every checkpoint that the others have seen.
  const files: Manifest['files'] = []
  for (const volume of volumesOf(real, [...names.filter((one) => one !== CONTROL), CONTROL])) {
    const name = `data-${String(files.length + 1).padStart(4, '0')}.pack`
    files.push({ path: name, ...(await place.put(`${base}/${name}`, packed(real, volume))) })
  }
  return { folders, files }
}

/** Far below what one key of AES-GCM may seal. */
const VOLUME_BYTES = 2 ** 30

function volumesOf(real: string, names: readonly string[]): string[][] {
  const volumes: string[][] = [[]]
  let bytes = 0
  for (const name of names) {
    bytes += statSync(path.join(real, name), { throwIfNoEntry: false })?.size ?? 0
    if (bytes > VOLUME_BYTES) {
      volumes.push([])
      bytes = 0
    }
    volumes.at(-1)?.push(name)
  }
  return volumes
}

/** Complete copies, oldest first. */
export async function manifests(place: BackupPlace): Promise<Manifest[]> {
  const passing = mkdtempSync(path.join(os.tmpdir(), 'settlement-base-'))
  const found: Manifest[] = []
  try {
    for (const id of place.list('base')) {
      if (!place.list(`base/${id}`).includes('manifest.json')) continue
      const file = path.join(passing, id)
      await place.get(`base/${id}/manifest.json`, file)
      found.push(Manifest.parse(JSON.parse(readFileSync(file, 'utf8'))))
    }
  } finally {
    rmSync(passing, { recursive: true, force: true })
  }
  return found
}

/** Reads all of a copy and its WAL: every fault in a sentence, none where it can be restored. */
export async function baseFaults(place: BackupPlace, manifest: Manifest): Promise<string[]> {
  const faults: string[] = []
  for (const { path: name, sha256 } of manifest.files) {
    const stored = await place.checksum(`base/${manifest.id}/${name}`)
    if (stored === null) faults.push(`${name} of ${manifest.id} is missing`)
    else if (stored.sha256 !== sha256) faults.push(`${name} of ${manifest.id} has changed`)
  }
  return [...faults, ...(await walFaults(place, manifest.firstWal))]
}
