/** A machine that was enrolled anew finds the queue of the terminal it was before. */
import type { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openApp } from '../../pos-client/local-api/app.ts'
import { openSaleQueue, type SaleQueue } from '../../pos-client/queue/sale-queue.ts'
import { openSender, type Sender } from '../../pos-client/queue/sender.ts'
import type { Gateway, GatewayAnswer } from '../../pos-client/server-gateway/gateway.ts'
import type { Till } from '../../pos-client/till.ts'
import { problemOf } from '../../server/contract/problem.ts'
import { instant } from '../../server/kernel/calendar.ts'
import { fixedClock } from '../../server/kernel/clock.ts'
import { newId } from '../../server/kernel/ids.ts'
import { refusal } from '../../server/kernel/refusal.ts'
import { documentOf } from './entries.ts'
import { type FaultyDisk, faultyDisk } from './faulty-disk.ts'

const FORMER = newId()
const PRESENT = newId()
const AT = '2026-11-24T01:45:49.000Z'
const clock = fixedClock(instant(1_795_000_000_000))

type Known = { state: string; operation: string; status: number | null; answer: unknown }
const NEVER: Known = { state: 'never-arrived', operation: 'settle', status: null, answer: null }

const DONE: Known = { ...NEVER, state: 'done', status: 201, answer: documentOf() }

/** What the centre knows of the former terminal's keys. */
let known: Known
/** The sale arrives just before its compensation does. */
let settledMeanwhile: boolean
/** What was sent: method and path, and the body of a write. */
let calls: string[]
let posted: unknown[]
let sender: Sender
let queue: SaleQueue

const answered = (value: unknown, status = 200): GatewayAnswer => ({
  kind: 'answer',
  status,
  text: JSON.stringify(value),
  retryAfterMs: null,
})
const signedIn = {
  operatorCode: 'C002',
  displayName: '王芳',
  role: 'cashier',
  institution: { code: 'P33028200001', name: '演示大药房', phone: null },
  serverTime: AT,
}

const gateway: Gateway = {
  async call({ method, path, body }) {
    calls.push(`${method} ${path}`)
    const [, key] = /outcomes\/([^?]+)/.exec(path) ?? []
    if (key !== undefined) return answered({ key, ...known, asOf: AT })
    if (path === '/v1/sign-ins') return answered(signedIn)
    posted.push(JSON.parse(body ?? 'null'))
    if (path !== '/v1/compensations') return answered(documentOf(), 201)
    known = settledMeanwhile ? DONE : { ...NEVER, state: 'compensated', status: 409 }
    const { originalKey } = JSON.parse(body ?? '{}')
    const reversal = settledMeanwhile ? documentOf({ kind: 'reversal' }) : null
    const state = settledMeanwhile ? 'reversed' : 'closed-before-arrival'
    return answered({ originalKey, state, reversal })
  },
  ping: () => Promise.resolve(),
  link: () => ({ up: true, skewS: 0, changedAt: null }),
}

async function open(fileSystem: FaultyDisk, terminalId: string): Promise<void> {
  queue = await openSaleQueue({ fileSystem, folder: 'queue', clock, terminalId })
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve))
  sender = openSender({ queue, gateway, pause, random: () => 0 })
  for (const { key } of queue.undecided()) sender.start(key)
}

const sale = { operation: 'settle', path: '/v1/settlements', body: '{"a":1}' } as const
/** A sale in doubt, left behind by the former terminal; gives its key and the disk. */
async function leftBehind(): Promise<{ key: string; disk: FaultyDisk }> {
  const disk = faultyDisk()
  const left = await openSaleQueue({
    fileSystem: disk,
    folder: 'queue',
    clock,
    terminalId: FORMER,
  })
  const { key } = await left.store({ ...sale, amount: '12.30' })
  await left.close()
  return { key, disk: disk.afterCut('dropped') }
}

const stateOf = (key: string) => queue.entry(key)?.centre
const turns = async () => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

beforeEach(() => {
  known = NEVER
  settledMeanwhile = false
  calls = []
  posted = []
})
afterEach(() => sender.stop())

describe('a sale of the former terminal', () => {
  it('is never sent under the new terminal’s name; its outcome is asked for', async () => {
    const { key, disk } = await leftBehind()
    await open(disk, PRESENT)
    await turns()
    expect(new Set(calls)).toEqual(new Set([`GET /v1/outcomes/${key}?terminalId=${FORMER}`]))
    expect(queue.summary()).toMatchObject({ count: 1, amount: '12.30' })
  })

  it('nor when the same key is asked to be settled again', async () => {
    const { key, disk } = await leftBehind()
    await open(disk, PRESENT)
    await queue.store({ ...sale, amount: '12.30', key })
    sender.start(key)
    await turns()
    expect(posted).toEqual([])
  })

  const problem = problemOf(refusal('card-lost', { since: 'x' }), 'r')
  it.each<[string, Known, string]>([
    ['settled: with the answer as it was given', DONE, 'answered'],
    ['refused', { ...NEVER, state: 'refused', status: 422, answer: problem }, 'refused'],
    ['compensated', { ...NEVER, state: 'compensated', status: 409 }, 'refused'],
  ])('is shown as what it became: %s', async (_, outcome, centre) => {
    known = outcome
    const { key, disk } = await leftBehind()
    await open(disk, PRESENT)
    await expect.poll(() => stateOf(key)).toBe(centre)
    if (outcome.answer !== null) {
      expect(queue.entry(key)?.text).toBe(JSON.stringify(outcome.answer))
    }
  })

  it.each<[string, Known]>([
    ['still runs', { ...NEVER, state: 'running' }],
    ['is answered with half a document', { ...NEVER, state: 'done', status: 201, answer: {} }],
  ])('stays open while it %s', async (_, outcome) => {
    known = outcome
    const { key, disk } = await leftBehind()
    await open(disk, PRESENT)
    await turns()
    expect(stateOf(key)).toBe('unknown')
  })

  it('is sent after all where the machine is the former terminal again', async () => {
    const { key, disk } = await leftBehind()
    await open(disk, PRESENT)
    await sender.stop()
    await open(disk.afterCut('dropped'), FORMER)
    await expect.poll(() => stateOf(key)).toBe('answered')
    expect(posted).toEqual([{ a: 1 }])
  })

  it('that an older till wrote down without a name is this terminal’s', async () => {
    const { key, disk } = await leftBehind()
    const [name = ''] = await disk.names('queue')
    const records = Buffer.from(await disk.read(name)).toString('utf8')
    const { frameOf } = await import('../../pos-client/queue/frame.ts')
    const older = records
      .trim()
      .split('\n')
      .map((line) => frameOf(line.slice(26).replace(`"terminalId":"${FORMER}",`, '')))
    await open(faultyDisk(undefined, null, new Map([[name, Buffer.concat(older)]])), PRESENT)
    await expect.poll(() => stateOf(key)).toBe('answered')
    expect(queue.entry(key)?.terminalId).toBe(PRESENT)
  })
})

describe('the cashier', () => {
  let app: Hono
  let cookie: string

  const ask = async (path: string, body?: unknown) => {
    const host = '127.0.0.1:8081'
    const origin = `http://${host}`
    const headers = { host, origin, 'content-type': 'application/json', cookie }
    const response = await app.request(path, {
      headers,
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    })
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie
    return (await response.json()) as { value?: unknown }
  }
  const signIn = async () => {
    cookie = ''
    await ask('/api/sign-in', { operatorCode: 'C002', pin: '1234' })
  }
  async function openCounter(): Promise<string> {
    const { key, disk } = await leftBehind()
    await open(disk, PRESENT)
    const catalogue = { asOf: () => AT }
    const till = { clock, queue, gateway, sender, catalogue } as unknown as Till
    app = openApp(till, { html: '', script: '', style: '', receiptStyle: '' })
    await signIn()
    return key
  }
  const FOREIGN = { state: 'foreign', amount: '12.30', notice: { number: 'T-NET-105' } }

  it('is told what it is and what to do, once after each sign-in', async () => {
    const key = await openCounter()
    expect(await ask('/api/outcomes')).toMatchObject({ value: [FOREIGN] })
    await ask(`/api/outcomes/${key}/shown`, {})
    expect(await ask('/api/outcomes')).toEqual({ value: [] })
    await signIn()
    expect(await ask('/api/outcomes')).toMatchObject({ value: [FOREIGN] })
  })

  it('sees the outcome once the centre knows it, though the open sale was seen', async () => {
    const key = await openCounter()
    await ask(`/api/outcomes/${key}/shown`, {})
    known = DONE
    await expect.poll(() => stateOf(key)).toBe('answered')
    const document = documentOf()
    expect(await ask('/api/outcomes')).toMatchObject({ value: [{ state: 'answered', document }] })
  })

  it('compensates it in the former terminal’s name: closed, nothing was taken', async () => {
    const key = await openCounter()
    const told = await ask(`/api/outcomes/${key}/compensated`, {})
    expect(told).toMatchObject({ value: { key, notice: { number: 'E-DOC-102' } } })
    expect(posted).toMatchObject([
      { originalKey: key, originalTerminalId: FORMER, operatorCode: 'C002' },
    ])
    expect(stateOf(key)).toBe('refused')
    expect(queue.summary().count).toBe(0)
  })

  it('sees only the reversal where it turned out settled at the last moment', async () => {
    const key = await openCounter()
    settledMeanwhile = true
    const told = await ask(`/api/outcomes/${key}/compensated`, {})
    const reversal = { operation: 'compensate', document: { kind: 'reversal' }, notice: null }
    expect(told).toMatchObject({ value: reversal })
    expect(stateOf(key)).toBe('answered')
    expect(await ask('/api/outcomes')).toEqual({ value: [] })
  })

  it('cannot compensate a sale of this terminal, or one that is decided, this way', async () => {
    const key = await openCounter()
    const own = await queue.store({ ...sale, amount: null })
    const unknown = { notice: { number: 'T-DOC-101' } }
    expect(await ask(`/api/outcomes/${own.key}/compensated`, {})).toMatchObject(unknown)
    known = DONE
    await expect.poll(() => stateOf(key)).toBe('answered')
    expect(await ask(`/api/outcomes/${key}/compensated`, {})).toMatchObject(unknown)
    expect(posted).toEqual([])
  })
})
