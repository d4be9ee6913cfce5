import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WriteAnswer } from '../../server/actions/runtime.ts'
import { type Area, refusedWith, smallArea } from '../support/area.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { ALLOWED, drawnAndPaid, MESSAGES, senderOf } from './one-sale.ts'

const SEED = Number(process.env.INTERLEAVINGS_SEED ?? randomInt(1, 2 ** 31))
const RUNS = 60

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

const message = fc.constantFrom(...MESSAGES)
/** Messages in order of arrival: which server, and whether the next one waits for the answer. */
const arrivals = fc.array(fc.tuple(message, fc.nat(1), fc.boolean()), {
  minLength: 3,
  maxLength: 9,
})

describe(`messages about one sale in any order, at two servers, seed ${SEED}`, () => {
  it('end in books that agree, and no message meets an error of ours', {
    timeout: 240_000,
  }, async () => {
    const before = await drawnAndPaid(database.sql)
    await fc.assert(
      fc.asyncProperty(arrivals, async (plan) => {
        const send = senderOf(areas)
        const underWay: Promise<WriteAnswer>[] = []
        for (const [what, server, waits] of plan) {
          const answer = send(what, server)
          underWay.push(answer)
          if (waits) await answer
        }
        for (const answer of await Promise.all(underWay)) {
          expect(ALLOWED).toContain(refusedWith(answer))
        }
        const after = await drawnAndPaid(database.sql)
        expect(before.left - after.left).toBe(after.paid - before.paid)
      }),
      { seed: SEED, numRuns: RUNS, endOnFailure: true },
    )
    expect(await checkInvariants(database.url)).toEqual([])
  })
})
