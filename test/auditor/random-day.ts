/** A day at the counter by chance: every step is a request, and the auditor hears every answer. */
import type postgres from 'postgres'
import { compensateMessage } from '../../server/actions/compensate-message.ts'
import { creditAccount } from '../../server/actions/credit-account.ts'
import { returnLines } from '../../server/actions/return-lines.ts'
import { reverseSettlement } from '../../server/actions/reverse-settlement.ts'
import type { Runtime, WriteAnswer, WriteKey } from '../../server/actions/runtime.ts'
import { settleClaim } from '../../server/actions/settle-claim.ts'
import type { ClaimInput } from '../../server/contract/claims.ts'
import { parseMoney } from '../../server/kernel/money.ts'
import {
  AGENCY,
  callerAt,
  cardOf,
  cashierOf,
  claimFor,
  newCodes,
  OTHER_SHOP,
  SHOP,
  writeKey,
} from '../support/area.ts'
import { personOf } from '../support/books.ts'
import type { Auditor, HeardDocument } from './auditor.ts'

const PERSONS = [
  'active-under-45',
  'active-over-45',
  'retired',
  'balance-zero',
  'self-pay-segment-nearly-full',
  'civil-servant',
  'resident-tier-b',
  'near-ceiling',
  'rural-household-head',
  'rural-household-spouse',
] as const

type Sale = {
  readonly input: ClaimInput
  readonly key: WriteKey
  readonly shop: string
  readonly id: string
  /** Per line: packs sold and not returned. */
  readonly left: number[]
  readonly ownerOf: (account: string) => string
}

/** Numbers by chance from a seed (mulberry32), so that a run can be repeated. */
function chance(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

export class RandomDay {
  readonly happened: Record<string, number> = {}
  private readonly sales: Sale[] = []
  private readonly owners = new Map<string, { person: string; household: string | null }>()
  private readonly below: (limit: number) => number
  private heard = 0

  constructor(
    private readonly runtime: Runtime,
    private readonly auditor: Auditor,
    seed: number,
    private readonly tamper: (document: HeardDocument, index: number) => HeardDocument = (one) =>
      one,
  ) {
    this.below = chance(seed)
  }

  /** Tells the auditor what stands in the accounts, institutions included, before the day. */
  async open(sql: postgres.Sql): Promise<void> {
    for (const key of PERSONS) {
      const person = await personOf(sql, key)
      const [row] = await sql<{ household: string | null }[]>`
        select household_id as household from person where person_id = ${person}`
      this.owners.set(key, { person, household: row?.household ?? null })
    }
    const balances = await sql<{ owner: string; kind: string; fen: bigint }[]>`
      select owner_id as owner, kind, sum(amount_fen)::bigint as fen
        from balance where kind like '%-account' group by 1, 2`
    for (const { owner, kind, fen } of balances) this.auditor.open(owner, kind, fen)
    const documents = await sql<{ code: string; owed: bigint; cash: bigint; fund: bigint }[]>`
      select institution_code as code, sum(total_expense_fen - cash_fen)::bigint as owed,
             sum(cash_fen)::bigint as cash, sum(pooling_fund_fen)::bigint as fund
        from settlement group by 1`
    for (const { code, owed, cash, fund } of documents) {
      this.auditor.owed.set(code, owed)
      this.auditor.cash.set(code, cash)
      const paid = this.auditor.payers.get('pooling-fund') ?? 0n
      this.auditor.payers.set('pooling-fund', paid + fund)
    }
  }

  firstPerson(): string {
    return this.owners.get(PERSONS[0])?.person ?? ''
  }

  async step(): Promise<void> {
    const dice = this.below(100)
    if (dice < 50 || this.sales.length === 0) return this.settle()
    if (dice < 60) return this.replay()
    if (dice < 70) return this.reverse()
    if (dice < 85) return this.giveBack()
    if (dice < 93) return this.compensate()
    return this.credit()
  }

  private note(what: string): void {
    this.happened[what] = (this.happened[what] ?? 0) + 1
  }

  private anySale(): Sale {
    const sale = this.sales[this.below(this.sales.length)]
    if (sale === undefined) throw new Error('there is a sale')
    return sale
  }

  private hear(answer: WriteAnswer, ownerOf: Sale['ownerOf']): HeardDocument | null {
    if (answer.kind === 'refused' || answer.status !== 201) return null
    const document = this.tamper(JSON.parse(answer.text) as HeardDocument, this.heard)
    this.heard += 1
    this.auditor.hear(document, ownerOf)
    return document
  }

  private async settle(): Promise<void> {
    const key = PERSONS[this.below(PERSONS.length)] ?? 'retired'
    const shop = this.below(4) === 0 ? OTHER_SHOP : SHOP
    const packs = [1 + this.below(5), 1 + this.below(3), this.below(2)]
    const wishes = [
      { item: 'odd', quantity: String(packs[0]) },
      { item: 'classB', quantity: String(packs[1]) },
      ...(packs[2] === 0 ? [] : [{ item: 'traced', codes: newCodes(1) } as const]),
      ...(this.below(4) === 0 ? [{ item: 'dear' } as const] : []),
    ] as const
    const prescription = this.below(3) === 0 ? null : { number: 'RX1', prescriber: null }
    const input = claimFor(key, wishes, { at: shop, prescription })
    const write = writeKey(input)
    const ownerOf = (account: string): string => {
      const owners = this.owners.get(key)
      return account === 'household-account' ? (owners?.household ?? '') : (owners?.person ?? '')
    }
    const answer = await settleClaim(this.runtime, callerAt(shop), write, input)
    const document = this.hear(answer, ownerOf)
    if (document === null) return
    const left = input.lines.map((line) => Number(line.quantity))
    this.sales.push({ input, key: write, shop, id: document.settlementId, left, ownerOf })
    this.note('settle')
  }

  private async replay(): Promise<void> {
    const { input, key, shop, ownerOf } = this.anySale()
    this.hear(await settleClaim(this.runtime, callerAt(shop), key, input), ownerOf)
    this.note('replay')
  }

  private async reverse(): Promise<void> {
    const { id, shop, ownerOf } = this.anySale()
    const input = { operatorCode: cashierOf(shop), reason: '错收' }
    const key = writeKey(input)
    const answer = await reverseSettlement(this.runtime, callerAt(shop), key, id, input)
    if (this.hear(answer, ownerOf) !== null) this.note('reverse')
  }

  private async giveBack(): Promise<void> {
    const { id, shop, left, ownerOf, input: sold } = this.anySale()
    const index = this.below(left.length)
    const quantity = 1 + this.below(3)
    const traceCodes = [...(sold.lines[index]?.traceCodes ?? [])]
    const lines = [{ lineNo: index + 1, quantity: String(quantity), traceCodes }]
    const input = { operatorCode: cashierOf(shop), reason: '退药', lines }
    const key = writeKey(input)
    const answer = await returnLines(this.runtime, callerAt(shop), key, id, input)
    if (this.hear(answer, ownerOf) !== null) this.note('return')
  }

  private async compensate(): Promise<void> {
    const { key, shop, ownerOf } = this.anySale()
    const input = { originalKey: key.key, operatorCode: cashierOf(shop), reason: '应答丢失' }
    const answer = await compensateMessage(this.runtime, callerAt(shop), writeKey(input), input)
    if (answer.kind === 'refused' || answer.status !== 200) return
    const { reversal } = JSON.parse(answer.text) as { reversal: HeardDocument | null }
    if (reversal === null) return
    this.auditor.hear(reversal, ownerOf)
    this.note('compensate')
  }

  private async credit(): Promise<void> {
    const key = PERSONS[this.below(6)] ?? 'retired'
    const yuan = `${1 + this.below(300)}.0${this.below(10)}`
    const account = this.below(2) === 0 ? 'past-year-account' : 'current-year-account'
    const input = {
      cardNumber: cardOf(key),
      account,
      amount: parseMoney(yuan),
      reason: '划入',
      operatorCode: 'A001',
    } as const
    const answer = await creditAccount(this.runtime, AGENCY, writeKey([key, yuan]), input)
    if (answer.kind !== 'stored' || answer.status !== 201) return
    this.auditor.credit(this.owners.get(key)?.person ?? '', account, yuan)
    this.note('credit')
  }
}
