/** B22: steps out of order. Every pair of what can be done to a sale, and sales that cannot be. */
import { newId } from '../../server/kernel/ids.ts'
import { cashierOf, claimFor, ITEMS, newCodes, SHOP } from '../support/area.ts'
import { type Attack, forEachAtOnce, overSockets } from './campaign.ts'
import type { Heard } from './client.ts'
import { sign } from './signing.ts'

const SETTLE = '/v1/settlements'
const operatorCode = cashierOf(SHOP)
const reason = '顾客改变主意'

type Sale = { readonly id: string; readonly key: string; readonly body: unknown }
type Step = 'reverse' | 'returnOne' | 'returnBoth' | 'compensate' | 'sendAgain'
const STEPS: readonly Step[] = ['reverse', 'returnOne', 'returnBoth', 'compensate', 'sendAgain']

const returning = (quantity: string) => ({
  operatorCode,
  reason,
  lines: [{ lineNo: 1, quantity, traceCodes: [] }],
})

/** The request of a step; `sendAgain` is a till that did not hear the first answer. */
function requestOf(step: Step, { id, key, body }: Sale) {
  switch (step) {
    case 'reverse':
      return sign({ path: `${SETTLE}/${id}/reversal`, body: { operatorCode, reason } })
    case 'returnOne':
      return sign({ path: `${SETTLE}/${id}/returns`, body: returning('1') })
    case 'returnBoth':
      return sign({ path: `${SETTLE}/${id}/returns`, body: returning('2') })
    case 'compensate':
      return sign({ path: '/v1/compensations', body: { originalKey: key, operatorCode, reason } })
    case 'sendAgain':
      return sign({ path: SETTLE, body, key })
  }
}

const REVERSED = ['409 already-reversed']
const RETURNED = ['409 reversal-after-return']
const TOO_MUCH = ['422 return-exceeds-sale']
const DONE = ['200', '201']
const GONE = { reverse: REVERSED, returnOne: REVERSED, returnBoth: REVERSED }

/** What the second step is answered with, by the first one. */
export const AFTER: Readonly<Record<Step, Readonly<Record<Step, readonly string[]>>>> = {
  reverse: { ...GONE, compensate: ['200'], sendAgain: ['201'] },
  compensate: { ...GONE, compensate: ['200'], sendAgain: ['201'] },
  returnOne: {
    reverse: RETURNED,
    returnOne: ['201'],
    returnBoth: TOO_MUCH,
    compensate: RETURNED,
    sendAgain: ['201'],
  },
  returnBoth: {
    reverse: RETURNED,
    returnOne: TOO_MUCH,
    returnBoth: TOO_MUCH,
    compensate: RETURNED,
    sendAgain: ['201'],
  },
  sendAgain: {
    reverse: DONE,
    returnOne: DONE,
    returnBoth: DONE,
    compensate: DONE,
    sendAgain: ['201'],
  },
}

/** Each person of their own, so that two pairs at once do not meet on one position. */
const BUYERS = ['big-balance', 'retired', 'civil-servant', 'active-under-45'] as const

async function sellTo(attack: Attack, person: string): Promise<Sale> {
  const body = claimFor(person, [{ item: 'plain', quantity: '2' }])
  const key = newId()
  const heard = await attack.client.send(sign({ path: SETTLE, body, key }))
  attack.recorder.note({ label: 'a sale', allow: ['201'], isWrite: true }, heard)
  if (heard.status !== 201) return { id: newId(), key, body }
  return { id: (JSON.parse(heard.text) as { settlementId: string }).settlementId, key, body }
}

async function pair(attack: Attack, person: string, first: Step, second: Step): Promise<void> {
  const { client, recorder } = attack
  const sale = await sellTo(attack, person)
  const one = await client.send(requestOf(first, sale))
  recorder.note({ label: `${first} first`, allow: DONE, isWrite: true }, one)
  const two = await client.send(requestOf(second, sale))
  const label = `${second} after ${first}`
  recorder.note({ label, allow: AFTER[first][second], isWrite: true }, two)
  await undoOfUndo(attack, one, first)
}

/** A document that takes something back is not itself taken back. */
async function undoOfUndo({ client, recorder }: Attack, done: Heard, step: Step): Promise<void> {
  if (step === 'sendAgain' || step === 'compensate' || Number(done.status) >= 300) return
  const { settlementId } = JSON.parse(done.text) as { settlementId: string }
  const body = { operatorCode, reason }
  for (const request of [
    sign({ path: `${SETTLE}/${settlementId}/reversal`, body }),
    sign({ path: `${SETTLE}/${settlementId}/returns`, body: returning('1') }),
  ]) {
    const allow = ['404 original-not-found', ...REVERSED]
    const label = `taking back what a ${step} took back`
    recorder.note({ label, allow, isWrite: true }, await client.send(request))
  }
}

type Odd = readonly [label: string, allow: readonly string[], body: unknown, path?: string]

/** Sales to whom nothing may be sold, and on days that are closed or to come. */
const noSales = (): Odd[] => {
  const line = [{ item: 'plain' as const }]
  const to = (person: string, verdict: string): Odd => [person, [verdict], claimFor(person, line)]
  return [
    to('deceased', '422 coverage-ended'),
    to('coverage-ended', '422 coverage-ended'),
    to('suspended', '422 coverage-suspended'),
    to('arrears', '422 coverage-arrears'),
    to('waiting-period', '422 coverage-waiting'),
    to('never-enrolled', '422 person-not-covered'),
    to('lost-card', '422 card-lost'),
    ...['2026-06-16', '2027-01-01', '2024-01-01', '1999-12-31'].map(
      (serviceDay): Odd => [
        serviceDay,
        ['422 service-day-invalid', '403 institution-without-agreement'],
        claimFor('retired', line, { serviceDay }),
      ],
    ),
  ]
}

/** A message that was compensated before it came finds its key closed. */
async function closedKey({ client, recorder }: Attack): Promise<void> {
  const key = newId()
  const compensation = { originalKey: key, operatorCode, reason }
  const closed = await client.send(sign({ path: '/v1/compensations', body: compensation }))
  recorder.note({ label: 'closing a key', allow: ['200'], isWrite: true }, closed)
  const late = sign({ path: SETTLE, body: claimFor('retired', [{ item: 'plain' }]), key })
  const allow = ['409 compensated-before']
  recorder.note({ label: 'a sale under it', allow, isWrite: true }, await client.send(late))
}

/** A pack is sold once and comes back once. */
async function packTwice({ client, recorder }: Attack): Promise<void> {
  const codes = newCodes(1)
  const item = { lineNo: 1, unit: 'pack', units: 1, traceCodes: codes }
  const sale = { operatorCode, lines: [{ ...item, itemCode: ITEMS.traced.code }] }
  const back = { operatorCode, reason, lines: [item] }
  const steps: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['/v1/trace-code-returns', back, ['422 trace-code-not-returnable']],
    ['/v1/trace-code-sales', sale, ['201']],
    ['/v1/trace-code-sales', sale, ['409 trace-code-sold']],
    ['/v1/trace-code-returns', back, ['201']],
    ['/v1/trace-code-returns', back, ['422 trace-code-not-returnable', ...TOO_MUCH]],
  ]
  for (const [path, body, allow] of steps) {
    const heard = await client.send(sign({ path, body }))
    recorder.note({ label: `a pack by ${path}`, allow, isWrite: true }, heard)
  }
}

async function flow(attack: Attack): Promise<void> {
  const pairs = STEPS.flatMap((first) => STEPS.map((second) => [first, second] as const))
  const chosen = Array.from({ length: attack.n }, (_, index) => pairs[index % pairs.length])
  attack.more.pairs = pairs.length
  const lanes = BUYERS.map((person, lane) =>
    forEachAtOnce(
      chosen.filter((_, index) => index % BUYERS.length === lane),
      async (one) => {
        if (one !== undefined) await pair(attack, person, one[0], one[1])
      },
      1,
    ),
  )
  await Promise.all(lanes)
  const { client, recorder } = attack
  for (const [label, allow, body] of noSales()) {
    const heard = await client.send(sign({ path: SETTLE, body }))
    recorder.note({ label: `a sale: ${label}`, allow, isWrite: true }, heard)
  }
  await closedKey(attack)
  await packTwice(attack)
}

export const B22 = overSockets({
  name: 'b22',
  holds: 'a step out of order is refused with its reason and has no effect',
  shortN: STEPS.length ** 2,
  fullN: 40 * STEPS.length ** 2,
  plantN: 10,
  plantFinds: /after reverse: answered 200|a sale: deceased: answered 200/,
  attack: flow,
})
