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

/** Places of a hit, the best first; null where the row is no hit. */
function rankOf(row: Row, wanted: string): number | null {
  const equals = (text: string) => text === wanted
  const begins = (text: string) => text.startsWith(wanted)
  const holds = (text: string) => text.includes(wanted)
  const places: readonly boolean[] = [
    row.codes.some(equals),
    row.initials.some(equals) || row.names.some(equals) || row.full.some(equals),
    row.initials.some(begins),
    row.names.some(begins),
    row.full.some(begins),
    row.codes.some(begins),
    row.names.some(holds),
    wanted.length > 1 && row.initials.some(holds),
    wanted.length > 2 && row.full.some(holds),
  ]
  const place = places.indexOf(true)
  return place < 0 ? null : place
}

export type Search = {
  /** The best rows, at most eight. */
  find(query: string): readonly CatalogueEntry[]
  /** The entry of an item code, or null. */
  byCode(itemCode: string): CatalogueEntry | null
  readonly size: number
}

export function openSearch(items: readonly CatalogueEntry[]): Search {
  const rows = items.map(rowOf)
  const codes = new Map(items.map((entry) => [entry.itemCode, entry]))
  return {
    size: rows.length,
    byCode: (itemCode) => codes.get(itemCode) ?? null,
    find(query) {
      const wanted = plain(query).slice(0, QUERY_LENGTH_MAX)
      if (wanted === '') return []
      const hits: { row: Row; place: number }[] = []
      for (const row of rows) {
        const place = rankOf(row, wanted)
        if (place !== null) hits.push({ row, place })
      }
      return hits
        .sort(byPlace)
        .slice(0, ROWS_MAX)
        .map(({ row }) => row.entry)
    },
  }
}

/** Better places first; then short names, which are the plain forms; then by code. */
const byPlace = (a: { row: Row; place: number }, b: { row: Row; place: number }): number =>
  a.place - b.place ||
  a.row.entry.genericName.length - b.row.entry.genericName.length ||
  (a.row.entry.itemCode < b.row.entry.itemCode ? -1 : 1)
