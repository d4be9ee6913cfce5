/** The till's copy of the catalogue and its settings, in lmdb (decisions.md 24). */
import { open } from 'lmdb'
import { z } from 'zod'
import { CatalogueAnswer } from '../../server/contract/terminals.ts'

/** What a shop sets for this till. */
export const TillSettings = z.strictObject({
  /** Print without being asked once a sale is settled. */
  printAtOnce: z.boolean(),
})
export type TillSettings = z.infer<typeof TillSettings>

export type CatalogueStore = {
  readCatalogue(): CatalogueAnswer | null
  /** Resolves once it is flushed. */
  keepCatalogue(catalogue: CatalogueAnswer): Promise<void>
  readSettings(): TillSettings
  keepSettings(settings: TillSettings): Promise<void>
  close(): Promise<void>
}

const DEFAULT_SETTINGS: TillSettings = { printAtOnce: false }

export function openCatalogueStore(folder: string): CatalogueStore {
  const root = open({ path: folder, compression: false, maxDbs: 2 })
  return {
    readCatalogue() {
      // A copy that an older till kept may lack a field; it is fetched anew then.
      const parsed = CatalogueAnswer.safeParse(root.get('catalogue'))
      return parsed.success ? parsed.data : null
    },
    async keepCatalogue(catalogue) {
      await root.put('catalogue', catalogue)
    },
    readSettings() {
      const parsed = TillSettings.safeParse(root.get('settings'))
      return parsed.success ? parsed.data : DEFAULT_SETTINGS
    },
    async keepSettings(settings) {
      await root.put('settings', settings)
    },
    close: () => root.close(),
  }
}
