/**
 * Prometheus metrics: what an operator of the centre watches. No label carries personal data. A
 * request only counts up; text and labels are made when somebody asks for the metrics.
 */
import { Hono } from 'hono'
import { collectDefaultMetrics, Registry } from 'prom-client'

import { newId } from '../kernel/ids.ts'
import { SECONDS_BOUNDS, Tally } from '../kernel/tally.ts'
import { textAnswer } from './answers.ts'
import type { RestApp, RestContext, RestEnv } from './context.ts'
import { byLabel, type Family, familyText, type Sample, tallySamples } from './exposition.ts'

export type Metrics = {
  answered(facts: {
    readonly method: string
    readonly route: string
    readonly status: number
    readonly refusalCode: string | null
    readonly seconds: number
  }): void
  signatureFault(fault: string): void
  /** All of it in the text format of Prometheus. */
  text(): Promise<string>
}

/** Families whose figures are kept elsewhere, read at the moment they are asked for. */
export type FamilySource = () => readonly Family[] | Promise<readonly Family[]>

export function openMetrics(sources: readonly FamilySource[]): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new RequestTallies()
  const refusals = new Map<string, number>()
  const faults = new Map<string, number>()
  const families = async (): Promise<Family[]> => [
    requests.family(),
    byLabel('counter', 'refusals_total', 'refusals answered, by code', 'code', refusals),
    byLabel(
      'counter',
      'signature_faults_total',
      'requests that were not believed, by reason',
      'reason',
      faults,
    ),
    ...(await Promise.all(sources.map((read) => read()))).flat(),
  ]
  return {
    answered({ method, route, status, refusalCode, seconds }) {
      requests.of(method, route, status).observe(seconds)
      if (refusalCode !== null) refusals.set(refusalCode, (refusals.get(refusalCode) ?? 0) + 1)
    },
    signatureFault: (reason) => void faults.set(reason, (faults.get(reason) ?? 0) + 1),
    async text() {
      const ours = (await families()).map(familyText).join('\n')
      return `${ours}\n${await registry.metrics()}`
    },
  }
}

/** Three looks-up by what is there already, so that a request makes neither text nor object. */
class RequestTallies {
  private readonly tallies = new Map<string, Map<string, Map<number, Tally>>>()

  of(method: string, route: string, status: number): Tally {
    const found = this.tallies.get(method)?.get(route)?.get(status)
    return found ?? this.make(method, route, status)
  }

  private make(method: string, route: string, status: number): Tally {
    const byRoute = this.tallies.get(method) ?? new Map<string, Map<number, Tally>>()
    const byStatus = byRoute.get(route) ?? new Map<number, Tally>()
    const tally = new Tally(SECONDS_BOUNDS)
    byStatus.set(status, tally)
    byRoute.set(route, byStatus)
    this.tallies.set(method, byRoute)
    return tally
  }

  family(): Family {
    const samples: Sample[] = []
    for (const [method, byRoute] of this.tallies) {
      for (const [route, byStatus] of byRoute) {
        for (const [status, tally] of byStatus) {
          samples.push(...tallySamples(tally, { method, route, status: String(status) }))
        }
      }
    }
    const help = 'time to answer, by method, route and status'
    return { name: 'http_request_seconds', help, type: 'histogram', samples }
  }
}

/** The answer to whoever may see metrics. */
export const metricsAnswer = async (
  c: RestContext,
  source: Pick<Metrics, 'text'>,
): Promise<Response> =>
  textAnswer(c, 200, await source.text(), { 'content-type': Registry.PROMETHEUS_CONTENT_TYPE })

/**
 * The metrics and nothing else, for a listener that the public network does not reach: those of
 * this process, or of several together.
 */
export function metricsAppOf(source: Pick<Metrics, 'text'>): RestApp {
  const app: RestApp = new Hono<RestEnv>()
  app.get('/metrics', (c) => {
    c.set('requestId', newId())
    return metricsAnswer(c, source)
  })
  return app
}
