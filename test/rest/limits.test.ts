import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { instant } from '../../server/kernel/calendar.ts'
import { InvariantError } from '../../server/kernel/invariant.ts'
import { done, refused } from '../../server/kernel/outcome.ts'
import { refusal } from '../../server/kernel/refusal.ts'
import { PASSED, withinDeadline } from '../../server/rest/deadline.ts'
import { openGate } from '../../server/rest/gate.ts'
import {
  DatabaseUnavailableError,
  LockTimeoutError,
  ReadsBusyError,
} from '../../server/store/errors.ts'
import { KEY_ID, NOW, OTHER_KEY_ID, openApi, signed, verdictOf } from './api.ts'

const failing = (error: Error) => openApi({ settleClaim: () => Promise.reject(error) })
const SECRET = 'select name from person where card = C0000000017'

describe('how often a terminal may ask', () => {
  it('beyond its burst it is told when to come back; others are not touched', async () => {
    const api = openApi({}, { rate: { perSecond: 1, burst: 3 } })
    const verdicts: string[] = []
    for (const _ of [1, 2, 3, 4]) verdicts.push(await verdictOf(await api.send(signed())))
    expect(verdicts).toEqual(['201', '201', '201', '429 rate-limited'])
    const turnedAway = await api.send(signed())
    expect(turnedAway.headers.get('retry-after')).toBe('1')
    expect(await verdictOf(await api.send(signed({ keyId: OTHER_KEY_ID })))).toBe('201')
    api.clock.set(instant(NOW + 1_000))
    expect(await verdictOf(await api.send(signed()))).toBe('201')
    expect(await verdictOf(await api.send(signed()))).toBe('429 rate-limited')
  })

  it('a forgery in its name costs a terminal nothing', async () => {
    const api = openApi({}, { rate: { perSecond: 1, burst: 1 } })
    const forged = signed({ keyId: KEY_ID, secret: new Uint8Array(32) })
    for (const _ of [1, 2, 3]) expect((await api.send(forged)).status).toBe(401)
    expect(await verdictOf(await api.send(signed()))).toBe('201')
  })
})

describe('how many may be at work', () => {
  it('one more than work and queue hold is turned away at once, and nothing began', async () => {
    let finish = () => {}
    const held = new Promise<void>((resolve) => {
      finish = resolve
    })
    const text = '{}'
    const settleClaim = async () => {
      await held
      return { kind: 'stored' as const, status: 201, text, replayed: false }
    }
    const api = openApi({ settleClaim }, { inFlightMax: 1 })
    const answers = [1, 2, 3].map(() => api.send(signed()))
    await pause(20)
    const turnedAway = await api.send(signed())
    expect(['1', '2', '3']).toContain(turnedAway.headers.get('retry-after'))
    expect(await verdictOf(turnedAway)).toBe('503 server-busy')
    finish()
    const statuses = (await Promise.all(answers)).map(({ status }) => status)
    expect(statuses).toEqual([201, 201, 201])
    expect(await verdictOf(await api.send(signed()))).toBe('201')
  })

  it('who waits too long is turned away, and its place goes to the next', async () => {
    const gate = openGate({ inFlightMax: 1, queueMax: 2, waitMsMax: 10 })
    expect(await gate.enter()).toBe(true)
    expect(await gate.enter()).toBe(false)
    const next = gate.enter()
    gate.leave()
    expect([await next, gate.inFlight(), gate.queued()]).toEqual([true, 1, 0])
    gate.leave()
    expect(gate.inFlight()).toBe(0)
  })

  it('an action that fails gives its place back', async () => {
    const settleClaim = () => Promise.reject(new InvariantError('x'))
    const api = openApi({ settleClaim }, { inFlightMax: 1 })
    for (const _ of [1, 2, 3, 4, 5]) expect((await api.send(signed())).status).toBe(500)
  })
})

describe('how long a request may take', () => {
  it('work not done in time is answered as unknown, and its late failure is heard', async () => {
    const late: unknown[] = []
    const failure = new Error('late')
    const work = pause(20).then(() => Promise.reject(failure))
    expect(await withinDeadline(work, 5, (error) => late.push(error))).toBe(PASSED)
    await expect.poll(() => late).toEqual([failure])
  })

  it('work that fails in time fails', async () => {
    const work = Promise.reject(new Error('at once'))
    await expect(withinDeadline(work, 1_000, () => {})).rejects.toThrow('at once')
  })
})

describe('what goes wrong on our side', () => {
  it.each<[string, Error, string]>([
    ['the database is away', new DatabaseUnavailableError(), '503 database-unavailable'],
    ['a lock was not to be had', new LockTimeoutError(), '409 account-busy'],
    ['reads that take too long', new ReadsBusyError(), '503 server-busy'],
    ['our own mistake', new InvariantError(SECRET), '500 internal-error'],
    ['a driver error with a query in it', new Error(SECRET), '500 internal-error'],
  ])('%s: the answer has a code and nothing of the error', async (_, error, verdict) => {
    const answer = await failing(error).send(signed())
    expect(await verdictOf(answer.clone())).toBe(verdict)
    const text = await answer.text()
    expect(text).not.toContain('select')
    expect(text).not.toMatch(/\.ts\b|node_modules|C0000000017/)
    expect(JSON.parse(text)).toMatchObject({ requestId: answer.headers.get('x-request-id') })
  })

  it('an unknown outcome is never called a refusal without effect', async () => {
    const { moneyEffect } = (await (
      await failing(new DatabaseUnavailableError()).send(signed())
    ).json()) as { moneyEffect: string }
    expect(moneyEffect).toContain('未知')
  })
})

describe('how answers look', () => {
  it('a replayed answer leaves byte for byte, and says that it was given before', async () => {
    const text = '{"b":1,  "a":"10.00"}'
    const api = openApi({
      settleClaim: async () => ({ kind: 'stored', status: 201, text, replayed: true }),
    })
    const answer = await api.send(signed())
    expect(answer.headers.get('idempotency-replayed')).toBe('true')
    expect(await answer.text()).toBe(text)
  })

  it('a stored refusal is a problem document, a fresh one too', async () => {
    const text = '{"type":"/problems/card-lost","status":422,"code":"card-lost"}'
    const stored = openApi({
      settleClaim: async () => ({ kind: 'stored', status: 422, text, replayed: false }),
      presettleClaim: async () => refused(refusal('card-unknown')),
    })
    const path = '/v1/presettlements'
    for (const request of [signed(), signed({ path, key: null })]) {
      const answer = await stored.send(request)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(await verdictOf(answer)).toMatch(/^422 card-/)
    }
  })

  it('nothing may be kept, framed or guessed at', async () => {
    const { headers } = await openApi().send(signed())
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('idempotency-replayed')).toBeNull()
    expect(headers.get('x-powered-by')).toBeNull()
  })
})

describe('what the operator of the centre watches', () => {
  const get = async (api: ReturnType<typeof openApi>, path: string) => api.app.request(path)

  it('ready while the database answers and nobody stops the centre', async () => {
    const api = openApi()
    expect((await get(api, '/readyz')).status).toBe(200)
    api.lifecycle.drain()
    expect((await get(api, '/readyz')).status).toBe(503)
    expect((await get(api, '/healthz')).status).toBe(200)
  })

  it('not ready, but alive, while the database is away', async () => {
    const api = openApi({}, {}, () => Promise.reject(new DatabaseUnavailableError()))
    expect((await get(api, '/readyz')).status).toBe(503)
    expect((await get(api, '/healthz')).status).toBe(200)
  })

  it('counts by route, code and reason of disbelief, and names no document', async () => {
    const api = openApi({ viewSettlement: async () => done({} as never) })
    const id = '0198c2f0-7c3e-7b1a-9f00-000000000001'
    await api.send(signed({ method: 'GET', path: `/v1/settlements/${id}`, key: null }))
    await api.send(signed({ secret: new Uint8Array(32) }))
    await get(api, '/v1/nowhere')
    const text = await (await api.metricsApp.request('/metrics')).text()
    expect(text).toContain('route="/v1/settlements/{settlementId}",status="200"')
    expect(text).toContain('refusals_total{code="signature-invalid"} 1')
    expect(text).toContain('signature_faults_total{reason="wrong-mac"} 1')
    expect(text).toContain('gate_in_flight 0')
    expect(text).not.toContain(id)
    expect(text).not.toContain('nowhere')
  })
})
