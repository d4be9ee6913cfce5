/** Keeps the till's copy of the catalogue fresh and searchable. */
import { CatalogueAnswer } from '../../server/contract/terminals.ts'
import { type Asked, ask } from '../server-gateway/centre.ts'
import type { Gateway } from '../server-gateway/gateway.ts'
import type { CatalogueStore } from './catalogue-store.ts'
import { openSearch, type Search } from './search.ts'

export type CatalogueCopy = {
  search(): Search
  /** When the copy was read at the centre; null before the first. */
  asOf(): string | null
  refresh(): Promise<Asked<CatalogueAnswer>>
}

const REFRESH_TIMEOUT_MS = 15_000

export function openCatalogueCopy(store: CatalogueStore, gateway: Gateway): CatalogueCopy {
  const kept = store.readCatalogue()
  let search = openSearch(kept?.items ?? [])
  let asOf = kept?.asOf ?? null
  return {
    search: () => search,
    asOf: () => asOf,
    async refresh() {
      const asked = await ask(gateway, CatalogueAnswer, {
        method: 'GET',
        path: '/v1/catalogue',
        timeoutMs: REFRESH_TIMEOUT_MS,
      })
      if (asked.ok) {
        await store.keepCatalogue(asked.value)
        search = openSearch(asked.value.items)
        asOf = asked.value.asOf
      }
      return asked
    },
  }
}
