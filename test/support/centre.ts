/**
 * The centre as a process of its own, bundled as `npm start` bundles it, on a database of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { removeEmbedded } from '../../db/embedded.ts'
import { demoTerminals } from '../../db/seed.ts'

export const projectRoot = join(import.meta.dirname, '..', '..')
export const fixturesRoot = pathToFileURL(`${join(projectRoot, 'fixtures')}/`)

export type Centre = {
  readonly url: string
  readonly pid: number
  /** Everything it has said so far, logs included. */
  output(): string
  /** Ends it as Ctrl-C would. */
  stop(): Promise<void>
  /** Ends it as a power cut would. */
  kill(): Promise<void>
}

export type CentreOptions = {
  readonly dataDir: string
  readonly port: number
  readonly persons?: number
  readonly databaseUrl?: string
  readonly env?: Readonly<Record<string, string>>
}

let bundled: Promise<string> | null = null

/** The server's bundle, made once per process; beside the packages, so that it finds them. */
async function bundle(): Promise<string> {
  const outfile = join(projectRoot, '.build', `centre-for-tests-${process.pid}.mjs`)
  await build({
    entryPoints: [join(projectRoot, 'server/main.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: true,
    logLevel: 'error',
  })
  return outfile
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Starts the centre and resolves when it is ready. */
export async function startCentre(options: CentreOptions): Promise<Centre> {
  bundled ??= bundle()
  mkdirSync(options.dataDir, { recursive: true })
  const child = spawn(process.execPath, ['--enable-source-maps', await bundled], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...process.env,
      PROJECT_ROOT: projectRoot,
      DATA_DIR: options.dataDir,
      PORT: String(options.port),
      DEMO_PERSONS: String(options.persons ?? 60),
      LOG_LEVEL: 'error',
      ...(options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl }),
      ...options.env,
    },
  })
  const said: Buffer[] = []
  child.stdout?.on('data', (part: Buffer) => said.push(part))
  child.stderr?.on('data', (part: Buffer) => said.push(part))
  await ready(child)
  const ended = once(child, 'exit')
  return {
    url: `http://127.0.0.1:${options.port}`,
    pid: child.pid ?? 0,
    output: () => Buffer.concat(said).toString('utf8'),
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Removes the database of a centre that was stopped; it may lie outside its data folder. */
export const removeCentre = (dataDir: string): Promise<void> =>
  removeEmbedded(join(dataDir, 'postgres'))

function ready(child: ChildProcess): Promise<void> {
  let said = ''
  const note = (part: Buffer): void => {
    said = `${said}${part.toString()}`.slice(-4_000)
  }
  child.stdout?.on('data', note)
  child.stderr?.on('data', note)
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve())
    child.once('exit', (code) => reject(new Error(`the centre ended with ${code}:\n${said}`)))
  })
}

/** Terminals of the demo pharmacies that are under agreement, with a cashier each. */
export const sellingTerminals = () =>
  demoTerminals(fixturesRoot)
    .filter(({ institutionCode }) => /^P330282000(0[1-9]|1[0-8])$/.test(institutionCode))
    .map((one) => ({ ...one, operatorCode: `${one.institutionCode}-C1` }))
