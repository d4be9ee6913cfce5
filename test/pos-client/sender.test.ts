import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSaleQueue, type SaleQueue } from '../../pos-client/queue/sale-queue.ts'
import { openSender, pauseFor, readAnswer, type Sender } from '../../pos-client/queue/sender.ts'
import { isDecided } from '../../pos-client/queue/states.ts'
import { ANSWERS } from '../../pos-client/server-gateway/classes.ts'
import { openGateway } from '../../pos-client/server-gateway/gateway.ts'
import { problemOf } from '../../server/contract/problem.ts'
import { instant } from '../../server/kernel/calendar.ts'
import { fixedClock, systemClock } from '../../server/kernel/clock.ts'
import { type RefusalCode, refusal } from '../../server/kernel/refusal.ts'
import { documentOf } from './entries.ts'
import { type FakeCentre, KEY_ID, type Mood, SECRET, startFakeCentre } from './fake-centre.ts'
import { faultyDisk } from './faulty-disk.ts'

let centre: FakeCentre
let queue: SaleQueue
let sender: Sender

const openParts = async (serverUrl: string, fileSystem = faultyDisk()) => {
  queue = await openSaleQueue({ fileSystem, folder: 'queue', clock: systemClock, terminalId: 'T1' })
  const options = { serverUrl, keyId: KEY_ID, secret: SECRET, clock: systemClock }
  const gateway = openGateway({ ...options, answerTimeoutMs: 2_000 })
  const pause = (ms: number, signal: AbortSignal) => pauseFor(Math.min(ms, 10), signal)
  sender = openSender({ queue, gateway, pause, random: () => 0, patienceMs: 2_000 })
  return gateway
}

beforeEach(async () => {
  centre = await startFakeCentre()
  await openParts(centre.url)
})
afterEach(async () => {
  await sender.stop()
  await queue.close()
  await centre.close()
})

async function sell(): Promise<string> {
  const intention = { operation: 'settle', path: '/v1/settlements', body: '{"a":1}' } as const
  const { key } = await queue.store({ ...intention, amount: '12.30' })
  sender.start(key)
  sender.start(key)
  return key
}

const decided = (key: string) =>
  expect.poll(() => isDecided(queue.entry(key)?.centre ?? 'stored'), { timeout: 60_000 }).toBe(true)

describe('a sale on its way to the centre', () => {
  it.each<[string, Mood[], number]>([
    ['the answer is lost after the centre did its work', ['lose-answer'], 2],
    ['the answer is lost twice', ['lose-answer', 'lose-answer'], 3],
    ['the answer comes after the till stopped waiting', ['answer-late'], 2],
    ['the centre is busy', ['busy', 'busy'], 3],
    ['something in between answers in its place', ['bad-gateway'], 2],
    ['the network answers with a page to log in to it', ['log-in-page', 'log-in-page'], 3],
    ['half of the answer comes through', ['half-answer'], 2],
    ['the database cannot be reached', [{ refuse: 'database-unavailable' }], 2],
    ['the same key still runs', [{ refuse: 'key-running' }], 2],
    ['the account is in use elsewhere', [{ refuse: 'account-busy' }], 2],
  ])('is settled once and known when %s', async (_, moods, requests) => {
    centre.moods = moods
    const key = await sell()
    await decided(key)
    expect(queue.entry(key)).toMatchObject({ centre: 'answered', text: centre.settled.get(key) })
    expect(centre.settled.size).toBe(1)
    expect(centre.requests).toBe(requests)
  })

  it('is signed anew at every sending, under the same key', async () => {
    centre.moods = ['busy', 'lose-answer']
    await decided(await sell())
    expect(new Set(centre.nonces).size).toBe(3)
  })

  it('is unknown, not failed, while nobody has answered', async () => {
    centre.moods = Array.from({ length: 200 }, () => 'lose-answer' as const)
    const key = await sell()
    expect((await sender.settled(key, 3_000)).centre).toMatch(/unknown|resolving/)
    expect(queue.summary()).toMatchObject({ count: 1, amount: '12.30' })
    centre.moods = []
    await decided(key)
    expect(queue.summary().count).toBe(0)
  })

  it('tells how far the clocks are apart, for the badge', async () => {
    const hourAhead = fixedClock(instant(systemClock.now() + 3_600_000))
    const options = { serverUrl: centre.url, keyId: KEY_ID, secret: SECRET, clock: hourAhead }
    const gateway = openGateway(options)
    expect(gateway.link()).toMatchObject({ up: false, skewS: null })
    await gateway.ping()
    expect(gateway.link().up).toBe(true)
    expect(Math.abs((gateway.link().skewS ?? 0) - 3600)).toBeLessThan(5)
  })

  it('is refused once and for all when the centre decides so', async () => {
    centre.moods = [{ refuse: 'card-lost' }]
    const key = await sell()
    await decided(key)
    expect(queue.entry(key)).toMatchObject({ centre: 'refused', status: 422 })
    expect(centre.requests).toBe(1)
  })

  it('is given up, with nothing sent, when the centre cannot be reached', async () => {
    await sender.stop()
    await openParts('http://127.0.0.1:4')
    const key = await sell()
    await decided(key)
    expect(queue.entry(key)?.centre).toBe('withdrawn')
    expect(centre.settled.size).toBe(0)
  })

  it('is taken up again after a restart, and the stored answer is the answer', async () => {
    const disk = faultyDisk()
    await openParts(centre.url, disk)
    const { key } = await queue.store({
      operation: 'settle',
      path: '/v1/settlements',
      body: '{}',
      amount: null,
    })
    const gateway = await openParts(centre.url, disk.afterCut('dropped'))
    await gateway.call({ method: 'POST', path: '/v1/settlements', body: '{}', key })
    expect(queue.entry(key)?.centre).toBe('unknown')
    sender.start(key)
    await decided(key)
    expect(queue.entry(key)?.text).toBe(centre.settled.get(key))
    expect(centre.settled.size).toBe(1)
  })
})

describe('what an answer says', () => {
  const answer = (code: RefusalCode) => ({
    kind: 'answer' as const,
    status: 403,
    text: JSON.stringify(problemOf(refusal(code, { since: 'x', field: 'x' }), 'r')),
    retryAfterMs: null,
  })
  it.each<[RefusalCode, boolean, string]>([
    ['card-lost', false, 'verdict'],
    ['card-lost', true, 'verdict'],
    ['signature-invalid', false, 'verdict'],
    ['signature-invalid', true, 'miss'], // says nothing about the earlier sending
    ['terminal-not-enrolled', true, 'miss'],
    ['signature-stale', false, 'miss'],
    ['position-moved', false, 'miss'],
    ['internal-error', false, 'doubt'],
    ['key-running', true, 'doubt'],
    ['account-busy', false, 'doubt'],
    ['key-conflict', false, 'verdict'],
  ])('%s, in doubt before: %s, is a %s', (code, inDoubtBefore, kind) => {
    expect(readAnswer(answer(code), inDoubtBefore, ANSWERS.settle).kind).toBe(kind)
  })

  const { payers: _, ...withoutPayers } = documentOf()
  const problem = problemOf(refusal('card-lost', { since: 'x' }), 'r')
  it.each<[string, number, unknown, string]>([
    ['a settlement', 201, documentOf(), 'verdict'],
    [
      'a settlement with a field that a later centre adds',
      201,
      { ...documentOf(), x: 1 },
      'verdict',
    ],
    ['the document of another operation', 201, documentOf({ kind: 'return' }), 'doubt'],
    ['a settlement that does not say who pays', 201, withoutPayers, 'doubt'],
    ['an empty object', 200, {}, 'doubt'],
    ['a refusal with the status of a success', 200, problem, 'doubt'],
    ['a refusal that only a later centre knows', 422, { ...problem, code: 'card-blue' }, 'verdict'],
    [
      'a refusal that only a later centre knows, and that may pass',
      422,
      { ...problem, code: 'card-blue', retryable: true },
      'doubt',
    ],
    ['a refusal of somebody else', 403, { title: 'blocked by policy' }, 'doubt'],
  ])('%s, with status %s', (_, status, body, kind) => {
    const given = {
      kind: 'answer' as const,
      status,
      text: JSON.stringify(body),
      retryAfterMs: null,
    }
    const reading = readAnswer(given, false, ANSWERS.settle)
    expect(reading.kind).toBe(kind)
  })
})
