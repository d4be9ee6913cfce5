/** What the dashboard draws and the alerts watch is really there, and every alert is explained. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import { createApp } from '../../server/app.ts'
import { sealerFamilies } from '../../server/figures.ts'
import { type Area, callerAt, claimFor, smallArea, writeKey } from '../support/area.ts'
import { type FreshDatabase, freshDatabase, projectRoot } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { metricsIn } from './promql.ts'

type Alert = { alert: string; expr: string; annotations: { summary: string; runbook: string } }
const folder = join(projectRoot, 'server/operations')
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')

const alerts = (parse(read('alerts.yaml')) as { groups: { rules: Alert[] }[] }).groups.flatMap(
  ({ rules }) => rules,
)
const panels = (
  JSON.parse(read('dashboard.json')) as {
    panels: { id: number; title: string; targets: { expr: string }[] }[]
  }
).panels

const GC = /^nodejs_gc_duration_seconds_sum/m

let database: FreshDatabase
let area: Area
let exported: string
beforeAll(async () => {
  database = await freshDatabase()
  area = await smallArea(database.url)
  const { app, metricsApp } = createApp(area.runtime, {
    docs: false,
    logLevel: 'silent',
    newestMigration: null,
    beside: () => sealerFamilies({ unsealedEvents: 0, oldestUnsealedSeconds: 0, chainBroken: 0 }),
  })
  const claim = claimFor('retired', [{ item: 'plain', quantity: '2' }])
  await settleClaim(area.runtime, callerAt(), writeKey(claim), claim)
  await app.request('/v1/settlements', { method: 'POST', body: '{}' })
  await app.request('/v1/settlements', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  // Garbage collections are told once there was one.
  await until('the collector has run', async () => {
    exported = await (await metricsApp.request('/metrics')).text()
    return Array.from({ length: 100_000 }, (_, n) => [n]).length > 0 && GC.test(exported)
  })
})
afterAll(async () => {
  await area.close()
  await database.drop()
})

/** What Prometheus itself adds to every target. */
const OF_PROMETHEUS = new Set(['up'])
const missing = (expression: string): string[] =>
  metricsIn(expression).filter(
    (name) => !OF_PROMETHEUS.has(name) && !new RegExp(`^${name}(\\{| )`, 'm').test(exported),
  )

/** Only where WAL is archived, and there only after the first file. */
const ARCHIVE = /^archive_(age_seconds|behind_files)$/

describe('a running centre exports', () => {
  it('everything that a panel of the dashboard draws', () => {
    const found = panels.flatMap(({ title, targets }) =>
      targets.flatMap(({ expr }) => missing(expr).map((name) => `${title}: ${name}`)),
    )
    expect(found.filter((line) => !ARCHIVE.test(line.split(': ')[1] ?? ''))).toEqual([])
    expect(panels.length).toBeGreaterThan(15)
  })

  it('everything that an alert watches', () => {
    const found = alerts.flatMap(({ expr }) => missing(expr)).filter((name) => !ARCHIVE.test(name))
    expect(found).toEqual([])
    expect(alerts.length).toBeGreaterThan(12)
  })

  it('the state of the database, the batches, every request by method, route and status', () => {
    expect(exported).toMatch(/^database_up 1$/m)
    expect(exported).toMatch(/^database_sessions\{state="(idle|active)"\} [1-9]/m)
    expect(exported).toMatch(/^door_verdicts_total\{verdict="posted"\} 1$/m)
    expect(exported).toMatch(/^door_batch_postings_bucket\{le="1"\} 1$/m)
    const labels = 'method="POST",route="/v1/settlements",status="401"'
    expect(exported).toContain(`http_request_seconds_count{${labels}} 1`)
    expect(exported).toContain(`http_request_seconds_bucket{${labels},le="+Inf"} 1`)
    expect(exported).toMatch(/^build_info\{version="\d[^"]*",node="v\d[^"]*"\} 1$/m)
  })

  it('each family once, with help and type, as the format wants it', () => {
    const types = [...exported.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name]) => name)
    expect(new Set(types).size).toBe(types.length)
    for (const line of exported.split('\n')) {
      expect(line).toMatch(/^$|^# (HELP|TYPE) \S+ .+$|^[a-z]\w+(\{.*\})? -?(\d|\+Inf|Nan|NaN)/)
    }
  })

  it('a planted name that nobody counts is found', () => {
    expect(missing('sum(rate(door_unheard_of_total[5m]))')).toEqual(['door_unheard_of_total'])
  })
})

describe('an expression', () => {
  it.each([
    ['sum(rate(x[5m])', 'stays open'],
    ['sum(rate(x[5m]}))', 'closes nothing'],
    ['averaged(x)', 'no function'],
    ['rate(x)', 'without its time'],
    ['x > § 3', 'not PromQL'],
    ['1 > 0', 'reads no metric'],
  ])('%s is refused', (expression, reason) => {
    expect(() => metricsIn(expression)).toThrow(reason)
  })
})

describe('an alert', () => {
  const runbook = read('README.md')
  it('has a section in the runbook that says what it means for the money and what to do', () => {
    for (const { alert, annotations } of alerts) {
      const section = runbook.split(/^### /m).find((part) => part.startsWith(`${alert}\n`))
      expect(section, alert).toMatch(/钱 · money:[\s\S]*步骤 · steps:/)
      expect(annotations.runbook).toBe(`README.md#${alert.toLowerCase()}`)
      expect(annotations.summary).toMatch(/\p{Script=Han}.* · .*[a-z]/u)
    }
  })
})
