import type { SettlementAnswer, SettlementList, SettlementView } from '../contract/claims.ts'
import {
  addDays,
  type Instant,
  instant,
  instantText,
  type ServiceDay,
  startOfDay,
} from '../kernel/calendar.ts'
import { invariant } from '../kernel/invariant.ts'
import { add, formatMoney, formatQuantity, type Money, sum } from '../kernel/money.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { refusal } from '../kernel/refusal.ts'
import { explainAfterwards } from '../rules/explain-afterwards.ts'
import type { BalanceKind, Payer, Payers, Remaining } from '../rules/types.ts'
import {
  readMovedAfter,
  readSettlementFamily,
  readSettlements,
  type StoredSettlement,
} from '../store/settlements.ts'
import { explanationOf, settlementAnswer } from './answers.ts'
import { policyOfThen } from './policy-of-then.ts'
import {
  adjudicateLeft,
  adjudicateOriginal,
  explanationOfReturn,
  returnableOf,
} from './return-lines.ts'
import { explanationOfReversal } from './reverse-settlement.ts'
import type { Caller, Runtime } from './runtime.ts'
import { type Family, familyState } from './take-back.ts'

const NOTHING_LEFT: Remaining = {
  deductible: null,
  ceilingYearly: null,
  ceilingOn: null,
  accounts: {},
}

type FamilyRead = Pick<Family, 'original' | 'takenBack'>

/**
 * A document of the caller's institution: a settlement as it stands now, with what was taken back
 * of it; or a return or reversal by itself, naming its original, to be read and printed again.
 */
export async function viewSettlement(
  runtime: Runtime,
  caller: Caller,
  settlementId: string,
): Promise<Outcome<SettlementView>> {
  const found = await readSettlementFamily(runtime.store.sql, settlementId)
  if (found === null || found.original.institutionCode !== caller.institutionCode) {
    return refused(refusal('original-not-found'))
  }
  await runtime.policies.know(found.original.policyVersions)
  const { originalId } = found.original
  if (originalId === null) return done(await viewOf(runtime, found))
  const family = await readSettlementFamily(runtime.store.sql, originalId)
  invariant(family !== null, 'what was taken back has an original')
  const settlement = takenBackAnswer(runtime, family, found.original)
  return done({ settlement, state: familyState(family), takenBack: [], returnable: [] })
}

async function viewOf(runtime: Runtime, family: FamilyRead): Promise<SettlementView> {
  const state = familyState(family)
  const moved = await readMovedAfter(runtime.store.sql, family.original)
  const left = state === 'reversed' ? [] : returnableOf(family)
  return {
    settlement: recomputed(runtime, family.original, moved),
    state,
    takenBack: family.takenBack.map((one) => takenBackAnswer(runtime, family, one)),
    returnable: left
      .filter((line) => !line.quantity.isZero())
      .map((line) => ({ lineNo: line.lineNo, quantity: formatQuantity(line.quantity) })),
  }
}

/**
 * The explanation is computed again from the stored inputs: it must agree with what was posted. It
 * goes on with what was moved since by taking back an earlier settlement.
 */
function recomputed(
  runtime: Runtime,
  original: StoredSettlement,
  moved: readonly BalanceKind[],
): SettlementAnswer {
  const adjudication = adjudicateOriginal(runtime, original)
  const policy = policyOfThen(runtime, original)
  const then = explanationOf(adjudication)
  return settlementAnswer(original, {
    institution: institutionOf(runtime, original),
    originalNumber: null,
    remaining: adjudication.remaining,
    explanation: {
      zh: [...then.zh, ...explainAfterwards(policy, adjudication, moved, 'zh')],
      en: [...then.en, ...explainAfterwards(policy, adjudication, moved, 'en')],
    },
  })
}

/** A return or reversal as it was answered. */
function takenBackAnswer(
  runtime: Runtime,
  family: FamilyRead,
  one: StoredSettlement,
): SettlementAnswer {
  const answer = settlementAnswer(one, {
    institution: institutionOf(runtime, one),
    originalNumber: family.original.settlementNumber,
    remaining: NOTHING_LEFT,
    explanation: explanationOfTaken(runtime, family, one),
  })
  // Balances go on moving: what was left then stands in the document, if it is not an old one.
  const { remaining } = one.document
  return remaining === undefined ? answer : { ...answer, remaining }
}

/** Computed again: the rest of the original after this return and those before it. */
function explanationOfTaken(
  runtime: Runtime,
  { original, takenBack }: FamilyRead,
  one: StoredSettlement,
): SettlementAnswer['explanation'] {
  if (one.kind === 'reversal') return explanationOfReversal(original.settlementNumber)
  const place = takenBack.findIndex(({ documentId }) => documentId === one.documentId)
  const left = returnableOf({ original, takenBack: takenBack.slice(0, place + 1) })
  return explanationOfReturn(original, adjudicateLeft(runtime, original, left))
}

function institutionOf(runtime: Runtime, stored: StoredSettlement) {
  const institution = runtime.institutions.find(stored.institutionCode)
  invariant(institution !== null, 'the institution of a settlement exists')
  return institution
}

/** Documents of the caller's institution on a day, newest first, a page at a time. */
export async function listSettlements(
  runtime: Runtime,
  caller: Caller,
  wanted: { readonly day: string; readonly cursor: string | null; readonly limit: number },
): Promise<Outcome<SettlementList>> {
  const day = wanted.day as ServiceDay
  const found = await readSettlements(runtime.store.sql, {
    institutionCode: caller.institutionCode ?? '',
    from: startOfDay(day),
    until: startOfDay(addDays(day, 1)),
    after: cursorOf(wanted.cursor),
    limit: wanted.limit + 1,
  })
  const page = found.slice(0, wanted.limit)
  const last = found.length > wanted.limit ? page.at(-1) : undefined
  return done({
    items: page.map(listItem),
    nextCursor: last === undefined ? null : `${last.postedAt}_${last.documentId}`,
  })
}

/** A cursor is the instant and id of the last document seen; any other text starts anew. */
function cursorOf(text: string | null): { postedAt: Instant; documentId: string } | null {
  const match = /^(\d{13})_([0-9a-f-]{36})$/.exec(text ?? '')
  if (!match?.[1] || !match[2]) return null
  return { postedAt: instant(Number.parseInt(match[1], 10)), documentId: match[2] }
}

const ACCOUNT_PAYERS = [
  'current-year-account',
  'past-year-account',
  'family-share',
  'household-account',
] as const satisfies readonly Payer[]

const paidBy = (payers: Payers, which: readonly Payer[]): Money =>
  which.reduce<Money>((total, payer) => add(total, payers[payer]), sum([]))

function listItem(stored: StoredSettlement): SettlementList['items'][number] {
  const { payers, totals } = stored
  const accountPays = paidBy(payers, ACCOUNT_PAYERS)
  const fundPays = (totals.totalExpense - accountPays - payers.cash) as Money
  return {
    settlementId: stored.documentId,
    kind: stored.kind,
    settlementNumber: stored.settlementNumber,
    originalId: stored.originalId,
    settledAt: instantText(stored.postedAt),
    serviceDay: stored.serviceDay,
    operatorCode: stored.operatorCode,
    maskedName: stored.document.maskedName,
    totalExpense: formatMoney(totals.totalExpense),
    fundPays: formatMoney(fundPays),
    accountPays: formatMoney(accountPays),
    cashPays: formatMoney(payers.cash),
  }
}
