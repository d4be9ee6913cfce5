/** A card with a PIN: three tries, counted before they are compared, and opened by two people. */
import { scryptSync } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cardNumberOf } from '../../fixtures/people/identity.ts'
import { unlockCardPin } from '../../server/actions/change-card-pin.ts'
import { reissueCard } from '../../server/actions/change-cards.ts'
import type { WriteAnswer } from '../../server/actions/runtime.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import { newId } from '../../server/kernel/ids.ts'
import {
  AGENCY,
  type Area,
  callerAt,
  cardOf,
  claimFor,
  refusedWith,
  settled,
  situation,
  smallArea,
  writeKey,
} from '../support/area.ts'
import { AGENCY_PEOPLE, givePin, openAgencyPeople } from '../support/card-pins.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'

const PIN = '739184'
const HOLDER = 'active-under-45'
const card = cardOf(HOLDER)
const people = AGENCY_PEOPLE

let database: FreshDatabase
let area: Area
beforeAll(async () => {
  database = await freshDatabase()
  await openAgencyPeople(database.sql)
  area = await smallArea(database.url)
})
afterAll(async () => {
  await area.close()
  await database.drop()
})
/** The window in which a terminal's wrong tries count is over before each test. */
let day = 0
beforeEach(async () => {
  day += 1
  area.at(`2026-06-${10 + day}T02:00:00Z`)
  await givePin(area, card, PIN)
})

/** A sale to the holder of a card; `pin` null: none came, `foreign`: made for somebody else. */
function sell(pin: string | null | 'foreign', key = newId(), cardNumber = card, till = 1) {
  const claim = claimFor(HOLDER, [{ item: 'plain' }])
  const sale = { ...claim, identity: { kind: 'card', number: cardNumber } as const }
  const opened = pin === null ? {} : { openCardPin: () => (pin === 'foreign' ? null : pin) }
  return settleClaim(
    area.runtime,
    callerAt(undefined, till),
    { ...writeKey(sale, key), ...opened },
    sale,
  )
}

const triesMade = async (): Promise<number> => {
  const [row] = await database.sql<{ n: number }[]>`
    select count(*)::int as n from pin_event where kind in ('right', 'wrong', 'late')
       and event_no > (select max(event_no) from pin_event where kind in ('set', 'unlocked'))`
  return row?.n ?? -1
}
const left = (answer: WriteAnswer): string => {
  if (answer.kind === 'refused') return ''
  return JSON.parse(answer.text).params.left ?? ''
}

describe('a card with a PIN', () => {
  it('pays with the right one, and is refused without any', async () => {
    expect(refusedWith(await sell(null))).toBe('card-pin-missing')
    settled(await sell(PIN))
    expect(await triesMade()).toBe(1)
  })

  it('says how many tries are left, and is locked by the third wrong one', async () => {
    const answers = [await sell('000001'), await sell('000002')]
    expect(answers.map(refusedWith)).toEqual(['card-pin-wrong', 'card-pin-wrong'])
    expect(answers.map(left)).toEqual(['2', '1'])
    expect(refusedWith(await sell('000003'))).toBe('card-pin-locked')
    expect(refusedWith(await sell(PIN))).toBe('card-pin-locked')
    expect(refusedWith(await sell(null))).toBe('card-pin-locked')
    expect(await triesMade()).toBe(3)
  })

  it('has its tries back after a right one', async () => {
    await sell('000001')
    await sell('000002')
    settled(await sell(PIN))
    expect(left(await sell('000003'))).toBe('2')
  })

  it('counts no try for a key that has its answer, nor for a block of another card', async () => {
    const [right, wrong] = [newId(), newId()]
    const first = [await sell(PIN, right), await sell('000001', wrong)]
    const again = [await sell('000009', right), await sell('000009', wrong)]
    expect(again.map((one) => one.kind === 'stored' && one.text)).toEqual(
      first.map((one) => one.kind === 'stored' && one.text),
    )
    expect(refusedWith(await sell('foreign'))).toBe('card-pin-unreadable')
    expect(await triesMade()).toBe(2)
  })

  it('of fifty wrong tries at once compares three', async () => {
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, at) => sell(`${100_000 + at}`, newId(), card, 1 + (at % 2))),
    )
    const codes = answers.map(refusedWith)
    expect(await triesMade()).toBe(3)
    expect(codes.filter((code) => code === 'card-pin-wrong')).toHaveLength(2)
    expect(codes.filter((code) => code === 'card-pin-locked')).toHaveLength(48)
  })

  it('stays locked at another till, in a new process and on a new card', async () => {
    for (const pin of ['000001', '000002', '000003']) await sell(pin)
    const newCard = cardNumberOf(900, 1)
    const reissue = { cardNumber: card, newCardNumber: newCard, operatorCode: 'CLERK' }
    await reissueCard(area.runtime, AGENCY, writeKey(newId()), reissue)
    expect(refusedWith(await sell(PIN, newId(), newCard))).toBe('card-pin-locked')
    const restarted = await smallArea(database.url)
    try {
      const identity = { kind: 'card', number: newCard } as const
      const claim = { ...claimFor(HOLDER, [{ item: 'plain' }]), identity }
      const key = { ...writeKey(claim), openCardPin: () => PIN }
      const other = callerAt(undefined, 2)
      expect(refusedWith(await settleClaim(restarted.runtime, other, key, claim))).toBe(
        'card-pin-locked',
      )
    } finally {
      await restarted.close()
      // The old card works again for the tests below.
      await database.sql`delete from card where card_number = ${newCard}`
      await database.sql`update card set status = 'active' where card_number = ${card}`
    }
  })
})

it('a terminal that tries many cards is stopped, and nothing of it is stored', async () => {
  const holders = ['active-over-45', 'retired', 'civil-servant', 'big-balance']
  for (const one of holders) await givePin(area, cardOf(one), PIN)
  const codes: string[] = []
  for (const one of [...holders, ...holders, ...holders]) {
    codes.push(refusedWith(await sell('000001', newId(), cardOf(one))))
  }
  expect(codes.slice(0, 8)).toEqual(Array(8).fill('card-pin-wrong'))
  expect(codes.slice(10)).toEqual(['card-pin-guessing', 'card-pin-guessing'])
  expect(refusedWith(await sell(PIN))).toBe('card-pin-guessing')
  settled(await sell(PIN, newId(), card, 2))
  const stored = await database.sql`select from idempotency where answer like '%pin-guessing%'`
  expect(stored).toHaveLength(0)
})

describe('the PIN of a card', () => {
  it('is unlocked by two different people of the agency, and audited without the PIN', async () => {
    for (const pin of ['000001', '000002', '000003']) await sell(pin)
    const unlock = (
      who: readonly [(typeof people)[number], { operatorCode: string; pin: string }],
    ) => unlockCardPin(area.runtime, AGENCY, writeKey(newId()), { cardNumber: card, people: who })
    expect(refusedWith(await unlock([people[0], people[0]]))).toBe('card-pin-two-people')
    const stranger = { operatorCode: 'HEAD', pin: '999999' }
    expect(refusedWith(await unlock([people[0], stranger]))).toBe('card-pin-two-people')
    expect(refusedWith(await sell(PIN))).toBe('card-pin-locked')
    expect((await unlock([people[0], people[1]])).kind).toBe('stored')
    settled(await sell(PIN))
    const [event] = await database.sql<{ operator: string; detail: object }[]>`
      select operator_code as operator, detail from audit_event
       where operation = 'unlock-card-pin' order by event_id desc limit 1`
    expect(event?.operator).toBe('CLERK')
    expect(event?.detail).toMatchObject({ state: 'pin-unlocked', secondOperator: 'HEAD' })
  })

  it.each(['12345', '1234567', '111111', '123456', '654321', '12345a'])(
    'is not %s',
    async (pin) => {
      expect(refusedWith(await givePin(area, card, pin))).toBe('card-pin-invalid')
      settled(await sell(PIN))
    },
  )

  it('is stored so that the database alone does not betray it', async () => {
    const [row] = await database.sql<{ personId: string; salt: Buffer; hash: Buffer }[]>`
      select person_id as "personId", salt, hash from card_pin
       where person_id = (select person_id from card where card_number = ${card})`
    if (row === undefined) throw new Error('the card has a PIN')
    const { personId, salt, hash } = row
    const { vault } = area.runtime
    expect((await vault.cardPinHash(personId, PIN, salt)).equals(hash)).toBe(true)
    const cost = { N: 16_384, r: 8, p: 1 }
    // Of a million guesses the right one comes nearest: without the pepper not even it matches.
    for (const guess of [
      PIN,
      `${card}${PIN}`,
      `${personId}${PIN}`,
      `card-pin/1\n${personId}\n${PIN}`,
    ]) {
      expect(scryptSync(guess, salt, 32, cost).equals(hash)).toBe(false)
    }
    // The same PIN of somebody else is stored otherwise.
    expect((await vault.cardPinHash(newId(), PIN, salt)).equals(hash)).toBe(false)
  })

  it('stands in no text of the database', async () => {
    // Hex of ids and hashes may hold six digits by chance, but not between other signs.
    const alone = `(^|[^0-9a-f])${PIN}($|[^0-9a-f])`
    const tables = await database.sql<{ name: string }[]>`
      select table_name as name from information_schema.tables where table_schema = 'public'`
    for (const { name } of tables) {
      const found = await database.sql`
        select from ${database.sql(name)} t where t::text ~ ${alone}`
      expect([name, found.length]).toEqual([name, 0])
    }
  })
})

it('the invariants hold after all of this', async () => {
  expect(situation(HOLDER).cardNumber).toBe(card)
  expect(await checkInvariants(database.url)).toEqual([])
})
