/** What the page knows. One object; whoever changes it asks for a redraw. */
import type {
  Batch,
  PresettlementAnswer,
  ReturnPresettlementAnswer,
  SettlementList,
  SettlementView,
} from '../../server/contract/claims.ts'
import type { CatalogueEntry, EntitlementAnswer } from '../../server/contract/terminals.ts'
import type { TillStatus } from '../local-api/app.ts'
import type { CartLine, PricedCart } from '../local-api/claims.ts'
import type { Operator } from '../local-api/session.ts'
import type { Notice, OutcomeView } from './local.ts'

export type Line = {
  readonly entry: CatalogueEntry
  /** Whole packs, or units of one split pack (拆零); the quantity counts in it. */
  readonly unit: CartLine['unit']
  readonly quantity: string
  readonly traceCodes: readonly string[]
  /** As on the pack; null where nobody typed or scanned it. */
  readonly batch: Batch | null
}
export type Person = { readonly handle: string; readonly entitlement: EntitlementAnswer }

export type Dialog =
  | { readonly kind: 'help' }
  | { readonly kind: 'prescription' }
  | { readonly kind: 'batch' }
  | { readonly kind: 'reason'; readonly idNumber: string }
  | { readonly kind: 'confirm'; readonly key: string; readonly presettlement: PresettlementAnswer }
  | {
      readonly kind: 'outcome'
      readonly view: OutcomeView
      /** What the cashier said yes to, to tell a split that moved. */
      readonly confirmed: PresettlementAnswer | null
    }
  | { readonly kind: 'sales'; readonly items: SettlementList['items'] }
  | { readonly kind: 'return-number' }
  | ReturnDialog
  | ReturnQuestion
  | { readonly kind: 'reverse'; readonly from: ReturnDialog; readonly key: string }

/** A settlement with the form to return lines of it. */
export type ReturnDialog = {
  readonly kind: 'return'
  readonly view: SettlementView
  readonly key: string
  /** What was typed before, where the cashier came back to the form. */
  readonly typed?: readonly ReturnedLine[]
}

export type ReturnedLine = { lineNo: number; quantity: string; traceCodes: string[] }

/** What the return comes to, for the cashier's yes. */
export type ReturnQuestion = {
  readonly kind: 'return-confirm'
  readonly from: ReturnDialog
  readonly lines: readonly ReturnedLine[]
  readonly reason: string
  readonly presettlement: ReturnPresettlementAnswer
}

export type State = {
  status: TillStatus | null
  operator: Operator | null
  lines: Line[]
  selected: number
  prescription: string | null
  /** Handle of the person it was written for; null where nobody was identified yet. */
  prescriptionOf: string | null
  person: Person | null
  priced: PricedCart | null
  split: PresettlementAnswer | null
  splitStale: boolean
  rows: readonly CatalogueEntry[]
  rowSelected: number
  /** What went wrong last; stays until something succeeds. */
  notice: Notice | string | null
  dialog: Dialog | null
  /** Esc was pressed once on a full cart. */
  clearing: boolean
}

export const state: State = {
  status: null,
  operator: null,
  lines: [],
  selected: 0,
  prescription: null,
  prescriptionOf: null,
  person: null,
  priced: null,
  split: null,
  splitStale: false,
  rows: [],
  rowSelected: 0,
  notice: null,
  dialog: null,
  clearing: false,
}

const KEPT = 'cart'

/** The cart outlives a reload; the person does not and is identified again. */
export function keepCart(): void {
  const { lines, prescription, prescriptionOf } = state
  localStorage.setItem(KEPT, JSON.stringify({ lines, prescription, prescriptionOf }))
}

export function recallCart(): void {
  const kept = localStorage.getItem(KEPT)
  if (kept === null) return
  type Kept = Pick<State, 'lines' | 'prescription' | 'prescriptionOf'>
  const { lines, prescription, prescriptionOf }: Kept = JSON.parse(kept)
  state.lines = lines.map((line) => ({
    ...line,
    unit: line.unit ?? 'pack',
    batch: line.batch ?? null,
  }))
  state.prescription = prescription
  state.prescriptionOf = prescriptionOf ?? null
  state.selected = Math.max(0, lines.length - 1)
}

/** The cart as the local API wants it. */
export const cartOf = () => ({
  lines: state.lines.map(({ entry, unit, quantity, traceCodes, batch }) => ({
    itemCode: entry.itemCode,
    localCode: entry.localCode,
    unit,
    quantity,
    traceCodes,
    batch,
  })),
  prescription: state.prescription,
})

/** A code for every pack; units of a split pack have the one code of the pack they come from. */
export function wantedCodes({ entry, unit, quantity }: Line): number {
  if (!entry.traceCodeRequired) return 0
  if (unit === 'split') return 1
  return /^\d{1,3}$/.test(quantity) ? Number.parseInt(quantity, 10) : 0
}

export const lacksCodes = (line: Line): boolean => line.traceCodes.length < wantedCodes(line)
