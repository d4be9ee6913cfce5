/** The central server: database, migrations, demo seed, runtime, HTTP. Stops in reverse order. */
import cluster from 'node:cluster'
import { mkdirSync } from 'node:fs'
import pino from 'pino'
import { sweepAbandoned } from '../db/embedded.ts'
import { migrateDatabase, newestMigration } from '../db/migrate.ts'
import type { Runtime } from './actions/runtime.ts'
import { createApp, VERSION } from './app.ts'
import { type RunningSealer, runSealer } from './audit/run-sealer.ts'
import { repeat } from './background.ts'
import { type Config, readConfig, serviceDaysBackMax } from './config.ts'
import { dataFolder } from './contract/data-folder.ts'
import { type DatabaseAccess, openDatabaseAccess, vaultKeys } from './database-access.ts'
import { demoBanner, seedDemoArea } from './demo.ts'
import { sealerFamilies } from './figures.ts'
import { endOnUnforeseen } from './last-resort.ts'
import { openRuntime } from './open-runtime.ts'
import type { RestApp } from './rest/context.ts'
import { familyText } from './rest/exposition.ts'
import { type Lifecycle, openLifecycle } from './rest/lifecycle.ts'
import { metricsAppOf } from './rest/metrics.ts'
import { serve } from './rest/serve.ts'
import { bindInstallation, installationFaults } from './store/installation.ts'
import { sweepNonces } from './store/nonces.ts'
import { openVault } from './store/vault.ts'
import { type FromProcess, openSupervisor, type ToProcess } from './supervise.ts'
import type { Tracing } from './tracing.ts'

let say = (line: string): void => void process.stdout.write(`${line}\n`)

const projectRoot = process.env.PROJECT_ROOT ?? process.cwd()

const SWEEP_EVERY_MS = 60_000
/** With a second at the gate before and a posting behind it, an answer takes less than three. */
const READ_WAIT_MS_MAX = 1_500

/** Stops the process with every reason on a line of its own. */
function refuseToStart(reasons: readonly string[]): never {
  for (const reason of reasons) process.stderr.write(`cannot start: ${reason}\n`)
  process.exit(2)
}

async function checkInstallation(runtime: Runtime, config: Config): Promise<void> {
  const faults = [
    ...(await installationFaults(runtime.store.sql)),
    ...(await bindInstallation(runtime.store.sql, config.AREA_CODE, runtime.vault.fingerprint)),
  ]
  for (const fault of faults) if (fault.severity === 'warn') say(`warning: ${fault.text}`)
  const fatal = faults.filter((fault) => fault.severity === 'refuse')
  if (fatal.length > 0) refuseToStart(fatal.map((fault) => fault.text))
}

async function start(config: Config, access: DatabaseAccess, dataDir: string) {
  await migrateDatabase(access.ownerUrl, projectRoot)
  const keys = vaultKeys(config, dataDir)
  const demo = config.PROFILE === 'demo'
  if (demo) {
    const vault = openVault(keys)
    await seedDemoArea({ config, vault, url: access.ownerUrl, projectRoot, dataDir })
  }
  const database = await access.openApplication()
  const runtime = await openRuntime({
    database: { ...database, readWaitMsMax: READ_WAIT_MS_MAX },
    keys,
    areaCode: config.AREA_CODE,
    serviceDaysBackMax: serviceDaysBackMax(config),
  })
  await checkInstallation(runtime, config)
  const tracing = await openTracingIfWanted(config)
  const oneOfSeveral = cluster.isWorker
  // Of several processes the supervisor seals: one key and one file of checkpoints, one writer.
  const sealer = oneOfSeveral ? null : runSealer({ config, dataDir, database })
  const { app, metricsApp, lifecycle } = createApp(tracing?.traced(runtime) ?? runtime, {
    docs: demo,
    newestMigration: newestMigration(projectRoot),
    metricsToLoopback:
      !config.BEHIND_TRUSTED_PROXY && config.METRICS_PORT === undefined && !oneOfSeveral,
    logLevel: config.LOG_LEVEL,
    rate: rateOf(config),
    ...(tracing === null ? {} : { observe: tracing.observe }),
    ...(sealer === null ? {} : { beside: () => sealerFamilies(sealer.figures) }),
  })
  const server = await serve(app, {
    host: config.HOST,
    port: config.PORT,
    lifecycle,
    tls: { certFile: config.TLS_CERT_FILE, keyFile: config.TLS_KEY_FILE },
  })
  const metrics = oneOfSeveral ? null : await serveMetrics(metricsApp, config, lifecycle)
  const stopSweeping = repeat('sweeping old nonces', SWEEP_EVERY_MS, () =>
    sweepNonces(runtime.store.sql, runtime.clock.now()),
  )
  return { runtime, server, metrics, metricsApp, tracing, stopSweeping, sealer }
}

/** Loaded only where it is wanted, so that nobody else pays for it. */
async function openTracingIfWanted(config: Config): Promise<Tracing | null> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = config
  if (endpoint === undefined) return null
  const { openTracing } = await import('./tracing.ts')
  return openTracing(endpoint.replace(/\/$/, ''), VERSION)
}

/** A listener of their own for the metrics, in plain HTTP, where one is configured. */
async function serveMetrics(app: RestApp, config: Config, lifecycle: Lifecycle) {
  const { METRICS_HOST: host, METRICS_PORT: port } = config
  if (port === undefined) return null
  const tls = { certFile: undefined, keyFile: undefined }
  return serve(app, { host, port, lifecycle, tls })
}

/** A terminal may save up four seconds of its rate. */
const rateOf = ({ RATE_PER_SECOND: perSecond }: Config) =>
  perSecond === 0 ? null : { perSecond, burst: perSecond * 4 }

/** One whole server in this process, alone or behind the supervisor. */
async function work(config: Config, access: DatabaseAccess, dataDir: string): Promise<void> {
  const { runtime, server, metrics, metricsApp, tracing, stopSweeping, sealer } = await start(
    config,
    access,
    dataDir,
  )
  endOnUnforeseen()
  if (!cluster.isWorker) announce(config, access, server.url)
  if (metrics !== null) say(`metrics         ${metrics.url}/metrics`)
  let stopping = false
  const stop = async (idleGraceMs = 0): Promise<void> => {
    if (stopping) return
    stopping = true
    stopSweeping()
    await server.close(idleGraceMs)
    await metrics?.close()
    await runtime.store.door.drained()
    await tracing?.stop()
    await sealer?.stop()
    await runtime.store.close()
    await access.stop()
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop())
  process.on('SIGINT', () => void stop())
  if (cluster.isWorker) obeySupervisor(stop, metricsApp)
  process.send?.({ ready: true })
}

/** How long a connection that asks nothing may stay with a process that is being replaced. */
const IDLE_GRACE_MS = 1_000

function obeySupervisor(stop: (idleGraceMs: number) => Promise<void>, metricsApp: RestApp): void {
  const tellMetrics = async (metrics: number): Promise<void> => {
    const text = await (await metricsApp.request('/metrics')).text()
    if (process.connected) process.send?.({ metrics, text } satisfies FromProcess)
  }
  process.on('message', (message: ToProcess) => {
    if ('drain' in message) void stop(IDLE_GRACE_MS)
    else void tellMetrics(message.metrics)
  })
  process.channel?.ref()
}

/** The supervisor: the port, the database and the processes, which are told where both are. */
async function supervise(config: Config, access: DatabaseAccess, dataDir: string): Promise<void> {
  const supervisor = openSupervisor({
    processes: config.SERVER_PROCESSES,
    env: { DATABASE_URL: access.ownerUrl },
    say,
  })
  let sealer: RunningSealer | null = null
  let stopping = false
  const stop = async (code: number): Promise<void> => {
    if (stopping) return
    stopping = true
    await supervisor.stop()
    await sealer?.stop()
    await access.stop()
    process.exit(code)
  }
  process.on('SIGTERM', () => void stop(0))
  process.on('SIGINT', () => void stop(0))
  // From the first moment on: unheard, a reload that comes during the start would end the process.
  let isUp = false
  let reloadAsked = false
  process.on('SIGHUP', () => {
    reloadAsked = true
    if (isUp) void supervisor.replaceAll()
  })
  const failure = await supervisor.start()
  if (failure !== null) return stop(failure)
  isUp = true
  if (reloadAsked) void supervisor.replaceAll()
  const sealing = runSealer({ config, dataDir, database: await access.openApplication() })
  sealer = sealing
  const app = metricsAppOf({
    text: async () =>
      [await supervisor.metrics(), ...sealerFamilies(sealing.figures).map(familyText)].join('\n'),
  })
  const metrics = await serveMetrics(app, config, openLifecycle())
  const tls = config.TLS_CERT_FILE === undefined ? 'http' : 'https'
  announce(config, access, `${tls}://${config.HOST}:${config.PORT}`)
  say(`processes       ${config.SERVER_PROCESSES}`)
  if (metrics !== null) say(`metrics         ${metrics.url}/metrics`)
  process.send?.({ ready: true })
}

function announce(config: Config, access: DatabaseAccess, url: string): void {
  say(`central server  ${url}  (${config.PROFILE}, ${access.description})`)
  if (config.PROFILE === 'demo') for (const line of demoBanner(url, projectRoot)) say(line)
}

async function main(): Promise<void> {
  // One process alone has nothing to reload, and must not end by it; the supervisor hears it too.
  process.on('SIGHUP', () => {})
  const read = readConfig(process.env)
  if (!read.ok) return refuseToStart(read.faults)
  const { config } = read
  if (config.PROFILE === 'production') {
    const log = pino({ level: config.LOG_LEVEL, base: null })
    say = (line) => log.info(line)
  }
  const dataDir = dataFolder(projectRoot, config.DATA_DIR)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const access = await openDatabaseAccess(config, dataDir)
  if (config.DATABASE_URL === undefined) await sweepAbandoned({ log: say })
  if (config.SERVER_PROCESSES > 1 && cluster.isPrimary) await supervise(config, access, dataDir)
  else await work(config, access, dataDir)
}

/** What is wrong outside of us, in a line; undefined for our own mistakes. */
function outsideFault(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') return 'the address is taken: set PORT, or stop what listens there'
  if (code === 'EACCES') return 'HOST and PORT, or a file named in the settings, are not permitted'
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'CONNECT_TIMEOUT') {
    return 'the database of DATABASE_URL cannot be reached'
  }
  return code === '28P01' ? 'the database does not take the password of its URL' : undefined
}

await main().catch((error: unknown) => {
  const fault = outsideFault(error)
  if (fault === undefined) throw error
  refuseToStart([`${fault} (${error instanceof Error ? error.message : error})`])
})
