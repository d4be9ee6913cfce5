/** A sale belongs to the day on which the customer stood there, whenever it gets through. */
import type { Hono } from 'hono'
import { beforeEach, describe, expect, it } from 'vitest'
import { openApp } from '../../pos-client/local-api/app.ts'
import { openSearch } from '../../pos-client/local-api/search.ts'
import { openSaleQueue } from '../../pos-client/queue/sale-queue.ts'
import { openSender } from '../../pos-client/queue/sender.ts'
import { settleClaim } from '../../pos-client/sales.ts'
import type { Gateway, GatewayAnswer } from '../../pos-client/server-gateway/gateway.ts'
import type { Till } from '../../pos-client/till.ts'
import type { ClaimInput } from '../../server/contract/claims.ts'
import { dayOf, instant, instantText, parseInstant } from '../../server/kernel/calendar.ts'
import { fixedClock } from '../../server/kernel/clock.ts'
import { documentOf, entryOf } from './entries.ts'
import { faultyDisk } from './faulty-disk.ts'

const NEW_YEARS_EVE = '2026-12-31'
/** One minute before midnight in Shanghai. */
const LATE = instantOf('2026-12-31T15:59:00Z')
const MINUTE_MS = 60_000

function instantOf(text: string) {
  return parseInstant(text) ?? instant(0)
}

const clock = fixedClock(LATE)
/** The till's clock minus the centre's, in seconds; null before the till has heard from it. */
let skewS: number | null
let isReachable: boolean
let arrived: string[]
let app: Hono
let till: Till
let cookie: string

const centreNow = () => instant(clock.now() - realSkewMs)
let realSkewMs: number

const answer = (value: unknown, status = 200): GatewayAnswer => ({
  kind: 'answer',
  status,
  text: JSON.stringify(value),
  retryAfterMs: null,
})

const ANSWERS: Readonly<Record<string, () => GatewayAnswer>> = {
  '/v1/sign-ins': () =>
    answer({
      operatorCode: 'C001',
      displayName: '王芳',
      role: 'cashier',
      institution: { code: 'P33028200001', name: '演示大药房', phone: null },
      serverTime: instantText(centreNow()),
    }),
  '/v1/entitlement-checks': () =>
    answer({
      entitled: true,
      reason: null,
      person: null,
      balances: {},
      remaining: null,
      asOf: instantText(centreNow()),
    }),
  '/v1/presettlements': () =>
    answer({
      ...documentOf({ serviceDay: dayOf(centreNow()) }),
      missingTraceCodes: [],
      asOf: instantText(centreNow()),
    }),
  '/v1/settlements': () => answer(documentOf(), 201),
}

const gateway: Gateway = {
  async call({ path, body = '' }) {
    if (!isReachable) return { kind: 'in-doubt', cause: 'timeout' }
    skewS = Math.round(realSkewMs / 1000)
    if (path === '/v1/settlements') arrived.push(body)
    return ANSWERS[path]?.() ?? { kind: 'in-doubt', cause: 'nobody' }
  },
  async ping() {
    if (isReachable) skewS = Math.round(realSkewMs / 1000)
  },
  link: () => ({ up: isReachable, skewS, changedAt: null }),
}

beforeEach(async () => {
  clock.set(LATE)
  skewS = null
  realSkewMs = 0
  isReachable = true
  arrived = []
  const queue = await openSaleQueue({
    fileSystem: faultyDisk(),
    folder: 'queue',
    clock,
    terminalId: 'T1',
  })
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve))
  const sender = openSender({ queue, gateway, pause, random: () => 0 })
  const search = openSearch([entryOf({ traceCodeRequired: false })])
  const catalogue = { search: () => search, asOf: () => instantText(LATE) }
  till = { clock, queue, gateway, sender, catalogue } as unknown as Till
  app = openApp(till, { html: '', script: '', style: '', receiptStyle: '' })
})

async function send(path: string, body: unknown) {
  const host = '127.0.0.1:8081'
  const response = await app.request(path, {
    method: 'POST',
    headers: { host, origin: `http://${host}`, 'content-type': 'application/json', cookie },
    body: JSON.stringify(body),
  })
  cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
  return (await response.json()) as { value?: { handle: string; key: string }; notice?: unknown }
}

/** Up to the question whether to settle; gives the key of the sale. */
async function confirm(): Promise<string> {
  cookie = ''
  await send('/api/sign-in', { operatorCode: 'C001', pin: '1234' })
  const identity = { kind: 'card', number: 'C00000001830' }
  const person = (await send('/api/identify', { identity })).value?.handle
  const line = { itemCode: 'DEMO000001', unit: 'pack', quantity: '1', traceCodes: [] }
  const asked = await send('/api/confirm', { cart: { lines: [line], prescription: null }, person })
  return asked.value?.key ?? ''
}

const dayIn = (body: string | null | undefined) =>
  (JSON.parse(body ?? '{}') as ClaimInput).serviceDay

describe('a sale around midnight', () => {
  it('is one of the day on which the customer was asked, though the yes comes after', async () => {
    const key = await confirm()
    clock.set(instant(LATE + 2 * MINUTE_MS))
    await send('/api/settle', { key })
    expect(arrived.map(dayIn)).toEqual([NEW_YEARS_EVE])
  })

  it('stays so when its outcome is unknown and it gets through in the new year', async () => {
    const key = await confirm()
    isReachable = false
    await send('/api/settle', { key })
    const stored = till.queue.entry(key)?.body
    expect(dayIn(stored)).toBe(NEW_YEARS_EVE)
    clock.set(instant(LATE + 60 * MINUTE_MS))
    isReachable = true
    await expect.poll(() => till.queue.entry(key)?.centre).toBe('answered')
    expect(arrived).toEqual([stored])
  })

  it('is asked for anew where the box stood open over night', async () => {
    const key = await confirm()
    clock.set(instant(LATE + 11 * MINUTE_MS))
    expect(await send('/api/settle', { key })).toMatchObject({ notice: { number: 'T-USR-103' } })
    expect(till.queue.entry(key)).toBeNull()
  })

  it('may be answered late on one and the same day', async () => {
    clock.set(instant(LATE - 120 * MINUTE_MS))
    const key = await confirm()
    clock.set(instant(LATE - 30 * MINUTE_MS))
    await send('/api/settle', { key })
    expect(arrived.map(dayIn)).toEqual([NEW_YEARS_EVE])
  })
})

describe('the day of a sale', () => {
  it('is the centre’s, not that of a till whose clock is an hour ahead', async () => {
    realSkewMs = 60 * MINUTE_MS
    clock.set(instant(LATE + 60 * MINUTE_MS))
    await send('/api/settle', { key: await confirm() })
    expect(arrived.map(dayIn)).toEqual([NEW_YEARS_EVE])
  })

  const claim: ClaimInput = {
    identity: { kind: 'card', number: 'C00000001830' },
    serviceKind: 'pharmacy',
    operatorCode: 'C001',
    prescription: null,
    diagnoses: [],
    lines: [],
    totalExpense: '0.00',
  }
  it.each([
    [
      'the centre’s day is asked for where the till has not heard from it',
      60,
      true,
      null,
      '2026-12-31',
    ],
    ['the till’s own day must do where nobody answers', 60, false, null, '2027-01-01'],
    [
      'a few seconds after midnight it may still be yesterday at the centre',
      1.05,
      true,
      null,
      '2026-12-31',
    ],
    ['a day that was named stays', 60, true, '2018-03-05', '2018-03-05'],
  ])('without a presettlement: %s', async (_, minutes, reachable, named, expected) => {
    realSkewMs = minutes === 60 ? 60 * MINUTE_MS : 0
    clock.set(instant(LATE + minutes * MINUTE_MS))
    isReachable = reachable
    const given = named === null ? claim : { ...claim, serviceDay: named }
    const { body } = await settleClaim(till, given, undefined, 0)
    expect(dayIn(body)).toBe(expected)
  })
})
