import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reissueCard, reportCardLost } from '../../server/actions/change-cards.ts'
import { liftSuspension, suspendInstitution } from '../../server/actions/change-institutions.ts'
import {
  enrolTerminal,
  replaceTerminal,
  retireTerminal,
  rotateTerminalKey,
} from '../../server/actions/change-terminals.ts'
import { creditAccount } from '../../server/actions/credit-account.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import type { Problem } from '../../server/contract/common.ts'
import { newId } from '../../server/kernel/ids.ts'
import { parseMoney } from '../../server/kernel/money.ts'
import {
  AGENCY,
  type Area,
  callerAt,
  cardOf,
  claimFor,
  instantOf,
  OTHER_SHOP,
  refusedWith,
  SHOP,
  smallArea,
  storedAnswer,
  terminalOf,
  writeKey,
} from '../support/area.ts'
import { balancesOf, personOf, rowCounts, rowsAdded } from '../support/books.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'

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

const operatorCode = 'A001'
const sell = async (number: string, shop: string = SHOP) => {
  const identity = { kind: 'card', number } as const
  const input = claimFor('retired', [{ item: 'plain' }], { at: shop, identity })
  return refusedWith(await settleClaim(area.runtime, callerAt(shop), writeKey(input), input))
}

describe('crediting an account', () => {
  const credit = (
    person: string,
    account: 'past-year-account' | 'current-year-account' | 'household-account',
    amount: string,
    key = writeKey(person + amount),
  ) => {
    const input = {
      cardNumber: cardOf(person),
      account,
      amount: parseMoney(amount),
      reason: '划入',
      operatorCode,
    }
    return creditAccount(area.runtime, AGENCY, key, input)
  }

  it.each([
    ['balance-zero', 'current-year-account', '2026/current-year-account'],
    ['balance-zero', 'past-year-account', '0/past-year-account'],
    ['rural-household-spouse', 'household-account', '0/household-account'],
  ] as const)('%s: the %s holds what was credited', async (person, account, name) => {
    const before = (await balancesOf(database.sql, person))[name] ?? 0n
    storedAnswer(await credit(person, account, '123.45'), 201)
    expect((await balancesOf(database.sql, person))[name]).toBe(before + 12_345n)
  })

  it.each(['coverage-ended', 'deceased', 'arrears'])(
    'of somebody not served today (%s) is booked in the scheme that filled it',
    async (person) => {
      const personId = await personOf(database.sql, person)
      storedAnswer(await credit(person, 'past-year-account', '3.00', writeKey(newId())), 201)
      const held = await database.sql`
      select scheme, amount_fen >= 300 as held from balance
       where owner_id = ${personId} and kind = 'past-year-account'`
      expect([...held]).toEqual([{ scheme: 'employee', held: true }])
    },
  )

  it('goes by the last coverage where there is none today, this year’s account too', async () => {
    const personId = await personOf(database.sql, 'student')
    await database.sql`update coverage_period set period = daterange(lower(period), '2026-03-01')
      where person_id = ${personId}`
    const refused = await credit('student', 'current-year-account', '5.00', writeKey(newId()))
    expect(refusedWith(refused)).toBe('account-not-held')
    await database.sql`update coverage_period
      set scheme = 'employee', category = 'active', tier = null where person_id = ${personId}`
    const late = await credit('student', 'current-year-account', '5.00', writeKey(newId()))
    expect(storedAnswer(late, 201)).toMatchObject({ benefitYear: 2026 })
  })

  it('twice under one key credits once', async () => {
    const key = writeKey('twice')
    const first = await credit('retired', 'past-year-account', '1.00', key)
    const before = await rowCounts(database.sql)
    const second = await credit('retired', 'past-year-account', '1.00', key)
    expect(second).toEqual({ ...first, replayed: true })
    expect(rowsAdded(before, await rowCounts(database.sql))).toEqual({})
  })

  it.each([
    ['nothing', 'retired', 'past-year-account', '0.00', 'amount-invalid'],
    ['less than nothing', 'retired', 'past-year-account', '-5.00', 'amount-invalid'],
    ['a household that is none', 'retired', 'household-account', '5.00', 'account-not-held'],
    ['a resident', 'resident-tier-a', 'current-year-account', '5.00', 'account-not-held'],
    ['a resident', 'resident-tier-a', 'past-year-account', '5.00', 'account-not-held'],
    ['somebody never enrolled', 'never-enrolled', 'past-year-account', '5', 'account-not-held'],
    ['coverage of last year', 'coverage-ended', 'current-year-account', '5', 'account-not-held'],
    ['the dead of last year', 'deceased', 'current-year-account', '5.00', 'account-not-held'],
  ] as const)('with %s is refused', async (_, person, account, amount, code) => {
    const before = await rowCounts(database.sql)
    expect(refusedWith(await credit(person, account, amount))).toBe(code)
    const added = rowsAdded(before, await rowCounts(database.sql))
    expect(added).toEqual({ idempotency: 1, audit_event: 1 })
  })
})

describe('a card', () => {
  const person = 'civil-servant'
  const newCardNumber = '733028299999999990'
  const lose = (cardNumber: string, key = writeKey(cardNumber)) =>
    reportCardLost(area.runtime, AGENCY, key, { cardNumber, operatorCode })
  const reissue = (cardNumber: string, newNumber: string, key = writeKey(newNumber)) =>
    reissueCard(area.runtime, AGENCY, key, { cardNumber, newCardNumber: newNumber, operatorCode })

  it('settles nothing from the moment it is reported lost; the new one does', async () => {
    const old = cardOf(person)
    expect(await sell(old)).toBe('done')
    storedAnswer(await lose(old), 200)
    expect(await sell(old)).toBe('card-lost')
    expect(refusedWith(await lose(old))).toBe('operation-not-possible')
    storedAnswer(await reissue(old, newCardNumber), 200)
    expect(await sell(old)).toBe('card-replaced')
    expect(await sell(newCardNumber)).toBe('done')
    expect(refusedWith(await reissue(old, '733028288888888885'))).toBe('operation-not-possible')
  })

  it.each([
    ['two digits', '12'],
    ['a wrong check digit', '733028299999999981'],
    ['one digit too many', '7330282999999999999'],
    ['an identity number', '330282198501010013'],
  ])('is not replaced by %s: the old one goes on working', async (_, number) => {
    const old = cardOf('big-balance')
    expect(refusedWith(await reissue(old, number))).toBe('card-number-invalid')
    expect(await sell(old)).toBe('done')
  })

  it('is reported lost twice at once under one key: one effect, both hear the same', async () => {
    const key = writeKey('lost')
    const answers = await Promise.all([1, 2, 3, 4].map(() => lose(cardOf('active-over-45'), key)))
    const texts = new Set(answers.map((answer) => (answer.kind === 'stored' ? answer.text : '')))
    expect([...texts]).toEqual([expect.stringContaining('lost')])
  })

  it('lost between the decision on a sale and its posting settles nothing any more', async () => {
    const number = cardOf('self-pay-segment-nearly-full')
    const { door } = area.runtime.store
    let reported = false
    const post: typeof door.post = async (posting) => {
      if (!reported) {
        reported = true
        storedAnswer(await lose(number), 200)
      }
      return door.post(posting)
    }
    const store = { ...area.runtime.store, door: { ...door, post } }
    const input = claimFor('retired', [{ item: 'plain' }], {
      identity: { kind: 'card', number },
    })
    const runtime = { ...area.runtime, store }
    const answer = await settleClaim(runtime, callerAt(), writeKey(input), input)
    expect([reported, refusedWith(answer)]).toEqual([true, 'card-lost'])
  })

  it('nobody holds cannot be lost', async () => {
    expect(refusedWith(await lose('733028200000000000'))).toBe('card-unknown')
  })

  it('number that exists is not given out again', async () => {
    const taken = await reissue(cardOf('active-under-45'), cardOf('retired'))
    expect(refusedWith(taken)).not.toBe('done')
    expect(await sell(cardOf('active-under-45'))).toBe('done')
  })
})

describe('an institution', () => {
  const change = { institutionCode: OTHER_SHOP, operatorCode, reason: '核查' }

  it('that is suspended settles nothing until the suspension is lifted', async () => {
    const { runtime } = area
    expect(await sell(cardOf('retired'), OTHER_SHOP)).toBe('done')
    storedAnswer(await suspendInstitution(runtime, AGENCY, writeKey(1), change), 200)
    await until(
      'tills hear of it',
      async () => (await sell(cardOf('retired'), OTHER_SHOP)) === 'institution-suspended',
    )
    const again = await suspendInstitution(runtime, AGENCY, writeKey(2), change)
    expect(refusedWith(again)).toBe('operation-not-possible')
    storedAnswer(await liftSuspension(runtime, AGENCY, writeKey(3), change), 200)
    await until(
      'tills hear of it',
      async () => (await sell(cardOf('retired'), OTHER_SHOP)) === 'done',
    )
    const nothing = await liftSuspension(runtime, AGENCY, writeKey(4), change)
    expect(refusedWith(nothing)).toBe('operation-not-possible')
  })

  it('whose suspension was lifted on its first day can be suspended again', async () => {
    const again = await suspendInstitution(area.runtime, AGENCY, writeKey(5), change)
    storedAnswer(again, 200)
  })
})

describe('a terminal', () => {
  const secret = 'ab'.repeat(32)
  const valid = async (keyId: string, at = '2026-06-15T02:00:00Z') =>
    (await area.runtime.institutions.findKey(keyId, instantOf(at))) !== null
  const keysOf = async (terminalId: string): Promise<number> => {
    const rows = await database.sql`select from terminal_key where terminal_id = ${terminalId}`
    return rows.length
  }

  it('is enrolled with its first key', async () => {
    const [terminalId, keyId] = [newId(), newId()]
    const input = { operatorCode, terminalId, institutionCode: SHOP, name: '3 号', keyId, secret }
    storedAnswer(await enrolTerminal(area.runtime, AGENCY, writeKey(input), input), 200)
    expect(await valid(keyId)).toBe(true)
    const found = await area.runtime.institutions.findKey(keyId, instantOf('2026-06-15T02:00:00Z'))
    expect(found).toMatchObject({ terminalId, institutionCode: SHOP })
    expect(Buffer.from(found?.secret ?? []).toString('hex')).toBe(secret)
  })

  it('of no institution is refused', async () => {
    const institutionCode = 'P99999999999'
    const input = {
      operatorCode,
      terminalId: newId(),
      institutionCode,
      name: '1',
      keyId: newId(),
      secret,
    }
    const answer = await enrolTerminal(area.runtime, AGENCY, writeKey(input), input)
    expect(refusedWith(answer)).toBe('institution-unknown')
  })

  it('rotates its key: the new one works at once, the old one for ten minutes', async () => {
    const { keyId: old } = terminalOf(SHOP, 2)
    const input = { keyId: newId(), secret }
    const caller = callerAt(SHOP, 2)
    storedAnswer(await rotateTerminalKey(area.runtime, caller, writeKey(input), input), 200)
    expect(await valid(input.keyId)).toBe(true)
    expect(await valid(old, '2026-06-15T02:09:59Z')).toBe(true)
    expect(await valid(old, '2026-06-15T02:10:00Z')).toBe(false)
    expect(await valid(input.keyId, '2026-06-15T02:10:00Z')).toBe(true)
  })

  it('that died is replaced: keys of the dead machine stop at once', async () => {
    const { terminalId, keyId: old } = terminalOf(OTHER_SHOP, 2)
    const input = { operatorCode, terminalId, keyId: newId(), secret }
    storedAnswer(await replaceTerminal(area.runtime, AGENCY, writeKey(input), input), 200)
    expect(await valid(input.keyId)).toBe(true)
    expect(await valid(old)).toBe(false)
  })

  it('that is retired has no valid key any more', async () => {
    const { terminalId, keyId } = terminalOf(OTHER_SHOP, 1)
    const input = { operatorCode, terminalId }
    storedAnswer(await retireTerminal(area.runtime, AGENCY, writeKey(input), input), 200)
    expect(await valid(keyId)).toBe(false)
  })

  it('that is retired is neither replaced nor retired again, in words', async () => {
    const { terminalId } = terminalOf(OTHER_SHOP, 1)
    const input = { operatorCode, terminalId, keyId: newId(), secret }
    const before = await rowCounts(database.sql)
    const answers = [
      await replaceTerminal(area.runtime, AGENCY, writeKey(input), input),
      await retireTerminal(area.runtime, AGENCY, writeKey(2), { operatorCode, terminalId }),
    ]
    for (const answer of answers) {
      expect(refusedWith(answer)).toBe('operation-not-possible')
      const { title, en } = storedAnswer<Problem>(answer, 409)
      expect(title).toBe('当前状态不能办理:该终端已停用,请按新终端办理入网')
      expect(en.title).toContain('the terminal is retired; enrol a new one in its place')
    }
    const added = rowsAdded(before, await rowCounts(database.sql))
    expect(added).toEqual({ idempotency: 2, audit_event: 2 })
    expect(await keysOf(terminalId)).toBe(1)
  })

  it('that nobody enrolled is neither replaced nor retired', async () => {
    const input = { operatorCode, terminalId: newId(), keyId: newId(), secret }
    const replaced = await replaceTerminal(area.runtime, AGENCY, writeKey(input), input)
    expect(refusedWith(replaced)).toBe('terminal-unknown')
    expect(refusedWith(await retireTerminal(area.runtime, AGENCY, writeKey(1), input))).toBe(
      'terminal-unknown',
    )
  })

  it('retired while its replacement is under way stays retired, and gets no new key', async () => {
    const enrolled = { operatorCode, terminalId: newId(), keyId: newId(), secret }
    const named = { ...enrolled, institutionCode: SHOP, name: '4 号' }
    storedAnswer(await enrolTerminal(area.runtime, AGENCY, writeKey(named), named), 200)
    const input = { ...enrolled, keyId: newId() }
    const replaced = await database.sql.begin(async (retiring) => {
      await retiring`update terminal set status = 'retired'
        where terminal_id = ${input.terminalId}`
      const answer = replaceTerminal(area.runtime, AGENCY, writeKey(input), input)
      await until('it waits for the lock', async () => {
        const [row] = await database.sql<{ n: number }[]>`select count(*)::int as n
          from pg_stat_activity where wait_event_type = 'Lock' and query like '%agency_change%'`
        return row?.n === 1
      })
      return { answer }
    })
    expect(refusedWith(await replaced.answer)).not.toBe('done')
    expect(await keysOf(input.terminalId)).toBe(1)
  })

  it('keeps no secret in clear: not in the table, the answer or the audit event', async () => {
    const rows = await database.sql<{ text: string }[]>`
      select row_to_json(k)::text as text from terminal_key k
      union all select row_to_json(a)::text from audit_event a
      union all select row_to_json(i)::text from idempotency i`
    expect(rows.filter(({ text }) => text.includes(secret))).toEqual([])
  })
})

it('all of this leaves books in which every invariant holds', async () => {
  expect(await checkInvariants(database.url)).toEqual([])
})
