/** What every action is given: clock, store, policies and caches. No globals, no singletons. */
import type { Clock } from '../kernel/clock.ts'
import type { Refusal } from '../kernel/refusal.ts'
import type { CatalogueCache } from '../store/catalogue.ts'
import type { InstitutionCache } from '../store/institutions.ts'
import type { SettlementNumbers } from '../store/numbers.ts'
import type { PolicyCache } from '../store/policies.ts'
import type { Store } from '../store/store.ts'
import type { Vault } from '../store/vault.ts'

export type Settings = {
  /** How many days back a service day may lie. */
  readonly serviceDaysBackMax: number
}

export type Runtime = {
  readonly clock: Clock
  readonly store: Store
  readonly vault: Vault
  readonly policies: PolicyCache
  readonly catalogue: CatalogueCache
  readonly institutions: InstitutionCache
  readonly numbers: SettlementNumbers
  readonly settings: Settings
}

/** Who asks: a terminal of an institution, or an operator of the agency. */
export type Caller = {
  /** The terminal's id, or the agency operator's; keys of idempotency belong to it. */
  readonly clientId: string
  /** Null for the agency. */
  readonly institutionCode: string | null
  readonly nonce: string | null
  readonly requestId: string
}

/** The key of a write and the hash of what was asked under it. */
export type WriteKey = {
  readonly key: string
  readonly bodySha: string
  /**
   * Opens the PIN block that came with the request for who presents it; null where it was made for
   * somebody else. Absent where none came.
   */
  readonly openCardPin?: (identity: string) => string | null
}

/** What a write comes to. A stored answer is byte-exact text, given again to every replay. */
export type WriteAnswer =
  | {
      readonly kind: 'stored'
      readonly status: number
      readonly text: string
      readonly replayed: boolean
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
