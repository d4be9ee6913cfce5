/** From what was decided to the message that says so. Formatting of amounts has its home here. */

import type {
  MissingTraceCodes,
  PresettlementAnswer,
  ReturnPresettlementAnswer,
  SettledLine,
  SettlementAnswer,
} from '../contract/claims.ts'
import { type Instant, instantText } from '../kernel/calendar.ts'
import { formatMoney, type Money } from '../kernel/money.ts'
import { explainSteps } from '../rules/explain.ts'
import type { Adjudication, Payers, Remaining, Totals } from '../rules/types.ts'
import type { DecidedClaim, SettlementDocument } from '../settlement/document.ts'
import { documentOf } from '../settlement/document.ts'
import type { Institution } from '../store/institutions.ts'
import type { StoredSettlement } from '../store/settlements.ts'

type Amounts = Record<string, Money>
const asText = <T extends Amounts>(amounts: T): Record<keyof T, string> => {
  const texts = {} as Record<keyof T, string>
  for (const name of Object.keys(amounts) as (keyof T)[]) {
    const amount = amounts[name]
    if (amount !== undefined) texts[name] = formatMoney(amount)
  }
  return texts
}

export const totalsText = (totals: Totals) => asText<Record<keyof Totals, Money>>(totals)
export const payersText = (payers: Payers) => asText<Record<keyof Payers, Money>>(payers)
export const remainingText = (remaining: Remaining) => ({
  deductible: remaining.deductible === null ? null : formatMoney(remaining.deductible),
  ceilingYearly: remaining.ceilingYearly === null ? null : formatMoney(remaining.ceilingYearly),
  ceilingOn: remaining.ceilingOn,
  accounts: asText(remaining.accounts as Amounts),
})

/** Every step in plain sentences, in both languages. */
export const explanationOf = (adjudication: Adjudication) => ({
  zh: explainSteps(adjudication, 'zh'),
  en: explainSteps(adjudication, 'en'),
})

export const settledLines = (document: Pick<SettlementDocument, 'lines'>): SettledLine[] =>
  document.lines.map((line) => ({
    lineNo: line.lineNo,
    itemCode: line.itemCode,
    name: line.name,
    spec: line.spec,
    manufacturer: line.manufacturer,
    catalogueClass: line.catalogueClass,
    preliminaryRatio: line.preliminaryRatio,
    unit: line.unit,
    unitName: line.unitName,
    quantity: line.quantity,
    unitPrice: line.unitPrice,
    amount: line.amount,
    outsideScope: line.outsideScope,
    overLimit: line.overLimit,
    preliminaryShare: line.preliminaryShare,
    inScope: line.inScope,
    traceCodes: [...line.traceCodes],
    batch: line.batch ?? null,
    notes: line.notes.map((note) => ({ ...note })),
  }))

export function presettlementAnswer(
  decided: DecidedClaim & Readonly<{ missingTraceCodes: readonly MissingTraceCodes[] }>,
  at: Instant,
): PresettlementAnswer {
  const { adjudication, claim, coverage } = decided
  return {
    serviceKind: claim.serviceKind,
    serviceDay: claim.serviceDay,
    person: {
      maskedName: decided.maskedName,
      maskedCard: decided.maskedCard,
      scheme: coverage.scheme,
      category: coverage.category,
    },
    lines: settledLines(documentOf(decided)),
    totals: totalsText(adjudication.totals),
    payers: payersText(adjudication.payers),
    remaining: remainingText(adjudication.remaining),
    policyVersions: adjudication.policies.map((policy) => policy.version),
    explanation: explanationOf(adjudication),
    missingTraceCodes: [...decided.missingTraceCodes],
    asOf: instantText(at),
  }
}

/** What a return comes to before it is made, in amounts below zero like the return itself. */
export function returnPresettlementAnswer(
  original: StoredSettlement,
  { back, effect, at }: ReturnDecided,
): ReturnPresettlementAnswer {
  return {
    originalId: original.documentId,
    originalNumber: original.settlementNumber,
    serviceKind: original.serviceKind,
    serviceDay: original.serviceDay,
    person: personSummary(original),
    lines: settledLines({ lines: back.lines }),
    totals: totalsText(back.totals),
    payers: payersText(effect.payers),
    remaining: remainingText(effect.remaining),
    policyVersions: [...original.policyVersions],
    explanation: back.explanation,
    asOf: instantText(at),
  }
}

type ReturnDecided = {
  readonly back: {
    readonly lines: SettlementDocument['lines']
    readonly totals: Totals
    readonly explanation: SettlementAnswer['explanation']
  }
  readonly effect: { readonly payers: Payers; readonly remaining: Remaining }
  readonly at: Instant
}

const personSummary = ({ document, scheme }: StoredSettlement) => ({
  maskedName: document.maskedName,
  maskedCard: document.maskedCard,
  scheme,
  category: document.coverage.category,
})

/** What a document's answer needs beyond its row. */
export type AnswerContext = {
  readonly institution: Institution
  readonly originalNumber: string | null
  readonly remaining: Remaining
  readonly explanation: SettlementAnswer['explanation']
}

export function settlementAnswer(
  stored: StoredSettlement,
  context: AnswerContext,
): SettlementAnswer {
  const { document } = stored
  const { institution } = context
  return {
    settlementId: stored.documentId,
    kind: stored.kind,
    settlementNumber: stored.settlementNumber,
    originalId: stored.originalId,
    originalNumber: context.originalNumber,
    institution: { code: institution.code, name: institution.name, phone: institution.phone },
    terminalId: stored.terminalId,
    operatorCode: stored.operatorCode,
    settledAt: instantText(stored.postedAt),
    prescriptionNumber: document.prescription?.number ?? null,
    serviceKind: stored.serviceKind,
    serviceDay: stored.serviceDay,
    person: personSummary(stored),
    lines: settledLines(document),
    totals: totalsText(stored.totals),
    payers: payersText(stored.payers),
    remaining: remainingText(context.remaining),
    policyVersions: [...stored.policyVersions],
    explanation: context.explanation,
  }
}
