/** Prometheus metrics: what an operator of the centre watches. No label carries personal data. */
import { Hono } from 'hono'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

import { newId } from '../kernel/ids.ts'
import { textAnswer } from './answers.ts'
import type { RestApp, RestContext, RestEnv } from './context.ts'

export type Metrics = {
  readonly registry: Registry
  answered(facts: {
    readonly route: string
    readonly status: number
    readonly refusalCode: string | null
    readonly seconds: number
  }): void
  signatureFault(fault: string): void
}

/** Figures read at the moment they are asked for. */
export type Gauges = Readonly<Record<string, () => number>>

export function openMetrics(gauges: Gauges): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'http_request_seconds',
    help: 'time to answer, by route and status',
    labelNames: ['route', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, 8],
    registers: [registry],
  })
  const refusals = new Counter({
    name: 'refusals_total',
    help: 'refusals answered, by code',
    labelNames: ['code'],
    registers: [registry],
  })
  const faults = new Counter({
    name: 'signature_faults_total',
    help: 'requests that were not believed, by reason',
    labelNames: ['reason'],
    registers: [registry],
  })
  for (const [name, read] of Object.entries(gauges)) {
    new Gauge({
      name,
      help: name.replaceAll('_', ' '),
      registers: [registry],
      collect() {
        this.set(read())
      },
    })
  }
  return {
    registry,
    answered({ route, status, refusalCode, seconds }) {
      requests.observe({ route, status }, seconds)
      if (refusalCode !== null) refusals.inc({ code: refusalCode })
    },
    signatureFault: (reason) => faults.inc({ reason }),
  }
}

export const metricsAnswer = async (c: RestContext, { registry }: Metrics): Promise<Response> =>
  textAnswer(c, 200, await registry.metrics(), { 'content-type': registry.contentType })

/** The metrics and nothing else, for a listener that the public network does not reach. */
export function metricsApp(metrics: Metrics): RestApp {
  const app: RestApp = new Hono<RestEnv>()
  app.get('/metrics', (c) => {
    c.set('requestId', newId())
    return metricsAnswer(c, metrics)
  })
  return app
}
