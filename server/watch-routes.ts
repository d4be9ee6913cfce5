/**
 * What people and machines watch the centre by: alive, ready, version, metrics. Ready is said only
 * where the next settlement could be posted.
 */
import type { Runtime } from './actions/runtime.ts'
import { jsonAnswer } from './rest/answers.ts'
import type { RestApp, RestContext } from './rest/context.ts'
import type { Lifecycle } from './rest/lifecycle.ts'
import { type Metrics, metricsAnswer } from './rest/metrics.ts'
import { DatabaseUnavailableError } from './store/errors.ts'

/** The newest migration that this build brings, as it was read at start. */
export type NewestMigration = { readonly name: string; readonly at: number }

export type Watched = {
  readonly runtime: Pick<Runtime, 'clock' | 'store'>
  readonly lifecycle: Lifecycle
  readonly metrics: Metrics
  /** Null where the application stands without a build's migrations, as in tests of routes. */
  readonly newestMigration: NewestMigration | null
  /** Whether this port answers for the metrics, and then to this machine only. */
  readonly metricsToLoopback: boolean
  readonly version: string
}

export function addWatchRoutes(app: RestApp, watched: Watched): void {
  const { metrics, metricsToLoopback, version } = watched
  app.get('/healthz', (c) => jsonAnswer(c, 200, { alive: true }))
  app.get('/version', (c) => jsonAnswer(c, 200, { version, api: 'v1' }))
  app.get('/readyz', async (c) => {
    const found = await readiness(watched)
    return jsonAnswer(c, found.ready ? 200 : 503, found)
  })
  app.get('/metrics', (c) =>
    metricsToLoopback && isLoopback(c) ? metricsAnswer(c, metrics) : c.notFound(),
  )
}

type Readiness =
  | { readonly ready: true; readonly schema: string | null; readonly time: number }
  | { readonly ready: false; readonly reason: string; readonly words?: Words }
type Words = { readonly zh: string; readonly en: string }

async function readiness({ runtime, lifecycle, newestMigration }: Watched): Promise<Readiness> {
  if (lifecycle.isDraining()) return { ready: false, reason: 'stopping' }
  try {
    const { schema, migratedAt } = await runtime.store.ping()
    if (newestMigration !== null && (migratedAt ?? 0) < newestMigration.at) {
      return { ready: false, reason: 'migration-behind', words: behindWords(newestMigration) }
    }
    return { ready: true, schema: schema?.slice(0, 12) ?? null, time: runtime.clock.now() }
  } catch (error) {
    if (!(error instanceof DatabaseUnavailableError)) throw error
    return { ready: false, reason: 'database' }
  }
}

const behindWords = ({ name }: NewestMigration): Words => ({
  zh: `数据库结构落后于程序,缺少迁移 ${name};请先完成迁移再启用本服务`,
  en: `migration behind: the database lacks ${name} of this build; migrate it first`,
})

/** By the other end of the socket itself: a header can be written by anybody. */
const isLoopback = (c: RestContext): boolean => {
  const address = c.env?.incoming?.socket.remoteAddress ?? ''
  return address === '::1' || /^(::ffff:)?127\./.test(address)
}
