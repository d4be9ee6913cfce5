/** The application: the terminal's operations, and what people and machines watch it by. */
import { Hono } from 'hono'
import pino from 'pino'
import type { Runtime } from './actions/runtime.ts'
import { databaseFamilies, doorFamilies, processFamilies } from './figures.ts'
import { newId } from './kernel/ids.ts'
import { placesOfError } from './kernel/places-of-error.ts'
import { refusal } from './kernel/refusal.ts'
import type { Actions } from './rest/actions.ts'
import { methodRefused, refusalAnswer, textAnswer } from './rest/answers.ts'
import { bindActions } from './rest/bind-actions.ts'
import type { RestApp, RestContext, RestEnv } from './rest/context.ts'
import { REQUEST_DEADLINE_MS } from './rest/deadline.ts'
import { gateOptions, openGate } from './rest/gate.ts'
import { type Lifecycle, openLifecycle } from './rest/lifecycle.ts'
import { type FamilySource, type Metrics, metricsAppOf, openMetrics } from './rest/metrics.ts'
import { openApiDocument } from './rest/openapi.ts'
import type { Operation } from './rest/operation.ts'
import { docsAsset, docsPage, isRefusalCode, PAGE_HEADERS, problemsPage } from './rest/pages.ts'
import { rateLimit } from './rest/rate-limit.ts'
import { CLAIM_OPERATIONS } from './rest/routes/claims.ts'
import { TERMINAL_OPERATIONS } from './rest/routes/terminals.ts'
import { answerTerminal, type TerminalService } from './rest/terminal-request.ts'
import { parseTraceParent } from './rest/trace-parent.ts'
import {
  DatabaseUnavailableError,
  isUnfit,
  LockTimeoutError,
  ReadsBusyError,
} from './store/errors.ts'
import { addWatchRoutes, type NewestMigration } from './watch-routes.ts'

export const VERSION = '0.1.0'
const BODY_BYTES_MAX = 256 * 1024
/** An answer that took longer has a line in the log even where it was good. */
const SLOW_S = 1

/** Given what the sender said of its trace, and the request as work that tells what came of it. */
export type Observer = (
  traceparent: string | undefined,
  work: () => Promise<{ method: string; route: string; status: number; refusal: string | null }>,
) => Promise<void>

export type AppOptions = {
  /** The interactive API page; only in the demo profile. */
  readonly docs: boolean
  readonly logLevel: string
  /** Where the log goes instead of standard output, for tests. */
  readonly logTo?: pino.DestinationStream
  /** Requests at work at once; twice as many may wait. */
  readonly inFlightMax?: number
  /** Per terminal; null switches the limit off. */
  readonly rate?: { readonly perSecond: number; readonly burst: number } | null
  /** What the database must have reached before the application calls itself ready. */
  readonly newestMigration: NewestMigration | null
  /** False where a proxy stands in front, whose requests all come from this machine. */
  readonly metricsToLoopback?: boolean
  /** Runs around every request where traces are wanted; absent, nothing of it is there. */
  readonly observe?: Observer
  /** Figures of what runs beside the application, for its metrics. */
  readonly beside?: FamilySource
  /** Other actions than the real ones, for tests of the routes. */
  readonly actions?: Actions
}
export type Application = {
  readonly app: RestApp
  /** The metrics alone, for a listener of their own. */
  readonly metricsApp: RestApp
  readonly lifecycle: Lifecycle
}

export const OPERATIONS: readonly Operation[] = [...CLAIM_OPERATIONS, ...TERMINAL_OPERATIONS]

export function createApp(runtime: Runtime, options: AppOptions): Application {
  const lifecycle = openLifecycle()
  const log = pino({ level: options.logLevel, base: null }, options.logTo ?? pino.destination(1))
  const gate = openGate(gateOptions(options.inFlightMax ?? 128))
  const build = { version: VERSION, node: process.version }
  const metrics = openMetrics([
    () => processFamilies(gate, lifecycle, build),
    () => doorFamilies(runtime.store.door),
    async () => databaseFamilies(await runtime.store.figures()),
    ...(options.beside === undefined ? [] : [options.beside]),
  ])
  const rate = options.rate === undefined ? { perSecond: 50, burst: 200 } : options.rate
  const service: TerminalService = {
    actions: options.actions ?? bindActions(runtime),
    keys: runtime.institutions,
    clock: runtime.clock,
    rateLimit: rate === null ? null : rateLimit(rate, runtime.clock),
    gate,
    bodyBytesMax: BODY_BYTES_MAX,
    deadlineMs: REQUEST_DEADLINE_MS,
    onSignatureFault: metrics.signatureFault,
    onLateFailure: (error, c) =>
      log.error({ ...named(c), ...placeOf(error) }, 'failed after its deadline'),
  }
  const app: RestApp = new Hono<RestEnv>()
  if (options.observe !== undefined) addObserver(app, options.observe)
  watchRequests(app, lifecycle, metrics, log)
  for (const [path, own] of operationsByPath()) {
    app.all(path.replaceAll(/\{(\w+)\}/g, ':$1'), (c) => answerByMethod(service, own, c))
  }
  addWatchRoutes(app, {
    runtime,
    lifecycle,
    metrics,
    newestMigration: options.newestMigration,
    metricsToLoopback: options.metricsToLoopback ?? true,
    version: VERSION,
  })
  addPages(app, options.docs)
  app.notFound((c) => refusalAnswer(c, refusal('not-found')))
  app.onError((error, c) => answerToError(error, c, log))
  return { app, metricsApp: metricsAppOf(metrics), lifecycle }
}

function operationsByPath(): ReadonlyMap<string, readonly Operation[]> {
  const byPath = new Map<string, Operation[]>()
  for (const operation of OPERATIONS) {
    byPath.set(operation.path, [...(byPath.get(operation.path) ?? []), operation])
  }
  return byPath
}

/** One address may have an operation per method; HEAD is none of them. */
function answerByMethod(service: TerminalService, own: readonly Operation[], c: RestContext) {
  const operation = own.find(({ method }) => method.toUpperCase() === c.req.method)
  if (operation !== undefined) return answerTerminal(service, operation, c)
  const allowed = own.map(({ method }) => method.toUpperCase()).sort()
  return methodRefused(c, allowed.join(', '))
}

function addObserver(app: RestApp, observe: Observer): void {
  app.use((c, next) =>
    observe(c.req.header('traceparent'), async () => {
      await next()
      const [route, refusal] = [c.get('route'), c.get('refusalCode')]
      return { method: c.req.method, route, status: c.res.status, refusal }
    }),
  )
}

/** What every line of a request begins with: our id, and the sender's trace where it named one. */
function named(c: RestContext): { requestId: string; traceId?: string } {
  const requestId = c.get('requestId')
  const parent = parseTraceParent(c.req.header('traceparent'))
  return parent === null ? { requestId } : { requestId, traceId: parent.traceId }
}

const answerEntry = (c: RestContext, seconds: number) => ({
  ...named(c),
  method: c.req.method,
  route: c.get('route'),
  status: c.res.status,
  refusalCode: c.get('refusalCode'),
  terminal: c.get('terminalId'),
  ms: Math.round(seconds * 1000),
})

/** Every request has an id of ours; what is logged of it names neither body nor query. */
function watchRequests(
  app: RestApp,
  lifecycle: Lifecycle,
  metrics: Metrics,
  log: pino.Logger,
): void {
  app.use(async (c, next) => {
    const started = performance.now()
    c.set('requestId', newId())
    c.set('route', 'other')
    c.set('refusalCode', null)
    c.set('terminalId', null)
    try {
      await next()
    } catch (thrown) {
      // The router hands on errors only; a thrown value of another kind is our mistake too.
      c.res = answerToError(new TypeError(`${typeof thrown} thrown`, { cause: thrown }), c, log)
    }
    // Whoever keeps a connection lets go of it with the answer, so that a stop ends.
    if (lifecycle.isDraining() && c.env?.outgoing) c.env.outgoing.shouldKeepAlive = false
    const seconds = (performance.now() - started) / 1000
    const { status } = c.res
    const [route, refusalCode] = [c.get('route'), c.get('refusalCode')]
    const { method } = c.req
    metrics.answered({ method, route, status, refusalCode, seconds })
    if (status >= 500) log.warn(answerEntry(c, seconds), 'answered')
    else if (seconds > SLOW_S) log.info(answerEntry(c, seconds), 'answered slowly')
    else if (log.isLevelEnabled('debug')) log.debug(answerEntry(c, seconds), 'answered')
  })
}

function addPages(app: RestApp, docs: boolean): void {
  // Made once: anybody may ask for it, as often as they like.
  const allProblems = problemsPage(null)
  app.get('/problems', (c) => textAnswer(c, 200, allProblems, PAGE_HEADERS))
  app.get('/problems/:code', (c) => {
    const code = c.req.param('code')
    if (!isRefusalCode(code)) return refusalAnswer(c, refusal('not-found'))
    return textAnswer(c, 200, problemsPage(code), PAGE_HEADERS)
  })
  if (!docs) return
  const document = JSON.stringify(openApiDocument(OPERATIONS, VERSION))
  app.get('/openapi.json', (c) =>
    textAnswer(c, 200, document, { 'content-type': 'application/json' }),
  )
  app.get('/', (c) => textAnswer(c, 302, '', { location: '/docs' }))
  app.get('/docs', (c) => textAnswer(c, 200, docsPage(), PAGE_HEADERS))
  app.get('/docs/:name', async (c) => {
    const asset = await docsAsset(c.req.param('name'))
    if (asset === null) return refusalAnswer(c, refusal('not-found'))
    return textAnswer(c, 200, asset.body, { 'content-type': asset.type })
  })
}

/** What threw is our mistake or the database's absence; its message never leaves the house. */
function answerToError(error: Error, c: RestContext, log: pino.Logger): Response {
  if (error instanceof DatabaseUnavailableError) {
    log.warn(named(c), 'database unavailable')
    return refusalAnswer(c, refusal('database-unavailable'))
  }
  if (isUnfit(error)) {
    log.error(named(c), 'the database lacks a table, a function or a right')
    return refusalAnswer(c, refusal('database-unavailable'))
  }
  if (error instanceof ReadsBusyError) return refusalAnswer(c, refusal('server-busy'))
  if (error instanceof LockTimeoutError) return refusalAnswer(c, refusal('account-busy'))
  log.error({ ...named(c), ...placeOf(error) }, 'internal error')
  return refusalAnswer(c, refusal('internal-error'))
}

/** What was thrown and where, without the message: that may hold what was asked. */
function placeOf(error: unknown): { error: string; stack?: string } {
  if (!(error instanceof Error)) return { error: typeof error }
  return { error: error.name, stack: placesOfError(error) }
}
