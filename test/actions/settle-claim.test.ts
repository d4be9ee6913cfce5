import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { presettleClaim } from '../../server/actions/presettle-claim.ts'
import { returnLines } from '../../server/actions/return-lines.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import type { Problem } from '../../server/contract/common.ts'
import { findOutcome } from '../../server/queries/find-outcome.ts'
import { readCatalogue } from '../../server/queries/read-catalogue.ts'
import {
  type Area,
  callerAt,
  cashierOf,
  claimFor,
  HOSPITAL,
  newCodes,
  refusedWith,
  SHOP,
  settled,
  situation,
  smallArea,
  storedAnswer,
  writeKey,
} from '../support/area.ts'
import { balancesOf, rowCounts } from '../support/books.ts'
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

/** What stands in the document, in the audit event and in both as text. */
async function identityOf(settlementId: string) {
  const [row] = await database.sql<{ document: { identity: unknown }; detail: object }[]>`
    select s.document::json as document, a.detail from settlement s
      join audit_event a on a.posting_id = s.document_id where s.document_id = ${settlementId}`
  const event = Object.entries(row?.detail ?? {}).filter(([name]) => name.startsWith('identity'))
  return {
    document: row?.document.identity,
    event: Object.fromEntries(event),
    text: JSON.stringify(row),
  }
}

/** A class A pack of 30.00 at a ceiling of 22.50, of ten units. */
describe('a price above the ceiling', () => {
  const sell = async (wish: { unit: 'pack' | 'split'; quantity: string; price: string }) => {
    const input = claimFor('self-pay-segment-full', [{ item: 'capped', ...wish }])
    return settled(await settleClaim(area.runtime, callerAt(), writeKey(input), input))
  }
  beforeAll(async () => {
    await database.sql`
      update catalogue_item set units_per_pack = 10 where item_code = 'ITEM-CAPPED'`
    area.runtime.catalogue.refresh()
  })

  it('is the person’s part, of a split pack as of a whole one', async () => {
    const pack = await sell({ unit: 'pack', quantity: '1', price: '40.00' })
    const split = await sell({ unit: 'split', quantity: '10', price: '4.00' })
    expect(pack.totals).toMatchObject({ overLimit: '17.50', inScope: '22.50' })
    expect(split.totals).toEqual(pack.totals)
    expect(split.payers).toEqual(pack.payers)
    expect(split.lines[0]?.notes).toContainEqual({ code: 'over-price-ceiling', detail: '2.25' })
  })

  it('is computed again to the fen where units of the pack come back', async () => {
    const split = await sell({ unit: 'split', quantity: '7', price: '4.00' })
    expect(split.totals).toMatchObject({ overLimit: '12.25', inScope: '15.75' })
    const lines = [{ lineNo: 1, quantity: '3', traceCodes: [] }]
    const body = { operatorCode: cashierOf(SHOP), reason: '退货', lines }
    const back = settled(
      await returnLines(area.runtime, callerAt(), writeKey(body), split.settlementId, body),
    )
    expect(back.totals).toMatchObject({ overLimit: '-5.25', inScope: '-6.75' })
  })
})

describe('the institution’s price list', () => {
  const sell = async (wish: Parameters<typeof claimFor>[1][number]) => {
    const input = claimFor('self-pay-segment-full', [wish])
    return await settleClaim(area.runtime, callerAt(), writeKey(input), input)
  }

  it.each([
    ['three times what it says', { item: 'plain', price: '30.00' }],
    ['a discount', { item: 'plain', price: '0.10' }],
    ['class C at any price, which no fund pays', { item: 'classC', price: '2550.00' }],
    [
      'a unit at three times its share of the pack',
      { item: 'traced', unit: 'split', price: '5.00', codes: newCodes(1) },
    ],
  ] as const)('lets %s pass', async (_, wish) => {
    const { payers, totals } = settled(await sell(wish))
    expect(totals.totalExpense).toBe(wish.price)
    if (wish.item === 'classC') expect(payers['pooling-fund']).toBe('0.00')
  })

  it('may hold an item twice: both reach the till, and the dearer is the measure', async () => {
    await database.sql`insert into institution_item
      values (${SHOP}, 'A-SECOND', 'ITEM-PLAIN', '大包装', '55.00', '[2016-01-01,)')`
    area.runtime.catalogue.refresh()
    const catalogue = await readCatalogue(area.runtime, callerAt())
    const entries = catalogue.ok ? catalogue.value.items : []
    const both = entries.filter(({ itemCode }) => itemCode === 'ITEM-PLAIN')
    expect(both.map(({ localCode, unitPrice }) => [localCode, unitPrice])).toEqual([
      ['A-SECOND', '55'],
      ['ITEM-PLAIN', '10'],
    ])
    settled(await sell({ item: 'plain', price: '165.00' }))
    expect(refusedWith(await sell({ item: 'plain', price: '165.01' }))).toBe('price-invalid')
    await database.sql`delete from institution_item where local_code = 'A-SECOND'`
    area.runtime.catalogue.refresh()
  })

  it('is named where a price is refused, in both languages', async () => {
    const answer = storedAnswer<Problem>(await sell({ item: 'plain', price: '99999.00' }), 422)
    expect(answer.title).toBe('第 1 行的单价不合理:本机构价目为每盒 10.00 元')
    expect(answer.en.title).toContain('the price list says 10.00 yuan a pack')
  })
})

it.each([['E11.9'], ['e11.9']])('a limit to a diagnosis is met by %s', async (code) => {
  const limits = [{ kind: 'diagnosis', prefixes: ['E11'] }]
  await database.sql`
    update catalogue_item set limits = ${database.sql.json(limits)} where item_code = 'ITEM-ODD'`
  area.runtime.catalogue.refresh()
  const input = claimFor('retired', [{ item: 'odd' }], { diagnoses: [code] })
  const { totals, lines } = settled(
    await settleClaim(area.runtime, callerAt(), writeKey(input), input),
  )
  expect(totals.outsideScope).toBe('0.00')
  expect(lines[0]?.notes).toEqual([])
  await database.sql`update catalogue_item set limits = '[]' where item_code = 'ITEM-ODD'`
  area.runtime.catalogue.refresh()
})

/** What the start's list says of a card is what somebody who tries it sees. */
it.each([
  ['civil-servant', 'civil-servant-subsidy'],
  ['subsistence-allowance', 'medical-assistance'],
  ['destitute', 'medical-assistance'],
] as const)('the demo card of %s promises no more of %s than is paid', async (person, payer) => {
  const input = claimFor(person, [{ item: 'dear', quantity: '3' }])
  const answer = settled(await settleClaim(area.runtime, callerAt(), writeKey(input), input))
  const paysNothing = answer.payers[payer] === '0.00'
  const { zh, en } = situation(person)
  expect(zh.includes('尚未计算')).toBe(paysNothing)
  expect(en.includes('not computed yet')).toBe(paysNothing)
})

describe('settling', () => {
  it.each([
    ['active-under-45', 'an active employee pays from the current-year account first'],
    ['active-over-45', 'an active employee of 45 or more'],
    ['retired', 'a retired employee'],
    ['balance-zero', 'an employee without money in the accounts pays the segment in cash'],
    ['self-pay-segment-full', 'the pooling fund pays where the segment is borne'],
    ['self-pay-segment-nearly-full', 'one fen is left of the segment'],
    ['civil-servant', 'a civil servant'],
    ['resident-tier-a', 'a resident of tier A'],
    ['resident-tier-b', 'a resident of tier B'],
    ['student', 'a student'],
    ['rural-household-spouse', 'a villager whose household has an account'],
    ['near-ceiling', 'a resident ten yuan below the ceiling'],
    ['ceiling-reached', 'a resident whose ceiling is reached'],
    ['rare-name-extension-b', 'a name outside the basic plane'],
  ])('gives exactly what the presettlement said: %s, %s', async (person) => {
    const input = claimFor(person, [
      { item: 'plain', quantity: '3' },
      { item: 'odd', quantity: '7' },
      { item: 'classB', quantity: '2' },
      { item: 'classC' },
      { item: 'capped' },
    ])
    const presettled = await presettleClaim(area.runtime, callerAt(), input)
    if (!presettled.ok) throw new Error(presettled.refusal.code)
    const answer = settled(await settleClaim(area.runtime, callerAt(), writeKey(input), input))
    const { asOf: _, missingTraceCodes, ...foretold } = presettled.value
    expect(missingTraceCodes).toEqual([])
    expect(answer).toMatchObject(foretold)
    const shares = Object.values(answer.payers).map((text) => fenOf(text))
    expect(shares.reduce((a, b) => a + b)).toBe(fenOf(input.totalExpense))
  })

  it('moves exactly what it answers, and nothing for anybody else', async () => {
    const before = await balancesOf(database.sql, 'active-under-45')
    const other = await balancesOf(database.sql, 'active-over-45')
    const input = claimFor('active-under-45', [{ item: 'plain', quantity: '5' }])
    const answer = settled(await settleClaim(area.runtime, callerAt(), writeKey(input), input))
    const after = await balancesOf(database.sql, 'active-under-45')
    const current = fenOf(answer.payers['current-year-account'])
    expect(current).toBe(5000n)
    expect(after['2026/current-year-account']).toBe(
      (before['2026/current-year-account'] ?? 0n) - current,
    )
    expect(await balancesOf(database.sql, 'active-over-45')).toEqual(other)
  })

  it('writes the document, journal, key and audit event of one sale, each once', async () => {
    const before = await rowCounts(database.sql)
    const input = claimFor('retired', [{ item: 'traced', codes: newCodes(1) }])
    settled(await settleClaim(area.runtime, callerAt(), writeKey(input), input))
    const after = await rowCounts(database.sql)
    for (const table of ['settlement', 'journal', 'idempotency', 'audit_event', 'trace_code']) {
      expect([table, (after[table] ?? 0) - (before[table] ?? 0)]).toEqual([table, 1])
    }
  })

  it('keeps how the person was identified and why a number was typed, not the number', async () => {
    const { idNumber } = situation('retired')
    const reason = '卡片消磁,无法读取'
    const typed = { kind: 'id-number', number: idNumber, reason } as const
    const input = claimFor('retired', [{ item: 'plain' }], { identity: typed })
    const answer = settled(await settleClaim(area.runtime, callerAt(), writeKey(input), input))
    const stored = await identityOf(answer.settlementId)
    expect(stored).toEqual({
      document: { kind: 'id-number', reason },
      event: { identity: 'id-number', identityReason: reason },
      text: expect.not.stringContaining(idNumber),
    })
    const swiped = claimFor('retired', [{ item: 'plain' }])
    const byCard = settled(await settleClaim(area.runtime, callerAt(), writeKey(swiped), swiped))
    expect(await identityOf(byCard.settlementId)).toMatchObject({
      document: { kind: 'card', reason: null },
      event: { identity: 'card' },
    })
  })

  it('keeps it of a refused claim too: whoever typed the number and why', async () => {
    const reason = '忘记带卡'
    const identity = { kind: 'id-number', number: situation('arrears').idNumber, reason } as const
    const input = claimFor('arrears', [{ item: 'plain' }], { identity })
    const key = writeKey(input)
    expect(refusedWith(await settleClaim(area.runtime, callerAt(), key, input))).toBe(
      'coverage-arrears',
    )
    const [row] = await database.sql`
      select a.detail, a.result from audit_event a join idempotency i using (posting_id)
       where i.key = ${key.key}`
    expect(row).toMatchObject({
      result: 'coverage-arrears',
      detail: { identity: 'id-number', identityReason: reason },
    })
  })

  it('answers the same bytes when the same request comes again, and moves nothing', async () => {
    const input = claimFor('civil-servant', [{ item: 'traced', codes: newCodes(1) }])
    const key = writeKey(input)
    const first = await settleClaim(area.runtime, callerAt(), key, input)
    const before = await rowCounts(database.sql)
    const second = await settleClaim(area.runtime, callerAt(), key, input)
    expect(second).toEqual({ ...first, replayed: true })
    expect(await rowCounts(database.sql)).toEqual(before)
  })

  it('refuses the same key with another body, and the first result stands', async () => {
    const input = claimFor('retired', [{ item: 'plain' }])
    const key = writeKey(input)
    settled(await settleClaim(area.runtime, callerAt(), key, input))
    const before = await rowCounts(database.sql)
    const changed = claimFor('retired', [{ item: 'plain', quantity: '2' }])
    const second = await settleClaim(area.runtime, callerAt(), writeKey(changed, key.key), changed)
    expect(refusedWith(second)).toBe('key-conflict')
    expect(await rowCounts(database.sql)).toEqual(before)
  })

  it('keeps the same key of two tills apart: keys belong to the one who minted them', async () => {
    const input = claimFor('retired', [{ item: 'plain' }])
    const key = writeKey(input)
    const one = settled(await settleClaim(area.runtime, callerAt(), key, input))
    const two = settled(await settleClaim(area.runtime, callerAt(undefined, 2), key, input))
    expect(two.settlementId).not.toBe(one.settlementId)
  })

  it('settles a sale that is worth less than half a fen', async () => {
    const input = claimFor('retired', [{ item: 'plain', price: '0.004' }])
    const answer = settled(await settleClaim(area.runtime, callerAt(), writeKey(input), input))
    expect(answer.totals.totalExpense).toBe('0.00')
  })

  it('settles outpatient care at a hospital', async () => {
    const wishes = [{ item: 'visit' }] as const
    const input = claimFor('self-pay-segment-full', wishes, { at: HOSPITAL })
    const caller = callerAt(HOSPITAL)
    const answer = settled(await settleClaim(area.runtime, caller, writeKey(input), input))
    expect(answer.payers['pooling-fund']).toBe('9.60')
  })

  it('says of a key what became of it', async () => {
    const input = claimFor('retired', [{ item: 'plain' }])
    const key = writeKey(input)
    const ask = async () => {
      const outcome = await findOutcome(area.runtime, callerAt(), key.key)
      return outcome.ok ? outcome.value : null
    }
    expect((await ask())?.state).toBe('never-arrived')
    const answer = settled(await settleClaim(area.runtime, callerAt(), key, input))
    expect(await ask()).toMatchObject({ state: 'done', status: 201, answer })
    const strange = await findOutcome(area.runtime, callerAt(undefined, 2), key.key)
    expect(strange.ok && strange.value.state).toBe('never-arrived')
  })
})

const fenOf = (text: string): bigint => BigInt(text.replace('.', ''))
