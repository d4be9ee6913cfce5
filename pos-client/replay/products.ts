/**
 * From a product name of an old list to an item of the till's catalogue. Such names carry marks of
 * the shop (`**`, `D`, `G`, `KG`, `TG`, `x`), a brand in brackets, remarks (`6盒/疗程`), and now and
 * then a brand alone or a substance without its dosage form.
 */
import type { CatalogueEntry } from '../../server/contract/terminals.ts'

/** What a shop sells that its list does not know: class C, no trace code. */
export const UNMATCHED_NAME = '未对照商品'

/** One width, lower case, no spaces: `（Ⅱ）` and `(II)` are alike. */
const plain = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/g, '')

const SHOP_MARK = /^(\*+|[dgktx]{1,2}(?=\p{Script=Han}))/u
const BRACKETS = /\(([^()]*)\)/g
const REMARK = /疗程|请报/
const NUMERAL = /^[ivx]+$/
const DOSAGE_FORM =
  /(肠溶|缓释|控释|分散|泡腾|咀嚼)?(片|胶囊|软胶囊|颗粒|丸|滴丸|口服液|口服溶液|糖浆|注射液)$/

type Name = { readonly base: string; readonly brands: readonly string[] }

/** A name without marks and remarks, and what stands in its brackets. */
export function nameOf(product: string): Name {
  const bare = plain(product).replace(SHOP_MARK, '')
  const inBrackets = [...bare.matchAll(BRACKETS)].map((match) => match[1] ?? '')
  const brands = inBrackets.filter((text) => !REMARK.test(text) && !NUMERAL.test(text))
  return { base: bare.replace(BRACKETS, ''), brands }
}

type Candidate = {
  readonly entry: CatalogueEntry
  readonly generic: string
  readonly substance: string
  readonly brand: string
}

const candidateOf = (entry: CatalogueEntry): Candidate => {
  const generic = plain(entry.genericName).replace(BRACKETS, '')
  const substance = generic.replace(DOSAGE_FORM, '')
  return { entry, generic, substance, brand: plain(entry.brandName ?? '') }
}

/** Ways to be meant, the surest first; the first that holds for any item decides. */
const WAYS: readonly ((one: Candidate, name: Name) => boolean)[] = [
  (one, { base, brands }) => one.generic === base && brands.includes(one.brand),
  (one, { base, brands }) => one.brand !== '' && [...brands, base].includes(one.brand),
  (one, { base, brands }) => brands.length === 0 && one.generic === base && one.brand === '',
  (one, { base }) => one.generic === base,
  (one, { base }) => one.substance !== '' && one.substance === base.replace(DOSAGE_FORM, ''),
]

export type ProductMatch = { readonly itemCode: string; readonly isMatched: boolean }

/** Matches names against the drugs of a catalogue; null where not even a catch-all is there. */
export function openProducts(
  items: readonly CatalogueEntry[],
  catchAll: string | null,
): (product: string) => ProductMatch | null {
  const other =
    catchAll ?? items.find(({ genericName }) => genericName === UNMATCHED_NAME)?.itemCode ?? null
  const candidates = items
    .filter(({ kind, itemCode }) => kind === 'drug' && itemCode !== other)
    .toSorted((a, b) => (a.itemCode < b.itemCode ? -1 : 1))
    .map(candidateOf)
  const known = new Map<string, ProductMatch | null>()
  const match = (product: string): ProductMatch | null => {
    const name = nameOf(product)
    for (const holds of WAYS) {
      const found = candidates.find((one) => holds(one, name))
      if (found !== undefined) return { itemCode: found.entry.itemCode, isMatched: true }
    }
    return other === null ? null : { itemCode: other, isMatched: false }
  }
  return (product) => {
    const before = known.get(product)
    if (before !== undefined) return before
    const found = match(product)
    known.set(product, found)
    return found
  }
}
