/** The history that `npm run bench -- growth` writes is one that the centre could have settled. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generatePeople } from '../../fixtures/people/generate.ts'
import { returnLines } from '../../server/actions/return-lines.ts'
import { reverseSettlement } from '../../server/actions/reverse-settlement.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import { listSettlements, viewSettlement } from '../../server/actions/view-settlement.ts'
import type { ClaimInput, SettlementAnswer } from '../../server/contract/claims.ts'
import { findOutcome } from '../../server/queries/find-outcome.ts'
import {
  type Area,
  callerAt,
  cardOf,
  cashierOf,
  claimFor,
  instantOf,
  OTHER_SHOP,
  SHOP,
  settled,
  smallArea,
  TODAY,
  terminalOf,
  VAULT_KEYS,
  writeKey,
} from '../support/area.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { type History, type HistoryPlan, writeHistory } from './history/write-history.ts'

const traced = (like: string) => ({ item: 'traced', codes: [like] }) as const
const basketOf = ({ lines, totalExpense }: ClaimInput) => ({ lines, totalExpense })
const CARDS = [...generatePeople(40, { today: TODAY, benefitYear: 2026 })]
  .flatMap((person) => person.cards)
  .map((card) => card.number)

const plan = (database: FreshDatabase, settlements: number): HistoryPlan => ({
  url: database.url,
  keys: VAULT_KEYS,
  areaCode: '330282',
  settlements,
  from: instantOf('2025-01-02T01:00:00Z'),
  until: instantOf('2026-06-14T09:00:00Z'),
  tills: [SHOP, OTHER_SHOP].map((shop) => ({
    terminalId: terminalOf(shop).terminalId,
    institutionCode: shop,
    operatorCode: cashierOf(shop),
  })),
  cards: CARDS,
  baskets: [
    claimFor('retired', [{ item: 'dear' }, { item: 'odd', quantity: '3' }, { item: 'classB' }]),
    claimFor('retired', [
      { item: 'plain', quantity: '2' },
      { item: 'capped' },
      traced('81000010000000000000'),
      { item: 'classC' },
      { item: 'classB', quantity: '2' },
    ]),
  ].map(basketOf),
  seed: 20_261_125,
  writer: { index: 0, of: 1 },
  onProgress: () => {},
})

let database: FreshDatabase
let history: History
let area: Area
const told: number[] = []
const SETTLEMENTS = 2_000

beforeAll(async () => {
  database = await freshDatabase()
  const parts = await Promise.all(
    [0, 1].map((index) =>
      writeHistory({
        ...plan(database, SETTLEMENTS),
        writer: { index, of: 2 },
        onProgress: (done) => void told.push(done),
      }),
    ),
  )
  history = {
    persons: parts.reduce((total, { persons }) => total + persons, 0),
    keys: parts.flatMap(({ keys }) => keys),
  }
  area = await smallArea(database.url)
}, 240_000)
afterAll(async () => {
  await area.close()
  await database.drop()
})

/** The settlement that stands under a key of the history, and the till that asked for it. */
async function settlementOf({ terminalId, key }: History['keys'][number]) {
  const caller = [SHOP, OTHER_SHOP]
    .map((shop) => callerAt(shop))
    .find(({ clientId }) => clientId === terminalId)
  if (caller === undefined) throw new Error('a key of an unknown till')
  const found = await findOutcome(area.runtime, caller, key)
  if (!found.ok) throw new Error(found.refusal.code)
  const { state, answer } = found.value
  return { caller, state, answer: answer as SettlementAnswer }
}
const keyAt = (share: number) => {
  const key = history.keys[Math.floor(history.keys.length * share)]
  if (key === undefined) throw new Error('no key')
  return key
}

describe('a history that was written in bulk', { timeout: 240_000 }, () => {
  it('is there whole, and keeps every invariant', async () => {
    const [row] = await database.sql<{ n: number; lines: number; ends: boolean }[]>`
      select count(*)::int as n, sum(cardinality(line_amounts_fen))::int as lines,
             max(posted_at) < '2026-06-14T09:00Z' as ends from settlement`
    expect(row?.n).toBe(SETTLEMENTS)
    expect(row?.lines).toBeGreaterThan(3 * SETTLEMENTS)
    expect([row?.ends, Math.max(...told)]).toEqual([true, SETTLEMENTS])
    expect(history.persons).toBeGreaterThan(10)
    expect(await checkInvariants(database.url)).toEqual([])
  })

  it.each([0, 0.4, 0.999])(
    'at %s of it a settlement is found, viewed and listed',
    async (share) => {
      const { caller, state, answer } = await settlementOf(keyAt(share))
      expect(state).toBe('done')
      const view = await viewSettlement(area.runtime, caller, answer.settlementId)
      if (!view.ok) throw new Error(view.refusal.code)
      // Computed again from what is stored, and yet word for word what was answered then.
      expect(view.value.settlement).toEqual(answer)
      const day = answer.serviceDay
      const list = await listSettlements(area.runtime, caller, { day, cursor: null, limit: 200 })
      expect(list.ok && list.value.items.map((one) => one.settlementId)).toContain(
        answer.settlementId,
      )
    },
  )

  it('is returned from, reversed and settled on, and the books stay right', async () => {
    const old = await settlementOf(keyAt(0.2))
    const recent = await settlementOf(keyAt(0.9))
    const operatorCode = cashierOf(old.caller.institutionCode ?? '')
    const input = {
      operatorCode,
      reason: '退药',
      lines: [{ lineNo: 1, quantity: '1', traceCodes: [] }],
    }
    const { runtime } = area
    const id = old.answer.settlementId
    settled(await returnLines(runtime, old.caller, writeKey(input), id, input))
    const undo = {
      operatorCode: cashierOf(recent.caller.institutionCode ?? ''),
      reason: '错收',
    }
    const back = settled(
      await reverseSettlement(
        runtime,
        recent.caller,
        writeKey(undo),
        recent.answer.settlementId,
        undo,
      ),
    )
    expect(back.totals.totalExpense).toBe(`-${recent.answer.totals.totalExpense}`)
    const claim = claimFor('retired', [{ item: 'dear' }])
    expect(claim.identity).toEqual({ kind: 'card', number: cardOf('retired') })
    settled(await settleClaim(runtime, callerAt(), writeKey(claim), claim))
    expect(await checkInvariants(database.url)).toEqual([])
  })
})

describe('a history in which something is wrong', () => {
  it('is found out by the invariants', async () => {
    const other = await freshDatabase()
    try {
      await writeHistory({
        ...plan(other, 60),
        spoil: (posting) => ({ ...posting, moves: posting.moves.slice(1) }),
      })
      const names = (await checkInvariants(other.url)).map((breach) => breach.invariant)
      expect(names).toContain('I8')
    } finally {
      await other.drop()
    }
  }, 240_000)
})
