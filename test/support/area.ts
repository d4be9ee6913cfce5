/** The small area at work: a runtime on a clock that the test moves, callers, and claims. */
import { createHash } from 'node:crypto'
import { SITUATIONS } from '../../fixtures/people/situations.ts'
import type { Caller, Runtime, WriteAnswer, WriteKey } from '../../server/actions/runtime.ts'
import type { ClaimInput, ClaimLineInput, SettlementAnswer } from '../../server/contract/claims.ts'
import type { Problem } from '../../server/contract/common.ts'
import { parseInstant } from '../../server/kernel/calendar.ts'
import { fixedClock } from '../../server/kernel/clock.ts'
import { newId } from '../../server/kernel/ids.ts'
import { invariant } from '../../server/kernel/invariant.ts'
import {
  formatMoney,
  lineAmount,
  parseMoney,
  parseQuantity,
  parseUnitPrice,
  sum,
} from '../../server/kernel/money.ts'
import { openRuntime } from '../../server/open-runtime.ts'
import type { DoorOptions } from '../../server/store/door.ts'
import {
  cashierOf,
  HOSPITAL,
  ITEMS,
  type ItemName,
  SHOP,
  terminalOf,
  VAULT_KEYS,
} from './area-seed.ts'
import { applicationUrl } from './postgres.ts'

export * from './area-seed.ts'

/** Few persons, so that tills under load meet on them; two of them share a household account. */
export const PERSONS_WHO_MEET = [
  'active-under-45',
  'retired',
  'big-balance',
  'civil-servant',
  'rural-household-head',
  'rural-household-spouse',
] as const

export type Area = {
  readonly runtime: Runtime
  /** Moves the clock, e.g. `at('2027-01-03T02:00:00Z')`. */
  at(instantText: string): void
  close(): Promise<void>
}

/** The area behind a database, as one server process holds it. */
export async function smallArea(
  url: string,
  door?: DoorOptions,
  serviceDaysBackMax = 400,
): Promise<Area> {
  const clock = fixedClock(instantOf('2026-06-15T02:00:00Z'))
  const runtime = await openRuntime({
    database: { url: applicationUrl(url), connectionsMax: 4 },
    ...(door === undefined ? {} : { door }),
    keys: VAULT_KEYS,
    areaCode: '330282',
    serviceDaysBackMax,
    clock,
  })
  return {
    runtime,
    at: (text) => clock.set(instantOf(text)),
    async close() {
      await runtime.store.door.drained()
      await runtime.store.close()
    },
  }
}

export function instantOf(text: string) {
  const at = parseInstant(text)
  invariant(at !== null, `${text} is an instant`)
  return at
}

/** A till of an institution asks. */
export const callerAt = (institution: string = SHOP, till = 1): Caller => ({
  clientId: terminalOf(institution, till).terminalId,
  institutionCode: institution,
  nonce: null,
  requestId: 'test',
})
/** An operator of the agency asks. */
export const AGENCY: Caller = {
  clientId: '00000000-0000-8000-8000-0000000000a9',
  institutionCode: null,
  nonce: null,
  requestId: 'test',
}

export const shaOf = (body: unknown): string =>
  createHash('sha256').update(JSON.stringify(body)).digest('hex')
export const writeKey = (body: unknown = '', key: string = newId()): WriteKey => ({
  key,
  bodySha: shaOf(body),
})

export function situation(key: string) {
  const found = SITUATIONS.find((one) => one.key === key)
  invariant(found !== undefined, `there is a person in the situation ${key}`)
  return found
}
export const cardOf = (key: string): string => situation(key).cardNumber

type LineWish = {
  readonly item: ItemName
  readonly quantity?: string
  readonly unit?: 'pack' | 'split'
  readonly codes?: readonly string[]
  readonly price?: string
  readonly amount?: string
}

const lineInput = (wish: LineWish, index: number): ClaimLineInput => {
  const { item, quantity = '1', unit = 'pack', codes = [] } = wish
  const unitPrice = wish.price ?? ITEMS[item].price
  const amount = lineAmount(parseUnitPrice(unitPrice), parseQuantity(quantity))
  return {
    lineNo: index + 1,
    itemCode: ITEMS[item].code,
    unit,
    quantity,
    unitPrice,
    amount: wish.amount ?? formatMoney(amount),
    traceCodes: [...codes],
    daysSupply: null,
  }
}

/** A purchase at the shop with a prescription, its amounts right unless said. */
export function claimFor(
  person: string,
  wishes: readonly LineWish[],
  rest: Partial<ClaimInput> & { readonly at?: string } = {},
): ClaimInput {
  const { at = SHOP, ...changes } = rest
  const lines = wishes.map(lineInput)
  const total = sum(lines.map((line) => parseMoney(line.amount)))
  return {
    identity: { kind: 'card', number: cardOf(person) },
    serviceKind: at === HOSPITAL ? 'outpatient' : 'pharmacy',
    operatorCode: cashierOf(at),
    prescription: { number: 'RX1', prescriber: null },
    diagnoses: [],
    lines,
    totalExpense: formatMoney(total),
    ...changes,
  }
}

let codesMade = 0
/** Trace codes that no other test of this file uses. */
export const newCodes = (count: number): string[] =>
  Array.from({ length: count }, () => {
    codesMade += 1
    return `81${String(process.pid).padStart(8, '0')}${String(codesMade).padStart(10, '0')}`
  })

/** The stored answer of a write, parsed; fails the test where nothing was stored. */
export function storedAnswer<T = unknown>(answer: WriteAnswer, status?: number): T {
  if (answer.kind === 'refused') throw new Error(`not stored: ${answer.refusal.code}`)
  if (status !== undefined && answer.status !== status) {
    throw new Error(`status ${answer.status} instead of ${status}: ${answer.text}`)
  }
  return JSON.parse(answer.text) as T
}
export const settled = (answer: WriteAnswer): SettlementAnswer =>
  storedAnswer<SettlementAnswer>(answer, 201)

/** The code of a refusal, stored or not; `done` where there is none. */
export function refusedWith(answer: WriteAnswer): string {
  if (answer.kind === 'refused') return answer.refusal.code
  const parsed = JSON.parse(answer.text) as Partial<Problem>
  return parsed.code ?? 'done'
}
