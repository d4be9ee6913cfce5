/**
 * Traces over OTLP/HTTP with JSON, as any OpenTelemetry collector takes them: the request, and
 * below it what was read, decided and posted. Loaded only where an endpoint is configured. It is
 * written out here because the exporter that OpenTelemetry keeps needs a newer Node than we
 * support, and the protocol is one document (server/decisions/0013). Spans carry routes, statuses
 * and codes only.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import type { Runtime } from './actions/runtime.ts'
import type { Observer } from './app.ts'
import { parseTraceParent } from './rest/trace-parent.ts'

type Attributes = Readonly<Record<string, string | number>>
type Span = {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: 1 | 2 | 3
  readonly startMs: number
  readonly endMs: number
  readonly attributes: Attributes
  readonly failed: boolean
}
/** Of the request that is under way: where its next span hangs, and when its last read ended. */
type Scope = { readonly traceId: string; readonly spanId: string; decidingSinceMs: number }

export type Tracing = {
  readonly observe: Observer
  /** The same runtime, whose reads and postings leave spans. */
  traced(runtime: Runtime): Runtime
  /** Sends what is gathered. */
  flush(): Promise<void>
  stop(): Promise<void>
}

const FLUSH_EVERY_MS = 2_000
/** A collector that is away costs the newest spans, never memory without end. */
const SPANS_MAX = 4_096
const SEND_MAX_MS = 3_000

const nowMs = (): number => performance.timeOrigin + performance.now()
const hex = (bytes: number): string => randomBytes(bytes).toString('hex')

export function openTracing(endpoint: string, version: string): Tracing {
  const scopes = new AsyncLocalStorage<Scope>()
  let spans: Span[] = []
  const add = (span: Span): void => {
    if (spans.length < SPANS_MAX) spans.push(span)
  }
  const child = (scope: Scope, name: string, kind: 1 | 3, startMs: number, failed = false): void =>
    add({
      traceId: scope.traceId,
      spanId: hex(8),
      parentSpanId: scope.spanId,
      name,
      kind,
      startMs,
      endMs: nowMs(),
      attributes: {},
      failed,
    })
  const flush = async (): Promise<void> => {
    const sending = spans
    spans = []
    if (sending.length > 0) await send(`${endpoint}/v1/traces`, exportOf(sending, version))
  }
  const timer = setInterval(() => void flush(), FLUSH_EVERY_MS)
  timer.unref()
  return {
    observe: (traceparent, work) => observeRequest(scopes, add, traceparent, work),
    traced: (runtime) => tracedRuntime(scopes, child, runtime),
    flush,
    stop() {
      clearInterval(timer)
      return flush()
    },
  }
}

async function observeRequest(
  scopes: AsyncLocalStorage<Scope>,
  add: (span: Span) => void,
  traceparent: string | undefined,
  work: () => Promise<{ method: string; route: string; status: number; refusal: string | null }>,
): Promise<void> {
  const parent = parseTraceParent(traceparent)
  const scope = { traceId: parent?.traceId ?? hex(16), spanId: hex(8), decidingSinceMs: nowMs() }
  const startMs = nowMs()
  const { method, route, status, refusal } = await scopes.run(scope, work)
  const attributes = {
    'http.request.method': method,
    'http.route': route,
    'http.response.status_code': status,
    ...(refusal === null ? {} : { 'settlement.refusal': refusal }),
  }
  const { traceId, spanId } = scope
  const above = parent === null ? {} : { parentSpanId: parent.spanId }
  const named = { traceId, spanId, ...above, name: `${method} ${route}`, kind: 2 as const }
  add({ ...named, startMs, endMs: nowMs(), attributes, failed: status >= 500 })
}

/** What lies between the end of the last read and the posting is the decision. */
function tracedRuntime(
  scopes: AsyncLocalStorage<Scope>,
  child: (scope: Scope, name: string, kind: 1 | 3, startMs: number, failed?: boolean) => void,
  runtime: Runtime,
): Runtime {
  const { store } = runtime
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const scope = scopes.getStore()
    if (scope === undefined) return work()
    const startMs = nowMs()
    if (name === 'post') child(scope, 'decide', 1, scope.decidingSinceMs)
    let failed = true
    try {
      const result = await work()
      failed = false
      return result
    } finally {
      child(scope, name, 3, startMs, failed)
      scope.decidingSinceMs = nowMs()
    }
  }
  const entitlements: typeof store.entitlements = {
    ...store.entitlements,
    read: (...asked) => timed('read', () => store.entitlements.read(...asked)),
  }
  const door: typeof store.door = {
    ...store.door,
    post: (posting) => timed('post', () => store.door.post(posting)),
  }
  return { ...runtime, store: { ...store, entitlements, door } }
}

/** What a collector does not take is let go: tracing must never hold up or end a settlement. */
async function send(url: string, body: string): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const signal = AbortSignal.timeout(SEND_MAX_MS)
  await fetch(url, { method: 'POST', headers, body, signal }).then(
    (answer) => answer.arrayBuffer(),
    () => null,
  )
}

const nanoseconds = (ms: number): string => String(BigInt(Math.round(ms * 1000)) * 1000n)

const attributesOf = (attributes: Attributes) =>
  Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
  }))

function exportOf(spans: readonly Span[], version: string): string {
  const resource = { 'service.name': 'settlement-server', 'service.version': version }
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [
          {
            scope: { name: 'settlement' },
            spans: spans.map(({ startMs, endMs, attributes, failed, ...span }) => ({
              ...span,
              startTimeUnixNano: nanoseconds(startMs),
              endTimeUnixNano: nanoseconds(endMs),
              attributes: attributesOf(attributes),
              status: failed ? { code: 2 } : {},
            })),
          },
        ],
      },
    ],
  })
}
