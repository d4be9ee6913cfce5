/**
 * The centre as a process of its own, bundled as `npm start` bundles it, on a database of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { removeEmbedded } from '../../db/embedded.ts'
import { demoTerminals } from '../../db/seed.ts'
import nodeFlags from '../../server/node-flags.json' with { type: 'json' }
import { bundleProgram, projectRoot } from './bundle.ts'

export { projectRoot }
export const fixturesRoot = pathToFileURL(`${join(projectRoot, 'fixtures')}/`)

export type Centre = {
  readonly url: string
  readonly pid: number
  /** Settles with the exit code once it is gone, whoever ended it; null after a signal. */
  readonly ended: Promise<number | null>
  /** What it said on its outputs, logs included: the last million characters at least. */
  said(): string
  /** Sends it a message, which only a program made for it understands. */
  tell(message: object): void
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
  /** Another bundle than that of the sources as they stand. */
  readonly program?: string
}

/** The server's bundle, made once per process. */
let bundled: Promise<string> | null = null
const bundle = () => bundleProgram('server/main.ts', `centre-for-tests-${process.pid}`)

/** Starts the centre and resolves when it is ready. */
export async function startCentre(options: CentreOptions): Promise<Centre> {
  if (options.program === undefined) bundled ??= bundle()
  const program = options.program ?? (await bundled) ?? ''
  mkdirSync(options.dataDir, { recursive: true })
  const child = spawn(process.execPath, [...nodeFlags.server, program], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...process.env,
      ...nodeFlags.environment,
      PROJECT_ROOT: projectRoot,
      DATA_DIR: options.dataDir,
      PORT: String(options.port),
      DEMO_PERSONS: String(options.persons ?? 60),
      LOG_LEVEL: 'error',
      ...(options.databaseUrl === undefined ? {} : { DATABASE_URL: options.databaseUrl }),
      ...options.env,
    },
  })
  const ended = once(child, 'exit').then(([code]) => code as number | null)
  const said = listen(child)
  await ready(child, said)
  return {
    url: `http://127.0.0.1:${options.port}`,
    pid: child.pid ?? 0,
    ended,
    said,
    tell: (message) => void child.send(message),
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

/** The last 4,000 characters of what a process says. */
/** Characters. */
const SAID_KEPT = 1_000_000

function listen(child: ChildProcess): () => string {
  let said = ''
  const note = (part: Buffer): void => {
    said += part.toString()
    if (said.length > 2 * SAID_KEPT) said = said.slice(-SAID_KEPT)
  }
  child.stdout?.on('data', note)
  child.stderr?.on('data', note)
  return () => said
}

function ready(child: ChildProcess, said: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve())
    child.once('exit', (code) =>
      reject(new Error(`the centre ended with ${code}:\n${said().slice(-4_000)}`)),
    )
  })
}

/** Terminals of the demo pharmacies that are under agreement, with a cashier each. */
export const sellingTerminals = () =>
  demoTerminals(fixturesRoot)
    .filter(({ institutionCode }) => /^P330282000(0[1-9]|1[0-8])$/.test(institutionCode))
    .map((one) => ({ ...one, operatorCode: `${one.institutionCode}-C1` }))
