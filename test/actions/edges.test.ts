/** Days and instants on the edge: the last that still counts and the first that does not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Caller, Runtime } from '../../server/actions/runtime.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import type { ClaimInput } from '../../server/contract/claims.ts'
import type { Problem } from '../../server/contract/common.ts'
import { newId } from '../../server/kernel/ids.ts'
import {
  type Area,
  callerAt,
  claimFor,
  refusedWith,
  SHOP,
  smallArea,
  storedAnswer,
  writeKey,
} from '../support/area.ts'
import { personOf } from '../support/books.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'

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

const settle = (
  input: ClaimInput,
  runtime: Runtime = area.runtime,
  caller: Caller = callerAt(),
  key = newId(),
) => settleClaim(runtime, caller, writeKey(input, key), input)
const buys = async (person: string, changes: Partial<ClaimInput> = {}) =>
  refusedWith(await settle(claimFor(person, [{ item: 'plain' }], changes)))

describe('somebody who died', () => {
  const person = 'active-over-45'
  it('is covered on the day of death, and on no later one', async () => {
    await database.sql`update person set died_on = '2026-06-14'
      where person_id = ${await personOf(database.sql, person)}`
    expect(await buys(person, { serviceDay: '2026-06-14' })).toBe('done')
    const later = await settle(claimFor(person, [{ item: 'plain' }]))
    expect(storedAnswer<Problem>(later, 422)).toMatchObject({
      code: 'coverage-ended',
      params: { since: '2026-06-14' },
    })
  })
})

describe('an electronic voucher', () => {
  it('is good until the instant it expires, and not at that instant', async () => {
    const token = 'EV-ON-THE-EDGE-0001'
    await database.sql`insert into voucher
      values (${token}, ${await personOf(database.sql, 'retired')}, '2026-06-15T02:00:00Z')`
    const identity = { kind: 'voucher', token } as const
    area.at('2026-06-15T01:59:59.999Z')
    expect(await buys('retired', { identity })).toBe('done')
    area.at('2026-06-15T02:00:00Z')
    expect(await buys('retired', { identity })).toBe('voucher-expired')
  })
})

describe('a service day', () => {
  it.each([
    ['2025-05-11', 'done'],
    ['2025-05-10', 'service-day-invalid'],
    ['2026-06-15', 'done'],
    ['2026-06-16', 'service-day-invalid'],
  ])('400 days back at most: %s is %s', async (serviceDay, verdict) => {
    expect(await buys('retired', { serviceDay })).toBe(verdict)
  })
})

describe('a signed request that is decided again', () => {
  /** The account moves between the first decision and its posting, as another sale moves it. */
  const withOneSaleBetween = (): Runtime => {
    const { store } = area.runtime
    let between = true
    const post: typeof store.door.post = async (posting) => {
      if (between) {
        between = false
        expect(await buys('balance-zero')).toBe('done')
      }
      return store.door.post(posting)
    }
    return { ...area.runtime, store: { ...store, door: { ...store.door, post } } }
  }

  it('does not stumble over its own nonce, which the first attempt has used up', async () => {
    const caller = { ...callerAt(SHOP, 2), nonce: newId() }
    const input = claimFor('balance-zero', [{ item: 'plain' }])
    expect(refusedWith(await settle(input, withOneSaleBetween(), caller))).toBe('done')
    const seen = await database.sql`select from nonce where nonce = ${caller.nonce}`
    expect(seen).toHaveLength(1)
    const replayed = claimFor('balance-zero', [{ item: 'dear' }])
    expect(refusedWith(await settle(replayed, area.runtime, caller))).toBe('nonce-used')
  })
})
