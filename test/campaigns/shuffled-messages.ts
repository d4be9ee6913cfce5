/** C13: a till's messages about one sale are held, shuffled and let go in another order. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SettlementAnswer } from '../../server/contract/claims.ts'
import type { CompensationAnswer } from '../../server/contract/terminals.ts'
import { newId } from '../../server/kernel/ids.ts'
import { cashierOf, SHOP } from '../support/area.ts'
import type { Outcome } from '../support/journal.ts'
import type { Random } from '../support/random.ts'
import { type Campaign, type Result, type Run, untilCaught } from './campaign.ts'
import { type Client, openClient } from './client.ts'
import { saleOf } from './load.ts'
import { scheduledInProcess } from './scheduled-messages.ts'
import { breachesOf } from './verdict.ts'
import type { Splice } from './weave.ts'
import { inWorld, type World } from './world.ts'

const LANES = 8
const HELD_MS = 4
/** Interleavings in process for each one over the wire; the suite has a test of them of its own. */
const IN_PROCESS = 10

/** The key of an original that never came stays open: it is settled when it comes late. */
const NO_TOMBSTONE: Splice = {
  file: 'server/actions/compensate-message.ts',
  at: "'closed-before-arrival', { tombstone: originalOf(write.caller, input) }",
  put: "'closed-before-arrival'",
}

const WHY = { operatorCode: cashierOf(SHOP), reason: '错收' }
const MORE = ['settle again', 'compensate', 'compensate', 'reverse', 'return'] as const
type Message = 'settle' | (typeof MORE)[number]

/** The sale and some of what may follow it, in any order. */
function messagesOf(random: Random): Message[] {
  const left: Message[] = ['settle', ...MORE.filter(() => random.chance(0.6))]
  const shuffled: Message[] = []
  while (left.length > 0) shuffled.push(...left.splice(random.below(left.length), 1))
  return shuffled
}

const parsed = <T>({ text }: Outcome): T => JSON.parse(text) as T

/** One sale, its messages let go one by one; answers what was said that cannot both be true. */
async function sellShuffled(client: Client, random: Random): Promise<string[]> {
  const key = newId()
  const sale = saleOf(random)
  const settle = () => client.send('/v1/settlements', sale, key)
  let first: Promise<Outcome | null> | null = null
  const send = async (message: Message): Promise<Outcome | null> => {
    if (message === 'settle' || message === 'settle again') {
      const sent = settle()
      first ??= sent
      return sent
    }
    if (message === 'compensate') {
      return client.send('/v1/compensations', { ...WHY, originalKey: key })
    }
    // Nobody knows the number of a sale whose answer has not come.
    const sold = await first
    if (sold?.status !== 201) return null
    const { settlementId } = parsed<SettlementAnswer>(sold)
    const lines = [{ lineNo: 1, quantity: '1', traceCodes: [] }]
    return message === 'reverse'
      ? client.send(`/v1/settlements/${settlementId}/reversal`, WHY)
      : client.send(`/v1/settlements/${settlementId}/returns`, { ...WHY, lines })
  }
  const underWay: Promise<readonly [Message, Outcome | null]>[] = []
  for (const message of messagesOf(random)) {
    const sent = send(message).then((outcome) => [message, outcome] as const)
    underWay.push(sent)
    if (random.chance(0.4)) await sent
    else await sleep(random.below(HELD_MS))
  }
  return contradictions(key, await Promise.all(underWay))
}

/** The answer without what a closed key is told anew each time, the request's id. */
const lasting = (outcome: Outcome): string => {
  const { code } = parsed<{ code?: string }>(outcome)
  return `${outcome.status} ${code === 'compensated-before' ? code : outcome.text}`
}

function contradictions(key: string, heard: readonly (readonly [Message, Outcome | null])[]) {
  const of = (...wanted: Message[]) =>
    heard.flatMap(([message, outcome]) =>
      outcome !== null && wanted.includes(message) ? [outcome] : [],
    )
  const sales = of('settle', 'settle again')
  const undone = [...of('compensate'), ...of('reverse')].filter(({ status }) => status < 300)
  const states = of('compensate').map((one) => parsed<Partial<CompensationAnswer>>(one).state)
  const found: string[] = []
  if (new Set(sales.map(lasting)).size > 1) {
    found.push(`I16 ${key} has two different answers`)
  }
  if (states.includes('closed-before-arrival') && sales.some(({ status }) => status === 201)) {
    found.push(`I20 ${key} was closed before its arrival and settled after it`)
  }
  if (states.includes('reversed') && !sales.every(({ status }) => status === 201)) {
    found.push(`I17 ${key} was taken back and not settled`)
  }
  if (undone.length > 0 && of('return').some(({ status }) => status === 201)) {
    found.push(`I18 ${key} was taken back whole and in part`)
  }
  return found
}

async function shuffle(world: World, run: Run): Promise<Result> {
  const breaches: string[] = []
  let n = 0
  const lane = async (_: unknown, index: number): Promise<void> => {
    const random = run.random.fork(index)
    const client = openClient({
      url: () => world.url,
      journal: world.journal,
      till: 1 + (index % 2),
      keepAlive: true,
    })
    while (!(await run.isOver()) && n < run.n) {
      n += 1
      breaches.push(...(await sellShuffled(client, random)))
      if (n % 250 === 0) run.say(`  ${n} interleavings`)
    }
    client.close()
  }
  await Promise.all(Array.from({ length: LANES }, lane))
  breaches.push(...(await breachesOf(world)))
  return { n, breaches, figures: {} }
}

/** The second part uses the books of the first, once they are found to be right. */
async function shuffleBoth(world: World, run: Run): Promise<Result> {
  const wire = await shuffle(world, run)
  const each = run.timed ? IN_PROCESS : 1
  const inside = await scheduledInProcess(world.postgres.url, run, each * wire.n)
  const breaches = [...wire.breaches, ...inside.breaches]
  return { n: wire.n, breaches, figures: { in_process: inside.n } }
}

export const shuffledMessages: Campaign = {
  name: 'C13',
  injects: 'a till’s messages about one sale come in any order, over the wire and in process',
  control: 'a compensation that leaves no tombstone',
  usual: 1_000,
  table: 1_000,
  catchPlanted: (run) =>
    inWorld({ splices: [NO_TOMBSTONE] }, (world) =>
      untilCaught(run, 10, (part) => shuffle(world, part)),
    ),
  run: (run) => inWorld({}, (world) => shuffleBoth(world, run)),
}
