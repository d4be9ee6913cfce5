/** The central server: database, migrations, demo seed, runtime, HTTP. Stops in reverse order. */
import { mkdirSync } from 'node:fs'
import { sweepAbandoned } from '../db/embedded.ts'
import { migrateDatabase, newestMigration } from '../db/migrate.ts'
import type { Runtime } from './actions/runtime.ts'
import { createApp } from './app.ts'
import { runSealer } from './audit/run-sealer.ts'
import { repeat } from './background.ts'
import { type Config, readConfig, serviceDaysBackMax } from './config.ts'
import { dataFolder } from './contract/data-folder.ts'
import { type DatabaseAccess, openDatabaseAccess, vaultKeys } from './database-access.ts'
import { demoBanner, seedDemoArea } from './demo.ts'
import { endOnUnforeseen } from './last-resort.ts'
import { openRuntime } from './open-runtime.ts'
import type { RestApp } from './rest/context.ts'
import type { Lifecycle } from './rest/lifecycle.ts'
import { serve } from './rest/serve.ts'
import { bindInstallation, installationFaults } from './store/installation.ts'
import { sweepNonces } from './store/nonces.ts'
import { openVault } from './store/vault.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const projectRoot = process.env.PROJECT_ROOT ?? process.cwd()

const SWEEP_EVERY_MS = 60_000

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
    database,
    keys,
    areaCode: config.AREA_CODE,
    serviceDaysBackMax: serviceDaysBackMax(config),
  })
  await checkInstallation(runtime, config)
  const sealer = runSealer({ config, dataDir, database, clock: runtime.clock })
  const { app, metricsApp, lifecycle } = createApp(runtime, {
    docs: demo,
    newestMigration: newestMigration(projectRoot),
    metricsToLoopback: !config.BEHIND_TRUSTED_PROXY && config.METRICS_PORT === undefined,
    logLevel: config.LOG_LEVEL,
    rate: rateOf(config),
    gauges: sealer.gauges,
  })
  const server = await serve(app, {
    host: config.HOST,
    port: config.PORT,
    lifecycle,
    tls: { certFile: config.TLS_CERT_FILE, keyFile: config.TLS_KEY_FILE },
  })
  const metrics = await serveMetrics(metricsApp, config, lifecycle)
  const stopSweeping = repeat('sweeping old nonces', SWEEP_EVERY_MS, () =>
    sweepNonces(runtime.store.sql, runtime.clock.now()),
  )
  return { runtime, server, metrics, stopSweeping, sealer }
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

async function main(): Promise<void> {
  const read = readConfig(process.env)
  if (!read.ok) return refuseToStart(read.faults)
  const { config } = read
  const dataDir = dataFolder(projectRoot, config.DATA_DIR)
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const access = await openDatabaseAccess(config, dataDir)
  if (config.DATABASE_URL === undefined) await sweepAbandoned({ log: say })
  const { runtime, server, metrics, stopSweeping, sealer } = await start(config, access, dataDir)
  endOnUnforeseen()
  say(`central server  ${server.url}  (${config.PROFILE}, ${access.description})`)
  if (metrics !== null) say(`metrics         ${metrics.url}/metrics`)
  if (config.PROFILE === 'demo') for (const line of demoBanner(server.url, projectRoot)) say(line)
  let stopping = false
  const stop = async (): Promise<void> => {
    if (stopping) return
    stopping = true
    stopSweeping()
    await server.close()
    await metrics?.close()
    await runtime.store.door.drained()
    await sealer.stop()
    await runtime.store.close()
    await access.stop()
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop())
  process.on('SIGINT', () => void stop())
  process.send?.({ ready: true })
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
