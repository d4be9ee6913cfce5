/**
 * The centre on the small area in a process of its own, so that its memory and its processor time
 * can be told from the attacker's. Its clock stands still: a signature made at `AREA_NOW` is fresh
 * whatever the machine's clock says. Started by `ground.ts`; answers `figures` over IPC.
 */
import { createApp } from '../../server/app.ts'
import { fixedClock } from '../../server/kernel/clock.ts'
import { openRuntime } from '../../server/open-runtime.ts'
import { type HttpLimits, serve } from '../../server/rest/serve.ts'
import { VAULT_KEYS } from '../support/area-seed.ts'
import { AREA_NOW } from './signing.ts'

type Settings = { databaseUrl: string; limits?: Partial<HttpLimits> }
const { databaseUrl, limits } = JSON.parse(process.env.HOSTILE_CENTRE ?? '{}') as Settings

const runtime = await openRuntime({
  database: { url: databaseUrl, connectionsMax: 4 },
  keys: VAULT_KEYS,
  areaCode: '330282',
  serviceDaysBackMax: 400,
  clock: fixedClock(AREA_NOW),
})
const { app, lifecycle } = createApp(runtime, {
  docs: true,
  logLevel: 'debug',
  rate: null,
  newestMigration: null,
})
const server = await serve(app, {
  host: '127.0.0.1',
  port: 0,
  lifecycle,
  tls: { certFile: undefined, keyFile: undefined },
  ...(limits === undefined ? {} : { limits }),
})

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  const rssMb = process.memoryUsage().rss / 2 ** 20
  // What a careless JSON merge would leave behind in every object of the process.
  const prototypeClean = Object.keys(Object.prototype).length === 0
  const sockets = process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length
  process.send?.({ figures: { rssMb, cpuMs: (user + system) / 1000, prototypeClean, sockets } })
})
/** Whoever started it is gone: it must not stay behind. */
process.on('disconnect', () => process.exit(0))
process.send?.({ url: server.url })
