/** Where a bench works: a folder with databases and centres of its own, which end with it. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { type EmbeddedServer, removeEmbedded, startEmbedded } from '../../db/embedded.ts'
import { newId } from '../../server/kernel/ids.ts'
import { type Centre, type CentreOptions, startCentre } from '../support/centre.ts'
import type { LoadPlan, LoadResult } from './load.ts'

export const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** A whole number of the environment. */
export const figure = (name: string, usual: string): number =>
  Number.parseInt(process.env[name] ?? usual, 10)

export type BenchPlace = {
  readonly folder: string
  startDatabase(name: string): Promise<EmbeddedServer>
  /** A centre in the folder, known from the moment it is asked to start. */
  openCentre(options: CentreOptions): Promise<Centre>
  tidyUp(): Promise<void>
}

/** Three server processes and 32 clients of pgbench at once: more than an ordinary server sees. */
const CONNECTIONS_MAX = '120'

export function openBenchPlace(): BenchPlace {
  const folder = join(tmpdir(), `bench-${newId()}`)
  const databases = new Map<string, Promise<EmbeddedServer>>()
  const centres = new Set<Promise<Centre>>()
  const running = new Set<Centre>()
  return {
    folder,
    startDatabase(name) {
      mkdirSync(folder, { recursive: true })
      const dataDir = join(folder, name)
      const starting = startEmbedded({ dataDir, settings: { max_connections: CONNECTIONS_MAX } })
      databases.set(dataDir, starting)
      return starting
    },
    async openCentre(options) {
      const starting = startCentre(options)
      centres.add(starting)
      const centre = await starting
      running.add(centre)
      return centre
    },
    async tidyUp() {
      for (const centre of running) await centre.stop()
      for (const [dataDir, starting] of databases) {
        await starting.catch(() => null)
        await removeEmbedded(dataDir)
      }
      // One that was still starting ends without its database; it must not write into the folder.
      for (const starting of centres) await (await starting.catch(() => null))?.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * What a database does by and by after many rows came in at once: pgbench asks for the same of its
 * own tables. Unless it is done, the first settlements pay for the seeding.
 */
export async function tidyTables(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  await sql.unsafe('vacuum (analyze)')
  await sql.unsafe('checkpoint')
  await sql.end()
}

/** One measurement in a process of its own. */
export function measure(program: string, plan: LoadPlan): LoadResult {
  const run = spawnSync(process.execPath, [program], {
    input: JSON.stringify(plan),
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  })
  if (run.status !== 0) throw new Error(`the load ended with ${run.status}: ${run.stderr}`)
  return JSON.parse(run.stdout) as LoadResult
}
