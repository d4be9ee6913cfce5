/** Puts the parts together: store, caches, policies and keys as one runtime. */

import type { Runtime } from './actions/runtime.ts'
import { repeat } from './background.ts'
import { type Clock, systemClock } from './kernel/clock.ts'
import { type PolicyBook, policyBook } from './rules/policy/book.ts'
import { PolicyFaultsError } from './rules/policy/faults.ts'
import { parsePolicyDocument } from './rules/policy/parse-document.ts'
import { openCatalogue } from './store/catalogue.ts'
import { call, type DatabaseOptions, type Sql } from './store/database.ts'
import type { DoorOptions } from './store/door.ts'
import { DatabaseUnavailableError } from './store/errors.ts'
import { type InstitutionCache, openInstitutions } from './store/institutions.ts'
import { openNumbers } from './store/numbers.ts'
import { openStore, type Store } from './store/store.ts'
import { openVault, type VaultKeys } from './store/vault.ts'

export type RuntimeOptions = {
  readonly database: DatabaseOptions
  readonly door?: DoorOptions
  readonly keys: VaultKeys
  readonly areaCode: string
  readonly serviceDaysBackMax: number
  readonly clock?: Clock
  /** How often institutions, terminals and operators are read again without a notice. */
  readonly institutionsEveryMs?: number
}

export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const opened = openStore(options.database, options.door)
  const vault = openVault(options.keys)
  const institutions = await openInstitutions(opened.sql, vault)
  const catalogue = openCatalogue(opened.sql)
  const everyMs = options.institutionsEveryMs ?? INSTITUTIONS_EVERY_MS
  const stopReading = repeat('reading institutions', everyMs, institutions.refresh)
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
    policies: await loadPublishedPolicies(store.sql),
    catalogue,
    institutions,
    numbers: openNumbers(store.sql, options.areaCode),
    settings: { serviceDaysBackMax: options.serviceDaysBackMax },
  }
  await store.onReferenceChange(() => {
    catalogue.refresh()
    refreshWhenReachable(institutions)
  })
  return runtime
}

/** A suspension or a retired terminal is heeded this soon even where its notice was lost. */
const INSTITUTIONS_EVERY_MS = 30_000
const REFRESH_AGAIN_MS = 1_000

/** The database may go away between the notice and the reading: then it is read once it is back. */
function refreshWhenReachable(institutions: InstitutionCache): void {
  institutions.refresh().catch((error: unknown) => {
    if (!(error instanceof DatabaseUnavailableError)) throw error
    setTimeout(() => refreshWhenReachable(institutions), REFRESH_AGAIN_MS).unref()
  })
}

/** The policy documents as the agency published them, the newest of each file. */
async function loadPublishedPolicies(sql: Sql): Promise<PolicyBook> {
  const rows = await call(
    () => sql<{ fileName: string; document: string }[]>`
      select distinct on (file_name) file_name as "fileName", document
        from policy_version order by file_name, published_at desc`,
  )
  const documents = rows.map((row) => {
    const parsed = parsePolicyDocument(row.document, row.fileName)
    if (!parsed.ok) throw new PolicyFaultsError(parsed.faults)
    return parsed.value
  })
  const book = policyBook(documents)
  if (!book.ok) throw new PolicyFaultsError(book.faults)
  return book.value
}
