/**
 * Which database the server and its command lines work on: the one that is configured, or the
 * embedded one under the data folder. Keys come from the configuration or, in the demo, from a file
 * beside the data.
 */
import { join } from 'node:path'
import { createDatabase, startEmbedded } from '../db/embedded.ts'
import { loadOrCreateKeys } from '../db/keys.ts'
import type { Config } from './config.ts'
import type { DatabaseOptions } from './store/database.ts'
import type { VaultKeys } from './store/vault.ts'

const EMBEDDED_DATABASE = 'settlement'

export type DatabaseAccess = {
  /** Owner of the database, for migrations and seeding. */
  readonly ownerUrl: string
  /** What the application connects with. */
  readonly application: DatabaseOptions
  readonly description: string
  /** Stops an embedded PostgreSQL that this process started. */
  stop(): Promise<void>
}

export async function openDatabaseAccess(config: Config, dataDir: string): Promise<DatabaseAccess> {
  if (config.DATABASE_URL !== undefined) {
    const { DATABASE_URL: ownerUrl } = config
    return {
      ownerUrl,
      application: applicationOptions(config, ownerUrl),
      description: 'PostgreSQL of DATABASE_URL',
      stop: async () => {},
    }
  }
  const server = await startEmbedded({ dataDir: join(dataDir, 'postgres') })
  const ownerUrl = await createDatabase(server.url, EMBEDDED_DATABASE)
  return {
    ownerUrl,
    application: applicationOptions(config, ownerUrl),
    description: `embedded PostgreSQL on 127.0.0.1:${server.port}`,
    stop: async () => {
      if (!server.attached) await server.stop()
    },
  }
}

/** A login of its own where one is configured, else the owner's, taking on the application role. */
const applicationOptions = (config: Config, ownerUrl: string): DatabaseOptions => ({
  url: config.APP_DATABASE_URL ?? ownerUrl,
  role: config.APP_DATABASE_URL === undefined ? 'settlement_app' : null,
  connectionsMax: config.CONNECTIONS_MAX,
})

export function vaultKeys(config: Config, dataDir: string): VaultKeys {
  const { VAULT_DATA_KEY: data, VAULT_INDEX_KEY: index } = config
  if (data !== undefined && index !== undefined) {
    return { data: Buffer.from(data, 'hex'), index: Buffer.from(index, 'hex') }
  }
  return loadOrCreateKeys(join(dataDir, 'keys.json'))
}
