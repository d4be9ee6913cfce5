/** What a campaign breaks: a centre and a PostgreSQL of its own, and the clients' journal. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { freePort } from '../../db/embedded/ports.ts'
import { VAULT_KEYS } from '../support/area.ts'
import { type Centre, startCentre } from '../support/centre.ts'
import { type IntentJournal, openIntentJournal } from '../support/journal.ts'
import { freshDatabase, type OwnPostgres, onServer, ownPostgres } from '../support/postgres.ts'
import { type Splice, weave } from './weave.ts'

export type World = {
  readonly postgres: OwnPostgres
  readonly journal: IntentJournal
  readonly folder: string
  readonly port: number
  /** The centre's address, which stays the same over restarts. */
  readonly url: string
  centre(): Centre
  /** Starts the centre anew after its end; answers how long it took until it was ready, in ms. */
  start(env?: Readonly<Record<string, string>>): Promise<number>
  /** What PostgreSQL has written into its log so far. */
  log(): string
  close(): Promise<void>
}

export type WorldOptions = {
  readonly splices?: readonly Splice[]
  /** Statements of the owner after the centre's first start: a fault planted in the database. */
  readonly plant?: string
  readonly env?: Readonly<Record<string, string>>
  /** Where PostgreSQL's data lie; among the temporary files unless told. */
  readonly dataUnder?: string
}

const open = new Set<World>()

/** Works in a world of its own, which is gone afterwards, however the work ends. */
export async function inWorld<T>(
  options: WorldOptions,
  work: (world: World) => Promise<T>,
): Promise<T> {
  const world = await openWorld(options)
  try {
    return await work(world)
  } finally {
    await world.close()
  }
}

export async function openWorld(options: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'settlement-campaign-'))
  const postgres = await ownPostgres(options.dataUnder)
  const port = await freePort()
  const program = await weave(options.splices ?? [])
  let centre: Centre | null = null
  const world: World = {
    postgres,
    folder,
    port,
    url: `http://127.0.0.1:${port}`,
    journal: openIntentJournal(path.join(folder, 'intentions.jsonl')),
    centre() {
      if (centre === null) throw new Error('the centre was not started')
      return centre
    },
    async start(env = {}) {
      const began = performance.now()
      const own = { ...options.env, ...env }
      centre = await startCentre(settingsOf({ folder, port, program, url: postgres.url }, own))
      return performance.now() - began
    },
    log: () => readFileSync(postgres.server().logFile, 'utf8'),
    async close() {
      open.delete(world)
      await centre?.kill()
      world.journal.close()
      await postgres.remove()
      rmSync(folder, { recursive: true, force: true })
      rmSync(program, { force: true })
    },
  }
  open.add(world)
  await world.start()
  if (options.plant !== undefined) await onServer(postgres.url, options.plant)
  return world
}

const settingsOf = (
  at: { folder: string; port: number; program: string; url: string },
  env: Readonly<Record<string, string>>,
) => ({
  dataDir: path.join(at.folder, 'centre'),
  port: at.port,
  persons: 40,
  databaseUrl: at.url,
  program: at.program,
  env: {
    RATE_PER_SECOND: '0',
    VAULT_DATA_KEY: VAULT_KEYS.data.toString('hex'),
    VAULT_INDEX_KEY: VAULT_KEYS.index.toString('hex'),
    ...env,
  },
})

const openBooks = new Set<OwnPostgres>()

/** Books without a centre: a PostgreSQL with the small area, gone however the work ends. */
export async function inBooks<T>(
  plant: string | null,
  work: (postgres: OwnPostgres) => Promise<T>,
): Promise<T> {
  const books = await ownPostgres()
  openBooks.add(books)
  try {
    if (plant !== null) await onServer(books.url, plant)
    return await work(books)
  } finally {
    openBooks.delete(books)
    await books.remove()
  }
}

/** Books whose server nothing is done to: within the suite a copy on the one of all tests. */
export async function inDatabase<T>(
  plant: string | null,
  work: (url: string) => Promise<T>,
): Promise<T> {
  if (process.env.VITEST === undefined) return inBooks(plant, ({ url }) => work(url))
  const copy = await freshDatabase()
  try {
    if (plant !== null) await onServer(copy.url, plant)
    return await work(copy.url)
  } finally {
    await copy.drop()
  }
}

/** Ends whatever is still open: for a campaign that was cut short. */
export async function closeWorlds(): Promise<void> {
  for (const world of open) await world.close()
  for (const books of openBooks) await books.remove()
}
