import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compensateMessage } from '../../server/actions/compensate-message.ts'
import { returnLines } from '../../server/actions/return-lines.ts'
import { reverseSettlement } from '../../server/actions/reverse-settlement.ts'
import type { WriteAnswer } from '../../server/actions/runtime.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import { newId } from '../../server/kernel/ids.ts'
import {
  type Area,
  callerAt,
  cashierOf,
  claimFor,
  newCodes,
  refusedWith,
  SHOP,
  smallArea,
  writeKey,
} from '../support/area.ts'
import { balancesOf } from '../support/books.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'

const SEED = Number(process.env.INTERLEAVINGS_SEED ?? randomInt(1, 2 ** 31))
const RUNS = 60
const PERSON = 'civil-servant'
const operatorCode = cashierOf(SHOP)

let database: FreshDatabase
let areas: Area[]
beforeAll(async () => {
  database = await freshDatabase()
  areas = [await smallArea(database.url), await smallArea(database.url)]
})
afterAll(async () => {
  await Promise.all(areas.map((area) => area.close()))
  await database.drop()
})

type Message = 'settle' | 'settle again' | 'compensate' | 'reverse' | 'return' | 'other sale'
const message = fc.constantFrom<Message>(
  'settle',
  'settle again',
  'compensate',
  'reverse',
  'return',
  'other sale',
)
/** Messages in order of arrival: which server, and whether the next one waits for the answer. */
const arrivals = fc.array(fc.tuple(message, fc.nat(1), fc.boolean()), {
  minLength: 3,
  maxLength: 9,
})

/** Everything a till may send about one sale, whatever became of it so far. */
function senderOf() {
  const input = claimFor(PERSON, [
    { item: 'classB', quantity: '2' },
    { item: 'traced', codes: newCodes(1) },
  ])
  const key = writeKey(input)
  let settlementId = newId()
  return async (what: Message, server: number): Promise<WriteAnswer> => {
    const { runtime } = areas[server] as Area
    const caller = callerAt(SHOP, 1)
    const taking = { operatorCode, reason: '测试' }
    const lines = [{ lineNo: 1, quantity: '1', traceCodes: [] }]
    switch (what) {
      case 'settle':
      case 'settle again': {
        const answer = await settleClaim(runtime, caller, key, input)
        if (answer.kind === 'stored' && answer.status === 201) {
          settlementId = (JSON.parse(answer.text) as { settlementId: string }).settlementId
        }
        return answer
      }
      case 'compensate': {
        const closing = { ...taking, originalKey: key.key }
        return compensateMessage(runtime, caller, writeKey(closing), closing)
      }
      case 'reverse':
        return reverseSettlement(runtime, caller, writeKey(), settlementId, taking)
      case 'return':
        return returnLines(runtime, caller, writeKey(), settlementId, { ...taking, lines })
      case 'other sale': {
        const other = claimFor(PERSON, [{ item: 'plain' }])
        return settleClaim(runtime, callerAt(SHOP, 2), writeKey(other), other)
      }
    }
  }
}

const ALLOWED = new Set([
  'done',
  'already-reversed',
  'compensated-before',
  'original-not-found',
  'reversal-after-return',
  'return-exceeds-sale',
  'position-moved',
  'key-running',
  'account-busy',
])

/** What left the person's accounts and what documents say they paid, in fen. */
async function drawnAndPaid(): Promise<{ left: bigint; paid: bigint }> {
  const balances = await balancesOf(database.sql, PERSON)
  const left = Object.entries(balances)
    .filter(([name]) => name.endsWith('-account'))
    .reduce((sum, [, fen]) => sum + fen, 0n)
  const [row] = await database.sql<{ paid: bigint }[]>`
    select coalesce(sum(current_year_account_fen + past_year_account_fen), 0)::bigint as paid
      from settlement`
  return { left, paid: row?.paid ?? 0n }
}

describe(`messages about one sale in any order, at two servers, seed ${SEED}`, () => {
  it('end in books that agree, and no message meets an error of ours', {
    timeout: 60_000,
  }, async () => {
    const before = await drawnAndPaid()
    await fc.assert(
      fc.asyncProperty(arrivals, async (plan) => {
        const send = senderOf()
        const underWay: Promise<WriteAnswer>[] = []
        for (const [what, server, waits] of plan) {
          const answer = send(what, server)
          underWay.push(answer)
          if (waits) await answer
        }
        for (const answer of await Promise.all(underWay)) {
          expect(ALLOWED).toContain(refusedWith(answer))
        }
        const after = await drawnAndPaid()
        expect(before.left - after.left).toBe(after.paid - before.paid)
      }),
      { seed: SEED, numRuns: RUNS, endOnFailure: true },
    )
    expect(await checkInvariants(database.url)).toEqual([])
  })
})
