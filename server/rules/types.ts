/**
 * What adjudication takes and gives. Everything here is plain data: no database row, no wire
 * format. Units: amounts in fen (Money), ratios 0–1, quantities in packs or units, days in
 * Asia/Shanghai. Two sums hold to the fen, always (adjudication, section 1):
 * total = outside scope + over-limit price + preliminary share + in scope, and
 * total = the sum over all payers.
 */
import type { BenefitYear, ServiceDay } from '../kernel/calendar.ts'
import type { Money, Quantity, Ratio, UnitPrice } from '../kernel/money.ts'
import type {
  AccountKind,
  BalanceKind,
  CatalogueClass,
  CeilingBasis,
  InstitutionKind,
  ItemKind,
  Payer,
  Scheme,
  ServiceKind,
} from '../kernel/words.ts'

export * from '../kernel/words.ts'

/** Facts about the institution on the service day that a policy may ask for. */
export type InstitutionFacts = {
  readonly code: string
  readonly kind: InstitutionKind
  /** 1–3, or null where levels do not apply (a pharmacy, a clinic). */
  readonly level: 1 | 2 | 3 | null
  readonly tier: 'jia' | 'yi' | 'bing' | null
  readonly community: boolean
  readonly inArea: boolean
}

/** A catalogue limit (限定支付): met or not by the facts of the claim. */
export type ItemLimit =
  | { readonly kind: 'sex'; readonly sex: 'M' | 'F' }
  | { readonly kind: 'age-min'; readonly years: number }
  | { readonly kind: 'age-max'; readonly years: number }
  | { readonly kind: 'level-min'; readonly level: 1 | 2 | 3 }
  | { readonly kind: 'inpatient-only' }
  | { readonly kind: 'prescription' }
  | { readonly kind: 'diagnosis'; readonly prefixes: readonly string[] }
  | { readonly kind: 'days-supply-max'; readonly days: number }

/** One line of a claim with the catalogue facts of the service day already looked up. */
export type ClaimLine = {
  readonly lineNo: number
  readonly itemCode: string
  readonly itemKind: ItemKind
  readonly name: string
  /** Class C also for what no catalogue entry covers (unmatched = class C, decisions.md 17). */
  readonly catalogueClass: CatalogueClass
  readonly quantity: Quantity
  readonly unitPrice: UnitPrice
  /** Unit price × quantity, half up to the fen. */
  readonly amount: Money
  /** The item's preliminary share (先行自付), 0 for class A. */
  readonly preliminaryRatio: Ratio
  /** Highest price the fund recognises per pack on the day, or null. */
  readonly priceCeiling: UnitPrice | null
  /** How many of the line's units make a pack: 1 where whole packs are sold. */
  readonly packUnits: Quantity
  readonly limits: readonly ItemLimit[]
  readonly daysSupply: number | null
}

export type Claim = {
  readonly serviceDay: ServiceDay
  readonly serviceKind: ServiceKind
  readonly institution: InstitutionFacts
  /** Whether a valid prescription stands behind the claim. */
  readonly prescription: boolean
  readonly diagnoses: readonly string[]
  readonly lines: readonly ClaimLine[]
}

export const CATEGORIES = ['active', 'retired', 'resident-adult', 'student', 'infant'] as const
export type Category = (typeof CATEGORIES)[number]
/** Coverage of the person on the service day; its status is checked before adjudication. */
export type Coverage = {
  readonly scheme: Scheme
  readonly category: Category
  readonly tier: 'A' | 'B' | null
  readonly sex: 'M' | 'F'
  readonly birthDay: ServiceDay
  readonly civilServant: boolean
  readonly assistance: string | null
  /** Whether the person's household holds a household account (家庭账户). */
  readonly householdAccount: boolean
}

/** Balances of the person (and household) for the claim's benefit year; a missing kind is zero. */
export type Position = {
  readonly benefitYear: BenefitYear
  readonly balances: Readonly<Partial<Record<BalanceKind, Money>>>
}

/**
 * Parts of the total expense that a step works on. Every part starts in scope; the steps move it
 * to another part or to a payer, and what no payer took is left to cash.
 */
export const PARTS = [
  'outside-scope',
  'over-limit',
  'preliminary-share',
  'in-scope',
  'unpooled',
  'deductible',
  'co-payment',
  'above-ceiling',
] as const
export type Part = (typeof PARTS)[number]

export type Payers = Readonly<Record<Payer, Money>>

/** Which entry of which policy version an amount rests on. */
export type Because = {
  readonly policy: string
  readonly version: string
  /** Path of the entry inside the policy document, e.g. `outpatient.self_pay_segment[2]`. */
  readonly entry: string
  /** Regulation or publication the entry cites. */
  readonly source: string
}

export type AdjudicatedLine = {
  readonly lineNo: number
  readonly amount: Money
  readonly outsideScope: Money
  readonly overLimit: Money
  readonly preliminaryShare: Money
  readonly inScope: Money
  /** Why part of the line is not in scope, e.g. a limit that is not met. */
  readonly notes: readonly LineNote[]
}
export type LineNote = {
  readonly code:
    | 'class-c'
    | 'limit-not-met'
    | 'over-price-ceiling'
    | 'preliminary-share'
    | 'no-prescription'
    | 'pharmacy-not-pooled'
  readonly detail: string
}

/** The steps of adjudication, in the order of the regulation. */
export const STEP_NAMES = [
  'classify-lines',
  'limit-prices',
  'take-preliminary-share',
  'determine-in-scope',
  'set-aside-unpooled',
  'draw-current-year-account',
  'apply-self-pay-segment',
  'apply-pooling',
  'apply-ceiling',
  'draw-past-year-account',
  'draw-household-account',
  'leave-to-cash',
] as const
export type StepName = (typeof STEP_NAMES)[number]

/** One step as it happened: what came in, what was taken, at which figure, because of what. */
export type StepTrace = {
  readonly step: StepName
  readonly cameIn: Money
  readonly took: Money
  readonly payer: Payer | null
  readonly ratio: Ratio | null
  /** The figure of the policy that was applied, in fen, e.g. the deductible or the ceiling. */
  readonly figure: Money | null
  /** What the figure's accumulator held before, in fen; for an account, its balance before. */
  readonly usedBefore: Money | null
  readonly because: Because
}

/** A movement of a balance of the person or the household. Accounts go down, accumulators up. */
export type BalanceMovement = {
  readonly owner: 'person' | 'household'
  readonly kind: BalanceKind
  /** The benefit year the balance belongs to; 0 for balances that no year bounds. */
  readonly benefitYear: BenefitYear | 0
  readonly amount: Money
  /** Most the balance may come to after this movement (a ceiling of the policy), or null. */
  readonly ceiling: Money | null
}

export type Totals = {
  readonly totalExpense: Money
  readonly outsideScope: Money
  readonly overLimit: Money
  readonly preliminaryShare: Money
  readonly inScope: Money
}

/** What is left after the claim; null where the policy knows no such limit. */
export type Remaining = {
  readonly deductible: Money | null
  readonly ceilingYearly: Money | null
  /** What the ceiling counts; null where there is none. */
  readonly ceilingOn: CeilingBasis | null
  readonly accounts: Readonly<Partial<Record<AccountKind, Money>>>
}

export type Adjudication = {
  readonly serviceDay: ServiceDay
  readonly benefitYear: BenefitYear
  readonly scheme: Scheme
  /** The policy versions used; a settlement stores them and recomputes to the fen. */
  readonly policies: readonly { readonly policy: string; readonly version: string }[]
  readonly lines: readonly AdjudicatedLine[]
  readonly totals: Totals
  readonly payers: Payers
  readonly movements: readonly BalanceMovement[]
  readonly steps: readonly StepTrace[]
  readonly remaining: Remaining
}
