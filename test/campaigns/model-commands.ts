/** What a run of C32 is made of: each command asks the centre and the model, and compares. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { checkEntitlement } from '../../server/actions/check-entitlement.ts'
import { compensateMessage } from '../../server/actions/compensate-message.ts'
import { creditAccount } from '../../server/actions/credit-account.ts'
import { publishPolicy } from '../../server/actions/publish-policy.ts'
import { reverseSettlement } from '../../server/actions/reverse-settlement.ts'
import type { WriteAnswer, WriteKey } from '../../server/actions/runtime.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import type { ClaimInput, SettlementAnswer } from '../../server/contract/claims.ts'
import { parseMoney } from '../../server/kernel/money.ts'
import {
  AGENCY,
  type Area,
  callerAt,
  cardOf,
  cashierOf,
  claimFor,
  refusedWith,
  SHOP,
  settled,
  storedAnswer,
  writeKey,
} from '../support/area.ts'
import { ACCOUNTS, type Holder, type Packs, type PlainLedger, type Sale } from './plain-ledger.ts'

/** The centre, and what only its caller knows. */
export type Centre = {
  area: Area
  readonly sold: { readonly id: string; readonly key: WriteKey; readonly input: ClaimInput }[]
  readonly answers: string[]
  readonly happened: Record<string, number>
  /** Ends the area as a crash would, and opens another one on the same database. */
  crash(whileAtWork: (area: Area) => Promise<unknown>): Promise<void>
}
export type Model = { readonly ledger: PlainLedger; readonly sales: Sale[] }
type Step = fc.AsyncCommand<Model, Centre>

export const HOLDERS: readonly Holder[] = [
  { person: 'retired', household: null },
  { person: 'active-under-45', household: null },
  { person: 'balance-zero', household: null },
  { person: 'dotted-name', household: null },
  { person: 'rural-household-head', household: 'rural-household-head' },
  { person: 'rural-household-spouse', household: 'rural-household-head' },
]
const POLICY = new URL('../../fixtures/policies/330282/employee/outpatient.yaml', import.meta.url)
const why = { operatorCode: cashierOf(SHOP), reason: '错收' }

/** Differs where the two do; the text says in what. */
export class Difference extends Error {}
function same(what: string, centre: unknown, model: unknown): void {
  if (centre === model) return
  throw new Difference(`${what}: the centre says ${centre}, the model ${model}`)
}

const claimOf = ({ person }: Holder, { a, b, c }: Packs): ClaimInput =>
  claimFor(
    person,
    [
      { item: 'plain', quantity: String(a) },
      ...(b > 0 ? [{ item: 'classB', quantity: String(b) } as const] : []),
      ...(c > 0 ? [{ item: 'classC', quantity: String(c) } as const] : []),
    ],
    { prescription: null },
  )

const settle = (area: Area, key: WriteKey, input: ClaimInput): Promise<WriteAnswer> =>
  settleClaim(area.runtime, callerAt(), key, input)

function compareSale(answer: SettlementAnswer, { paid }: Sale): void {
  for (const payer of [...ACCOUNTS, 'cash'] as const) {
    same(payer, parseMoney(answer.payers[payer] ?? '0.00'), paid[payer])
  }
}

function command(name: string, run: (model: Model, centre: Centre) => Promise<void>): Step {
  return {
    check: () => true,
    toString: () => name,
    async run(model, centre) {
      await run(model, centre)
      const [kind = ''] = name.split(' ')
      centre.happened[kind] = (centre.happened[kind] ?? 0) + 1
    },
  }
}

const card = (holder: Holder): Step =>
  command(`card ${holder.person}`, async ({ ledger }, { area }) => {
    const identity = { kind: 'card', number: cardOf(holder.person) } as const
    const input = { identity, serviceKind: 'pharmacy', operatorCode: why.operatorCode } as const
    const heard = await checkEntitlement(area.runtime, callerAt(), input)
    if (!heard.ok) throw new Difference(`refused: ${heard.refusal.code}`)
    const balances: Readonly<Record<string, string>> = heard.value.balances
    for (const account of ACCOUNTS) {
      const shown = parseMoney(balances[account] ?? '0.00')
      same(`${holder.person} ${account}`, shown, ledger.balance(holder, account))
    }
  })

/** Sells; through a crash in the middle, where that is wanted, and then once more by its key. */
const sale = (holder: Holder, packs: Packs, crash: boolean): Step =>
  command(
    `${crash ? 'crash' : 'settle'} ${holder.person} ${Object.values(packs)}`,
    async (m, c) => {
      const input = claimOf(holder, packs)
      const key = writeKey(input)
      if (crash) await c.crash((area) => settle(area, key, input))
      const answer = settled(await settle(c.area, key, input))
      const sold = m.ledger.sell(holder, packs)
      compareSale(answer, sold)
      m.sales.push(sold)
      c.sold.push({ id: answer.settlementId, key, input })
      c.answers.push(JSON.stringify(answer))
    },
  )

/** A command on one of the sales made so far; none, and it does nothing. */
const onSale = (
  name: string,
  pick: number,
  run: (model: Model, centre: Centre, at: number) => Promise<void>,
): Step =>
  command(`${name} ${pick}`, async (model, centre) => {
    if (model.sales.length > 0) await run(model, centre, pick % model.sales.length)
  })

const retry = (pick: number): Step =>
  onSale('retry', pick, async (_, { area, sold, answers }, at) => {
    const { key, input } = sold[at] as Centre['sold'][number]
    const again = settled(await settle(area, key, input))
    same('the answer given again', JSON.stringify(again), answers[at])
  })
const reverse = (pick: number): Step =>
  onSale('reverse', pick, async ({ ledger, sales }, { area, sold }, at) => {
    const id = sold[at]?.id ?? ''
    const answer = await reverseSettlement(area.runtime, callerAt(), writeKey(id), id, why)
    const done = ledger.undo(sales[at] as Sale)
    same('the reversal', refusedWith(answer), done ? 'done' : 'already-reversed')
  })
const cancel = (pick: number): Step =>
  onSale('cancel', pick, async ({ ledger, sales }, { area, sold }, at) => {
    const originalKey = sold[at]?.key.key ?? ''
    const input = { originalKey, operatorCode: why.operatorCode, reason: '应答丢失' }
    const answer = await compensateMessage(area.runtime, callerAt(), writeKey(input), input)
    const { state } = storedAnswer<{ state: string }>(answer, 200)
    same('the cancelling', state, ledger.undo(sales[at] as Sale) ? 'reversed' : 'nothing-to-undo')
  })

const topUp = (holder: Holder, fen: number, past: boolean): Step =>
  command(`top-up ${holder.person} ${fen}`, async ({ ledger }, { area }) => {
    const own = past ? 'past-year-account' : 'current-year-account'
    const account = holder.household === null ? own : 'household-account'
    const amount = parseMoney(`${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`)
    const cardNumber = cardOf(holder.person)
    const input = { cardNumber, account, amount, reason: '划入', operatorCode: 'A001' } as const
    storedAnswer(await creditAccount(area.runtime, AGENCY, writeKey(input.reason), input), 201)
    ledger.add(holder, account, BigInt(fen))
  })

let changes = 0
const ruleChange = (pays: boolean): Step =>
  command(`rule-change ${pays}`, async ({ ledger }, { area }) => {
    changes += 1
    const { pid } = process
    const text = readFileSync(POLICY, 'utf8')
    const changed = pays ? text : text.replaceAll(', preliminary-share]', ']')
    const document = `${changed}# ${pid}/${changes}\n`
    const input = { document, givenName: 'changed.yaml', operatorCode: 'A001' }
    storedAnswer(await publishPolicy(area.runtime, AGENCY, writeKey(document), input), 201)
    await area.runtime.policies.refresh()
    ledger.paysPreliminaryShare = pays
  })

/** At most so many commands in a run (reliability notes, C32). */
export const COMMANDS_MAX = 60

export function arbitraryCommands(): fc.Arbitrary<Iterable<Step>> {
  const holder = fc.constantFrom(...HOLDERS)
  const upTo = (max: number) => fc.integer({ min: 0, max })
  const packs = fc.record({ a: fc.integer({ min: 1, max: 20 }), b: upTo(7), c: upTo(3) })
  const calm = fc.tuple(holder, packs).map(([who, what]) => sale(who, what, false))
  const one = fc.oneof(
    { weight: 30, arbitrary: calm },
    { weight: 15, arbitrary: holder.map(card) },
    { weight: 10, arbitrary: upTo(60).map(retry) },
    { weight: 10, arbitrary: upTo(60).map(reverse) },
    { weight: 10, arbitrary: upTo(60).map(cancel) },
    {
      weight: 15,
      arbitrary: fc
        .tuple(holder, fc.integer({ min: 1, max: 30_000 }), fc.boolean())
        .map(([who, fen, past]) => topUp(who, fen, past)),
    },
    { weight: 1, arbitrary: fc.boolean().map(ruleChange) },
    {
      weight: 1,
      arbitrary: fc.tuple(holder, packs).map(([who, what]) => sale(who, what, true)),
    },
  )
  return fc.commands([one], { maxCommands: COMMANDS_MAX, size: 'max' })
}
