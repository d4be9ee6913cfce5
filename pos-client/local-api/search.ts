/**
 * Finding an item by what a pharmacist types: pinyin initials, full pinyin, Chinese, code or
 * barcode. Pinyin was made at import; here plain texts are compared, so a till needs no dictionary.
 */
import type { CatalogueEntry } from '../../server/contract/terminals.ts'

export const ROWS_MAX = 8
const QUERY_LENGTH_MAX = 40

export type ScanKind = 'trace-code' | 'barcode' | 'text'

/** What a scanned or typed text is: twenty digits on the pack, thirteen on the box, or words. */
export function scanKindOf(text: string): ScanKind {
  if (/^\d{20}$/.test(text)) return 'trace-code'
  return /^69\d{11}$/.test(text) ? 'barcode' : 'text'
}

/** Comparable text: one width, lower case, no spaces. */
const plain = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/g, '')

type Row = {
  readonly entry: CatalogueEntry
  readonly codes: readonly string[]
  readonly initials: readonly string[]
  readonly full: readonly string[]
  readonly names: readonly string[]
}

const readings = (text: string): string[] =>
  text
    .split(/[;,|/]/)
    .map(plain)
    .filter((reading) => reading !== '')

const rowOf = (entry: CatalogueEntry): Row => ({
  entry,
  codes: [entry.itemCode, entry.localCode, entry.barcode ?? ''].map(plain).filter(Boolean),
  initials: readings(entry.pinyinInitials),
  full: readings(entry.pinyinFull),
  names: [entry.genericName, entry.brandName ?? ''].map(plain).filter(Boolean),
})

const some = (texts: readonly string[], test: (text: string) => boolean): boolean => {
  for (const text of texts) if (test(text)) return true
  return false
}

/** Ways to be a hit, the best first; asked in order until one holds. */
const PLACES: readonly ((row: Row, wanted: string) => boolean)[] = [
  (row, wanted) => row.codes.includes(wanted),
  (row, wanted) =>
    row.initials.includes(wanted) || row.names.includes(wanted) || row.full.includes(wanted),
  (row, wanted) => some(row.initials, (text) => text.startsWith(wanted)),
  (row, wanted) => some(row.names, (text) => text.startsWith(wanted)),
  (row, wanted) => some(row.full, (text) => text.startsWith(wanted)),
  (row, wanted) => some(row.codes, (text) => text.startsWith(wanted)),
  (row, wanted) => some(row.names, (text) => text.includes(wanted)),
  (row, wanted) => wanted.length > 1 && some(row.initials, (text) => text.includes(wanted)),
  (row, wanted) => wanted.length > 2 && some(row.full, (text) => text.includes(wanted)),
]

type Hit = { readonly row: Row; readonly place: number }

export type Search = {
  /** The best rows, at most eight. */
  find(query: string): readonly CatalogueEntry[]
  /**
   * The entry of an item code, or null. An item may have several local codes, each with a price of
   * its own: without one of them, or with one that went, the first is meant.
   */
  byCode(itemCode: string, localCode?: string): CatalogueEntry | null
  readonly size: number
}

export function openSearch(items: readonly CatalogueEntry[]): Search {
  const rows = items.map(rowOf)
  const codes = new Map<string, CatalogueEntry>()
  for (const entry of items) {
    for (const name of [entry.itemCode, `${entry.itemCode} ${entry.localCode}`]) {
      if (!codes.has(name)) codes.set(name, entry)
    }
  }
  return {
    size: rows.length,
    byCode: (itemCode, localCode) =>
      codes.get(`${itemCode} ${localCode}`) ?? codes.get(itemCode) ?? null,
    find(query) {
      const wanted = plain(query).slice(0, QUERY_LENGTH_MAX)
      if (wanted === '') return []
      const best: Hit[] = []
      for (const row of rows) {
        const place = PLACES.findIndex((holds) => holds(row, wanted))
        if (place >= 0) keepBest(best, { row, place })
      }
      return best.map(({ row }) => row.entry)
    },
  }
}

/** Better places first; then short names, which are the plain forms; then by code. */
const byPlace = (a: Hit, b: Hit): number =>
  a.place - b.place ||
  a.row.entry.genericName.length - b.row.entry.genericName.length ||
  (a.row.entry.itemCode < b.row.entry.itemCode ? -1 : 1)

/** Keeps the eight best in order; most hits of a short query stop at the first comparison. */
function keepBest(best: Hit[], hit: Hit): void {
  const last = best.at(-1)
  if (best.length === ROWS_MAX && last !== undefined && byPlace(hit, last) >= 0) return
  best.push(hit)
  best.sort(byPlace)
  best.length = Math.min(best.length, ROWS_MAX)
}
