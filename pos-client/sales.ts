/** What a till does at the centre, the same for page and command line. */
import { identityBond } from '../server/contract/card-pin.ts'
import {
  type ClaimInput,
  PresettlementAnswer,
  type ReturnInput,
  ReturnPresettlementAnswer,
  type ReversalInput,
  SettlementList,
  SettlementView,
} from '../server/contract/claims.ts'
import {
  type CompensationInput,
  EntitlementAnswer,
  type EntitlementInput,
  SignInAnswer,
  TraceCodeCheckAnswer,
  type TraceCodeSaleInput,
} from '../server/contract/terminals.ts'
import { dayOf } from '../server/kernel/calendar.ts'
import type { Entry } from './queue/records.ts'
import { type Asked, ask } from './server-gateway/centre.ts'
import type { HeldCardPin } from './server-gateway/gateway.ts'
import { tillNotice } from './server-gateway/notice.ts'
import { serviceDayNow } from './service-day.ts'
import type { Till } from './till.ts'

const post = (path: string, body: unknown) =>
  ({ method: 'POST', path, body: JSON.stringify(body) }) as const

export const signIn = ({ gateway }: Till, operatorCode: string, pin: string) =>
  ask(gateway, SignInAnswer, post('/v1/sign-ins', { operatorCode, pin }))

export const checkEntitlement = ({ gateway }: Till, input: EntitlementInput) =>
  ask(gateway, EntitlementAnswer, post('/v1/entitlement-checks', input))

export const presettleClaim = ({ gateway }: Till, claim: ClaimInput) =>
  ask(gateway, PresettlementAnswer, post('/v1/presettlements', claim))

/**
 * Stores the sale, then sends it; gives the entry as it stands after `withinMs` at the latest. What
 * is stored names its service day: however late it gets through, it is settled as of that day. The
 * PIN of the card, where it has one, is held until the sale is decided, and stored nowhere.
 */
export async function settleClaim(
  till: Till,
  claim: ClaimInput,
  key: string | undefined,
  withinMs: number,
  pin?: string | undefined,
): Promise<Entry> {
  const serviceDay = claim.serviceDay ?? (await serviceDayNow(till))
  return carryOut(till, {
    intention: {
      operation: 'settle',
      path: '/v1/settlements',
      body: JSON.stringify({ ...claim, serviceDay }),
      amount: claim.totalExpense,
      ...(key === undefined ? {} : { key }),
    },
    withinMs,
    ...(pin === undefined ? {} : { cardPin: { pin, identity: identityBond(claim.identity) } }),
  })
}

export type ReturnRequest = {
  readonly settlementId: string
  readonly input: ReturnInput
  readonly key?: string | undefined
}

/** 退货预结算: what the return would give back now; nothing is stored, here or at the centre. */
export const presettleReturn = ({ gateway }: Till, { settlementId, input }: ReturnRequest) =>
  ask(
    gateway,
    ReturnPresettlementAnswer,
    post(`/v1/settlements/${settlementId}/return-presettlements`, input),
  )

export async function returnLines(till: Till, request: ReturnRequest, withinMs: number) {
  const { settlementId, input, key } = request
  return carryOut(till, {
    intention: {
      operation: 'return',
      path: `/v1/settlements/${settlementId}/returns`,
      body: JSON.stringify(input),
      amount: null,
      ...(key === undefined ? {} : { key }),
    },
    withinMs,
  })
}

export type ReversalRequest = {
  readonly settlementId: string
  readonly input: ReversalInput
  readonly key?: string | undefined
}

/** 结算撤销: takes back a whole settlement of which nothing was returned. */
export async function reverseSettlement(till: Till, request: ReversalRequest, withinMs: number) {
  const { settlementId, input, key } = request
  return carryOut(till, {
    intention: {
      operation: 'reverse',
      path: `/v1/settlements/${settlementId}/reversal`,
      body: JSON.stringify(input),
      amount: null,
      ...(key === undefined ? {} : { key }),
    },
    withinMs,
  })
}

/** 冲正: resolves an own message whose answer was lost. Asked again, it finds nothing to undo. */
export async function compensateMessage(
  till: Till,
  input: CompensationInput,
  withinMs: number,
): Promise<Entry> {
  const path = '/v1/compensations'
  const body = JSON.stringify(input)
  const intention = { operation: 'compensate', path, body, amount: null } as const
  return carryOut(till, { intention, withinMs })
}

/** Codes of packs sold without insurance. */
export async function recordTraceCodes(
  till: Till,
  request: { input: TraceCodeSaleInput; key?: string | undefined },
  withinMs: number,
): Promise<Entry> {
  const { input, key } = request
  return carryOut(till, {
    intention: {
      operation: 'record-trace-codes',
      path: '/v1/trace-code-sales',
      body: JSON.stringify(input),
      amount: null,
      ...(key === undefined ? {} : { key }),
    },
    withinMs,
  })
}

export const checkTraceCodes = ({ gateway }: Till, codes: readonly string[]) =>
  ask(gateway, TraceCodeCheckAnswer, post('/v1/trace-code-checks', { codes }))

type Errand = {
  readonly intention: Parameters<Till['queue']['store']>[0]
  readonly withinMs: number
  readonly cardPin?: HeldCardPin
}

async function carryOut(
  { queue, sender, cardPins }: Till,
  { intention, withinMs, cardPin }: Errand,
): Promise<Entry> {
  const { key } = await queue.store(intention)
  if (cardPin !== undefined) cardPins.hold(key, cardPin)
  sender.start(key)
  return sender.settled(key, withinMs)
}

export const viewSettlement = ({ gateway }: Till, settlementId: string) =>
  ask(gateway, SettlementView, { method: 'GET', path: `/v1/settlements/${settlementId}` })

const PAGE_SIZE = 100
const PAGES_MAX = 50

/** The documents of a day, newest first as the centre orders them. */
export function listSettlements(
  { gateway, clock }: Till,
  day: string | null,
  cursor: string | null,
) {
  const query = new URLSearchParams({ day: day ?? dayOf(clock.now()), limit: `${PAGE_SIZE}` })
  if (cursor !== null) query.set('cursor', cursor)
  return ask(gateway, SettlementList, { method: 'GET', path: `/v1/settlements?${query}` })
}

const NUMBER_PATTERN = /^\d{6}-(\d{4})(\d{2})(\d{2})-\d{8}-\d$/

/** The id of the document with a number on paper; the number names its day. */
export async function findByNumber(till: Till, settlementNumber: string): Promise<Asked<string>> {
  const [, year, month, date] = NUMBER_PATTERN.exec(settlementNumber) ?? []
  const unknown = { ok: false, notice: tillNotice('document-unknown') } as const
  if (year === undefined) return unknown
  let cursor: string | null = null
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const asked: Asked<SettlementList> = await listSettlements(
      till,
      `${year}-${month}-${date}`,
      cursor,
    )
    if (!asked.ok) return asked
    const found = asked.value.items.find((item) => item.settlementNumber === settlementNumber)
    if (found) return { ok: true, value: found.settlementId }
    cursor = asked.value.nextCursor
    if (cursor === null) return unknown
  }
  return unknown
}
