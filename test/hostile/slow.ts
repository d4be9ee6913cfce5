/**
 * B21: senders who never finish and receivers who never read. Each holds a socket; what counts is
 * that good clients are served meanwhile, and that the server lets go of the sockets by itself.
 */
import { connect, type Socket } from 'node:net'
import { HTTP_LIMITS, type HttpLimits } from '../../server/rest/serve.ts'
import { claimFor } from '../support/area.ts'
import { median } from '../support/median.ts'
import { until } from '../support/until.ts'
import { type Attack, overSockets } from './campaign.ts'
import { headOf } from './client.ts'
import { type HostileCentre, startHostileCentre } from './ground.ts'
import { sign } from './signing.ts'

/** The same limits in small, for a test that cannot wait a minute. */
export const QUICK_LIMITS: Partial<HttpLimits> = {
  headersTimeout: 600,
  requestTimeout: 1_200,
  connectionsCheckingInterval: 100,
  idleTimeout: 800,
}

const DRIP_MS = 250
const SAMPLE = 20
/** Answers that nobody reads: more than any buffer on the way will take. */
const UNREAD_ANSWERS = 300

type Slow = { readonly name: string; readonly most?: number; open(port: number): Socket }

const opened = (port: number): Socket => {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => socket.destroy())
  return socket
}

/** Sends a beginning at once, then the rest byte by byte for ever. */
function dripping(port: number, beginning: string, drop: string): Socket {
  const socket = opened(port)
  socket.resume()
  socket.write(beginning)
  const drip = setInterval(() => {
    if (socket.writable) socket.write(drop)
  }, DRIP_MS)
  socket.on('close', () => clearInterval(drip))
  return socket
}

const KINDS: readonly Slow[] = [
  {
    name: 'slowHeaders',
    open: (port) => dripping(port, 'GET /v1/catalogue HTTP/1.1\r\nhost: c\r\n', 'x-a: b\r\n'),
  },
  {
    name: 'slowBody',
    open(port) {
      const request = sign({ path: '/v1/settlements', body: claimFor('retired', []) })
      return dripping(port, headOf(request, { 'content-length': 200_000 }), ' ')
    },
  },
  {
    // Asks for the largest answer there is and takes nothing of it.
    name: 'slowRead',
    most: 12,
    open: (port) => unread(port, 'GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nhost: c\r\n\r\n', 3),
  },
  {
    // Asks for ever more before the first answer is taken.
    name: 'greed',
    open: (port) => unread(port, 'GET /problems HTTP/1.1\r\nhost: c\r\n\r\n', UNREAD_ANSWERS),
  },
]

function unread(port: number, request: string, times: number): Socket {
  const socket = opened(port)
  socket.pause()
  socket.write(request.repeat(times))
  return socket
}

const goodRequest = () =>
  sign({ path: '/v1/presettlements', body: claimFor('retired', [{ item: 'plain' }]), key: null })

/** The 99th of a hundred answers, while something else goes on. */
async function goodP99(attack: Attack, times: number): Promise<number> {
  const took: number[] = []
  for (let sent = 0; sent < times; sent += 1) {
    const heard = await attack.client.send(goodRequest())
    attack.recorder.note({ label: 'a good request meanwhile', allow: ['200'] }, heard)
    took.push(heard.ms)
  }
  took.sort((a, b) => a - b)
  return took[Math.ceil(took.length * 0.99) - 1] ?? 0
}

const socketsOf = async (centre: HostileCentre): Promise<number> => (await centre.figures()).sockets

const portOf = (centre: HostileCentre): number => Number.parseInt(new URL(centre.url).port, 10)

const connected = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('connect', resolve).once('close', resolve)
  })

async function besiege(attack: Attack, slow: Slow, quiet: number): Promise<void> {
  const { name, open, most = attack.n } = slow
  const { ground, recorder, more, minutes = 0, giveUpMs = 120_000 } = attack
  const n = Math.min(attack.n, most)
  const port = portOf(ground.centre)
  const held = Array.from({ length: n }, () => open(port))
  await Promise.all(held.map(connected))
  const started = performance.now()
  let worst = await goodP99(attack, SAMPLE)
  while (performance.now() - started < minutes * 60_000) {
    // Whoever was thrown out comes back, as such people do.
    for (const [index, socket] of held.entries()) if (socket.destroyed) held[index] = open(port)
    worst = Math.max(worst, await goodP99(attack, 100))
  }
  const last = performance.now()
  const isOver = async () => (await socketsOf(ground.centre)) <= quiet
  await until('the server lets go of them', isOver, giveUpMs).catch(() =>
    recorder.fault(`${name}: the server still holds sockets`),
  )
  more[`${name}ClosedAfterMs`] = Math.round(performance.now() - last)
  more[`${name}GoodP99Ms`] = Math.round(worst * 10) / 10
  for (const socket of held) socket.destroy()
  await until('all of them are gone', isOver)
}

/** The two good clients beside the attack may each keep a connection. */
const GOOD_SOCKETS = 2

/** Reliability notes, B21: normal clients wait at most so many times as long. */
const TIMES_AS_LONG = 2
const PAIRS = 5
const GOOD_OF_A_PAIR = 100

/**
 * Good requests to our centre while the slow sockets are those of another, or of ours. What they
 * ask for once at the beginning is answered like anything else: the first twenty are not judged.
 */
async function goodP99Beside(attack: Attack, slow: Slow, besieged: HostileCentre) {
  const quiet = (await socketsOf(besieged)) + GOOD_SOCKETS
  const port = portOf(besieged)
  const held = Array.from({ length: Math.min(attack.n, slow.most ?? attack.n) }, () =>
    slow.open(port),
  )
  await Promise.all(held.map(connected))
  const openingMs = await goodP99(attack, SAMPLE)
  const tookMs = Math.round((await goodP99(attack, GOOD_OF_A_PAIR)) * 10) / 10
  for (const socket of held) socket.destroy()
  await until('all of them are gone', async () => (await socketsOf(besieged)) <= quiet)
  return { openingMs, tookMs }
}

/**
 * What slow sockets do to their own centre, and not to the machine: whoever plays them shares two
 * processors with it. So in every pair they are once ours and once those of another centre.
 */
async function comparePairs(attack: Attack, slow: Slow, other: HostileCentre): Promise<void> {
  const { ground, log, recorder, more } = attack
  const [elsewhere, ours, ratios] = [[] as number[], [] as number[], [] as number[]]
  const openings: number[] = []
  for (let pair = 0; pair < PAIRS; pair += 1) {
    // In turns, so that neither is always the later one.
    const first = pair % 2 === 0 ? other : ground.centre
    const second = first === other ? ground.centre : other
    const took = new Map([[first, await goodP99Beside(attack, slow, first)]])
    took.set(second, await goodP99Beside(attack, slow, second))
    const [there, here] = [took.get(other)?.tookMs ?? 0, took.get(ground.centre)?.tookMs ?? 0]
    openings.push(took.get(ground.centre)?.openingMs ?? 0)
    elsewhere.push(there)
    ours.push(here)
    ratios.push(here / Math.max(1, there))
    log(`${slow.name}: p99 of good clients ${there} ms elsewhere, ${here} ms beside`)
  }
  const rounded = (figures: readonly number[]) => Math.round(median(figures) * 100) / 100
  more[`${slow.name}OpeningMs`] = rounded(openings)
  more[`${slow.name}P99ElsewhereMs`] = rounded(elsewhere)
  more[`${slow.name}P99BesideMs`] = rounded(ours)
  more[`${slow.name}Times`] = rounded(ratios)
  if (rounded(ratios) > TIMES_AS_LONG) {
    recorder.fault(`${slow.name}: good clients waited ${rounded(ratios)} times as long`)
  }
}

async function slowness(attack: Attack): Promise<void> {
  const { ground, minutes, more } = attack
  more.goodP99BeforeMs = Math.round((await goodP99(attack, SAMPLE)) * 10) / 10
  // Times are judged in the long form only.
  if (minutes !== undefined) {
    const other = await startHostileCentre(ground.url)
    try {
      for (const kind of KINDS) await comparePairs(attack, kind, other)
    } finally {
      await other.stop()
    }
  }
  const quiet = (await socketsOf(ground.centre)) + GOOD_SOCKETS
  for (const kind of KINDS) await besiege(attack, kind, quiet)
}

export const B21 = overSockets({
  name: 'b21',
  holds: `whoever is slow is let go, after ${HTTP_LIMITS.headersTimeout / 1000} s at the head`,
  shortN: 60,
  fullN: 500,
  plantN: 6,
  plantFinds: /still holds sockets/,
  attack: slowness,
})
