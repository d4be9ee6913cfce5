/**
 * The document of a settlement: the claim as adjudicated, line by line, with coverage and start
 * position. It is enough to recompute the settlement to the fen, and it is never changed. Money
 * stands in it as yuan text, quantities and ratios as decimal text.
 */
import type { BenefitYear, ServiceDay } from '../kernel/calendar.ts'
import {
  formatMoney,
  formatQuantity,
  formatRatio,
  formatUnitPrice,
  type Money,
  parseMoney,
  parseQuantity,
  parseRatio,
  parseUnitPrice,
} from '../kernel/money.ts'
import type {
  Adjudication,
  BalanceKind,
  BalanceMovement,
  Claim,
  ClaimLine,
  Coverage,
  InstitutionFacts,
  LineNote,
  Position,
} from '../rules/types.ts'

/** What the rules need not know of a line, but receipt, return and trace do. */
export type LineDetails = {
  readonly lineNo: number
  readonly unit: 'pack' | 'split'
  readonly unitName: string
  readonly spec: string | null
  readonly manufacturer: string | null
  readonly traceCodes: readonly string[]
  /** Units that one trace code of the line stands for. */
  readonly unitsPerPack: number
  /** Absent from documents that were settled before a line could name its batch. */
  readonly batch?: { readonly number: string; readonly expiresOn: string } | null
}

type FiguresOfLine = 'quantity' | 'unitPrice' | 'amount' | 'preliminaryRatio' | 'priceCeiling'

/** `packUnits` of the claim's line follows from unit and units per pack. */
type DocumentLine = LineDetails &
  Omit<ClaimLine, FiguresOfLine | 'packUnits'> & {
    readonly quantity: string
    readonly unitPrice: string
    readonly amount: string
    readonly preliminaryRatio: string
    readonly priceCeiling: string | null
    readonly outsideScope: string
    readonly overLimit: string
    readonly preliminaryShare: string
    readonly inScope: string
    readonly notes: readonly LineNote[]
  }

export type DocumentMovement = Omit<BalanceMovement, 'amount' | 'ceiling'> & {
  readonly amount: string
  readonly ceiling: string | null
}

/** How the person was identified; a typed number with its reason, never the number itself. */
export type DocumentIdentity = {
  readonly kind: 'card' | 'voucher' | 'id-number'
  readonly reason: string | null
}

export type SettlementDocument = {
  readonly lines: readonly DocumentLine[]
  readonly coverage: Coverage
  readonly institution: InstitutionFacts
  readonly prescription: { readonly number: string; readonly prescriber: string | null } | null
  readonly diagnoses: readonly string[]
  readonly householdId: string | null
  readonly start: {
    readonly benefitYear: BenefitYear
    readonly balances: Readonly<Record<string, string>>
  }
  readonly movements: readonly DocumentMovement[]
  readonly maskedName: string
  readonly maskedCard: string | null
  /** Absent in documents that were written before it was kept. */
  readonly identity?: DocumentIdentity
  /** Of a return or reversal: what was left to the person after it, as amounts in yuan. */
  readonly remaining?: {
    readonly deductible: string | null
    readonly ceilingYearly: string | null
    readonly accounts: Readonly<Record<string, string>>
  }
  readonly reason: string | null
}

/** Everything that was decided about a claim, before it is posted. */
export type DecidedClaim = {
  readonly claim: Claim
  readonly coverage: Coverage
  readonly start: Position
  readonly adjudication: Adjudication
  readonly details: readonly LineDetails[]
  readonly prescription: SettlementDocument['prescription']
  readonly householdId: string | null
  readonly maskedName: string
  readonly maskedCard: string | null
  readonly identity: DocumentIdentity
}

export function documentOf(decided: DecidedClaim): SettlementDocument {
  const { claim, adjudication } = decided
  return {
    lines: claim.lines.map((line, index) => lineOf(decided, line, index)),
    coverage: decided.coverage,
    institution: claim.institution,
    prescription: decided.prescription,
    diagnoses: claim.diagnoses,
    householdId: decided.householdId,
    start: {
      benefitYear: decided.start.benefitYear,
      balances: Object.fromEntries(
        Object.entries(decided.start.balances).map(([kind, amount]) => [kind, formatMoney(amount)]),
      ),
    },
    movements: adjudication.movements.map(movementText),
    maskedName: decided.maskedName,
    maskedCard: decided.maskedCard,
    identity: decided.identity,
    reason: null,
  }
}

function lineOf(decided: DecidedClaim, line: ClaimLine, index: number): DocumentLine {
  const details = decided.details[index]
  const result = decided.adjudication.lines[index]
  if (details?.lineNo !== line.lineNo || result?.lineNo !== line.lineNo) {
    throw new Error('broken: claim, details and result name the same lines in the same order')
  }
  // Field by field: two objects spread into one cost as much as all other work on a line.
  return {
    lineNo: line.lineNo,
    unit: details.unit,
    unitName: details.unitName,
    spec: details.spec,
    manufacturer: details.manufacturer,
    traceCodes: details.traceCodes,
    unitsPerPack: details.unitsPerPack,
    batch: details.batch ?? null,
    itemCode: line.itemCode,
    itemKind: line.itemKind,
    name: line.name,
    catalogueClass: line.catalogueClass,
    limits: line.limits,
    daysSupply: line.daysSupply,
    quantity: formatQuantity(line.quantity),
    unitPrice: formatUnitPrice(line.unitPrice),
    amount: formatMoney(line.amount),
    preliminaryRatio: formatRatio(line.preliminaryRatio),
    priceCeiling: line.priceCeiling === null ? null : formatUnitPrice(line.priceCeiling),
    outsideScope: formatMoney(result.outsideScope),
    overLimit: formatMoney(result.overLimit),
    preliminaryShare: formatMoney(result.preliminaryShare),
    inScope: formatMoney(result.inScope),
    notes: result.notes,
  }
}

export const movementText = (movement: BalanceMovement): DocumentMovement => ({
  ...movement,
  amount: formatMoney(movement.amount),
  ceiling: movement.ceiling === null ? null : formatMoney(movement.ceiling),
})

export const movementOf = (text: DocumentMovement): BalanceMovement => ({
  ...text,
  amount: parseMoney(text.amount),
  ceiling: text.ceiling === null ? null : parseMoney(text.ceiling),
})

/** The claim of a document, as the rules took it on its day. */
export function claimOf(
  document: SettlementDocument,
  serviceDay: ServiceDay,
  serviceKind: Claim['serviceKind'],
): Claim {
  return {
    serviceDay,
    serviceKind,
    institution: document.institution,
    prescription: document.prescription !== null,
    diagnoses: document.diagnoses,
    lines: document.lines.map((line) => ({
      lineNo: line.lineNo,
      itemCode: line.itemCode,
      itemKind: line.itemKind,
      name: line.name,
      catalogueClass: line.catalogueClass,
      quantity: parseQuantity(line.quantity),
      unitPrice: parseUnitPrice(line.unitPrice),
      amount: parseMoney(line.amount),
      preliminaryRatio: parseRatio(line.preliminaryRatio),
      priceCeiling: line.priceCeiling === null ? null : parseUnitPrice(line.priceCeiling),
      packUnits: parseQuantity(line.unit === 'split' ? String(line.unitsPerPack) : '1'),
      limits: line.limits,
      daysSupply: line.daysSupply,
    })),
  }
}

/** The position that a document was decided on. */
export function startOf(document: SettlementDocument): Position {
  const balances: Partial<Record<BalanceKind, Money>> = {}
  for (const [kind, amount] of Object.entries(document.start.balances)) {
    balances[kind as BalanceKind] = parseMoney(amount)
  }
  return { benefitYear: document.start.benefitYear, balances }
}
