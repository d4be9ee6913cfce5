import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newestMigration } from '../../db/migrate.ts'
import { createApp } from '../../server/app.ts'
import { readConfig } from '../../server/config.ts'
import { serve } from '../../server/rest/serve.ts'
import { type Area, smallArea } from '../support/area.ts'
import { type FreshDatabase, freshDatabase, projectRoot } from '../support/postgres.ts'
import { openApi } from './api.ts'

describe('ready', () => {
  let database: FreshDatabase
  let area: Area
  beforeAll(async () => {
    database = await freshDatabase()
    area = await smallArea(database.url)
  })
  afterAll(async () => {
    await area.close()
    await database.drop()
  })
  const newest = newestMigration(projectRoot)
  const ready = async (at = newest) => {
    const options = { docs: false, logLevel: 'silent', newestMigration: at }
    const answer = await createApp(area.runtime, options).app.request('/readyz')
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }

  it('where the database stands at the newest migration of this build, or beyond it', async () => {
    expect(await ready()).toMatchObject({ status: 200, body: { ready: true } })
    expect(await ready({ name: '0000_earlier', at: newest.at - 1 })).toMatchObject({ status: 200 })
  })

  it('not where a migration of this build is missing: it is named, in words', async () => {
    const later = { name: '0099_not_there', at: newest.at + 1 }
    expect(await ready(later)).toEqual({
      status: 503,
      body: {
        ready: false,
        reason: 'migration-behind',
        words: {
          zh: expect.stringContaining('缺少迁移 0099_not_there'),
          en: expect.stringContaining('migration behind: the database lacks 0099_not_there'),
        },
      },
    })
  })

  it('not on a database put back to an earlier state, and again once migrated', async () => {
    const { sql } = database
    await sql`create table kept as select * from drizzle.__drizzle_migrations`
    await sql`delete from drizzle.__drizzle_migrations where created_at = ${newest.at}`
    expect(await ready()).toMatchObject({ status: 503, body: { reason: 'migration-behind' } })
    await sql`alter schema drizzle rename to elsewhere`
    expect(await ready()).toMatchObject({ status: 503, body: { reason: 'migration-behind' } })
    await sql`alter schema elsewhere rename to drizzle`
    await sql`insert into drizzle.__drizzle_migrations
      select * from kept where created_at = ${newest.at}`
    expect(await ready()).toMatchObject({ status: 200 })
  })
})

describe('the metrics', () => {
  const askedFrom = async (remoteAddress: string, metricsToLoopback: boolean) => {
    const { app } = openApi({}, { metricsToLoopback })
    const headers = { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '::1', forwarded: 'for=::1' }
    const incoming = { socket: { remoteAddress } }
    return (await app.request('/metrics', { headers }, { incoming })).status
  }

  it.each([
    ['127.0.0.1', 200],
    ['127.8.8.8', 200],
    ['::1', 200],
    ['::ffff:127.0.0.1', 200],
    ['10.0.0.5', 404],
    ['192.168.127.1', 404],
    ['::ffff:10.0.0.5', 404],
    ['fe80::1', 404],
    ['', 404],
  ])('are told on the API port by the other end of the socket: %s %i', async (from, status) => {
    expect(await askedFrom(from, true)).toBe(status)
    expect(await askedFrom(from, false)).toBe(404)
  })

  it('have a listener of their own, where nothing else is answered', async () => {
    const { metricsApp, lifecycle } = openApi()
    const tls = { certFile: undefined, keyFile: undefined }
    const own = await serve(metricsApp, { host: '127.0.0.1', port: 0, lifecycle, tls })
    const metrics = await fetch(`${own.url}/metrics`)
    expect([metrics.status, await metrics.text()]).toEqual([
      200,
      expect.stringContaining('gate_in_flight 0'),
    ])
    for (const path of ['/', '/readyz', '/v1/settlements', '/openapi.json']) {
      expect((await fetch(`${own.url}${path}`)).status).toBe(404)
    }
    await own.close()
  })
})

describe('the settings of the metrics', () => {
  it('are none by default, on this machine with a port', () => {
    const plain = readConfig({})
    const ported = readConfig({ METRICS_PORT: '19090' })
    expect(plain).toMatchObject({ ok: true, config: { METRICS_HOST: '127.0.0.1' } })
    expect(plain.ok && plain.config.METRICS_PORT).toBeUndefined()
    expect(ported).toMatchObject({ ok: true, config: { METRICS_PORT: 19090 } })
  })

  it.each([
    ['0', 'METRICS_PORT'],
    ['x', 'METRICS_PORT'],
    ['8080', 'METRICS_PORT: the metrics need a port of their own'],
  ])('the port %s is refused', (port, fault) => {
    const read = readConfig({ METRICS_PORT: port })
    expect(read.ok ? [] : read.faults).toEqual([expect.stringContaining(fault)])
  })
})
