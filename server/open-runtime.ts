/** Puts the parts together: store, caches, policies and keys as one runtime. */

import type { Runtime } from './actions/runtime.ts'
import { repeat } from './background.ts'
import { type Clock, systemClock } from './kernel/clock.ts'
import { openCatalogue } from './store/catalogue.ts'
import type { DatabaseOptions } from './store/database.ts'
import type { DoorOptions } from './store/door.ts'
import { DatabaseUnavailableError } from './store/errors.ts'
import { openInstitutions } from './store/institutions.ts'
import { openNumbers } from './store/numbers.ts'
import { openPolicies } from './store/policies.ts'
import { openStore, type Store } from './store/store.ts'
import { openVault, type VaultKeys } from './store/vault.ts'

export type RuntimeOptions = {
  readonly database: DatabaseOptions
  readonly door?: DoorOptions
  readonly keys: VaultKeys
  readonly areaCode: string
  readonly serviceDaysBackMax: number
  readonly clock?: Clock
  /** How often institutions, terminals, operators and policies are read without a notice. */
  readonly institutionsEveryMs?: number
}

export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const opened = openStore(options.database, options.door)
  const vault = openVault(options.keys)
  const institutions = await openInstitutions(opened.sql, vault)
  const catalogue = openCatalogue(opened.sql)
  const policies = await openPolicies(opened.sql)
  const everyMs = options.institutionsEveryMs ?? INSTITUTIONS_EVERY_MS
  const stopReading = repeat('reading institutions and policies', everyMs, async () => {
    await Promise.all([institutions.refresh(), policies.refresh()])
  })
  const store: Store = {
    ...opened,
    close() {
      stopReading()
      return opened.close()
    },
  }
  const runtime: Runtime = {
    clock: options.clock ?? systemClock,
    store,
    vault,
    policies,
    catalogue,
    institutions,
    numbers: openNumbers(store.sql, options.areaCode),
    settings: { serviceDaysBackMax: options.serviceDaysBackMax },
  }
  await store.onReferenceChange(() => {
    catalogue.refresh()
    refreshWhenReachable(institutions)
    refreshWhenReachable(policies)
  })
  return runtime
}

/** A suspension or a retired terminal is heeded this soon even where its notice was lost. */
const INSTITUTIONS_EVERY_MS = 30_000
const REFRESH_AGAIN_MS = 1_000

/** The database may go away between the notice and the reading: then it is read once it is back. */
function refreshWhenReachable(cache: { refresh(): Promise<void> }): void {
  cache.refresh().catch((error: unknown) => {
    if (!(error instanceof DatabaseUnavailableError)) throw error
    setTimeout(() => refreshWhenReachable(cache), REFRESH_AGAIN_MS).unref()
  })
}
