/** A profile reads one known layout of columns; the header of a file decides which. */
import type { ItemDraft } from '../../db/import/catalogue.ts'
import type { InstitutionDraft } from '../../db/import/institutions.ts'
import type { PersonDraft } from '../../db/import/persons.ts'
import type { PriceDraft } from '../../db/import/prices.ts'
import type { DiagnosisDraft, TownDraft } from '../../db/import/reference.ts'
import type { ServiceDay } from '../kernel/calendar.ts'
import type { Cells } from './cells.ts'
import type { BalanceDraft } from './profiles/balances.ts'

export const SUBJECTS = [
  'catalogue',
  'institutions',
  'prices',
  'persons',
  'balances',
  'diagnoses',
  'towns',
] as const
export type Subject = (typeof SUBJECTS)[number]

export type DraftOf = {
  readonly catalogue: ItemDraft
  readonly institutions: InstitutionDraft
  readonly prices: PriceDraft
  readonly persons: PersonDraft
  readonly balances: BalanceDraft
  readonly diagnoses: DiagnosisDraft
  readonly towns: TownDraft
}

/** Class and preliminary share of a listed drug, found by its name. */
export type ListedClass = {
  readonly catalogueClass: 'A' | 'B' | 'C'
  readonly preliminaryRatio: string | null
}

/** What the area decides where a public file does not say it. */
export type Decisions = {
  readonly today: ServiceDay
  readonly areaCode: string
  /** First day of what a file gives no day for. */
  readonly validFrom: ServiceDay
  /** Class of rows without one; null: such rows are refused. */
  readonly catalogueClass: 'A' | 'B' | 'C' | null
  /** Preliminary share of class B, 0–1, where the file has none. */
  readonly shareB: string | null
  readonly provisionalCodes: boolean
  /** Classes of drugs imported before, by the key of their name. */
  readonly listed: ReadonlyMap<string, readonly ListedClass[]>
}

export type Profile<S extends Subject> = {
  readonly name: string
  readonly subject: S
  /** Columns by which the layout is known; further ones may follow. */
  readonly headers: readonly string[]
  /** The layout says little of each item: what is stored already is never ended by it. */
  readonly partial?: true
  /** Null where the row holds nothing to import; faults are left in the cells. */
  read(cells: Cells, decisions: Decisions): DraftOf[S] | null
}
