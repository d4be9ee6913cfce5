/**
 * Which database the server and its command lines work on: the one that is configured, or the
 * embedded one under the data folder. Keys come from the configuration or, in the demo, from a file
 * beside the data.
 */
import { join, resolve } from 'node:path'
import { loadOrCreateAppLogin, openAppLogin } from '../db/app-login.ts'
import { type BackupPlace, openPlace, readBackupKey } from '../db/backup/place.ts'
import { shipWal } from '../db/backup/wal.ts'
import { createDatabase, startEmbedded } from '../db/embedded.ts'
import { loadOrCreateKeys } from '../db/keys.ts'
import { repeat } from './background.ts'
import type { Config } from './config.ts'
import type { DatabaseOptions } from './store/database.ts'
import type { VaultKeys } from './store/vault.ts'

export const EMBEDDED_DATABASE = 'settlement'

export type DatabaseAccess = {
  /** Owner of the database, for migrations and seeding. */
  readonly ownerUrl: string
  /**
   * What the application connects with: a login that can become nobody else. Asked for once the
   * database is migrated, for where none is configured it is made here, by the owner.
   */
  openApplication(): Promise<DatabaseOptions>
  readonly description: string
  /** Stops an embedded PostgreSQL that this process started. */
  stop(): Promise<void>
}

export async function openDatabaseAccess(config: Config, dataDir: string): Promise<DatabaseAccess> {
  if (config.DATABASE_URL !== undefined) {
    const { DATABASE_URL: ownerUrl } = config
    return {
      ownerUrl,
      openApplication: () => applicationOptions(config, ownerUrl, dataDir),
      description: 'PostgreSQL of DATABASE_URL',
      stop: async () => {},
    }
  }
  const place = backupPlace(config)
  const archive = place !== null
  const server = await startEmbedded({ dataDir: join(dataDir, 'postgres'), archive })
  const stopShipping = place === null ? () => {} : shipping(server.real, place)
  const ownerUrl = await createDatabase(server.url, EMBEDDED_DATABASE)
  return {
    ownerUrl,
    openApplication: () => applicationOptions(config, ownerUrl, dataDir),
    description: `embedded PostgreSQL on 127.0.0.1:${server.port}`,
    stop: async () => {
      stopShipping()
      if (!server.attached) await server.stop()
      // PostgreSQL puts its last WAL out as it stops.
      if (place !== null) await shipWal(server.real, place)
    },
  }
}

/** Where backups lie, as configured; null where none are wanted. */
export function backupPlace(config: Config): BackupPlace | null {
  const { BACKUP_DIR: folder, BACKUP_KEY_FILE: keyFile } = config
  if (folder === undefined) return null
  const root = resolve(process.env.PROJECT_ROOT ?? process.cwd(), folder)
  return openPlace(root, keyFile === undefined ? null : readBackupKey(keyFile))
}

const SHIP_EVERY_MS = 1_000

const shipping = (real: string, place: BackupPlace): (() => void) =>
  repeat('taking WAL to the backups', SHIP_EVERY_MS, () => shipWal(real, place))

async function applicationOptions(
  config: Config,
  ownerUrl: string,
  dataDir: string,
): Promise<DatabaseOptions> {
  const { APP_DATABASE_URL: configured, CONNECTIONS_MAX: connectionsMax } = config
  if (configured !== undefined) return { url: configured, connectionsMax }
  const login = loadOrCreateAppLogin(join(dataDir, 'app-login.json'))
  return { url: await openAppLogin(ownerUrl, login), connectionsMax }
}

export function vaultKeys(config: Config, dataDir: string): VaultKeys {
  const { VAULT_DATA_KEY: data, VAULT_INDEX_KEY: index, VAULT_PIN_PEPPER: pepper } = config
  if (data !== undefined && index !== undefined) {
    return {
      data: Buffer.from(data, 'hex'),
      index: Buffer.from(index, 'hex'),
      pepper: pepper === undefined ? undefined : Buffer.from(pepper, 'hex'),
    }
  }
  return loadOrCreateKeys(join(dataDir, 'keys.json'))
}
