/** Catalogue class and preliminary share of a row, stated or decided by the area. */
import type { Cells } from '../cells.ts'
import type { Decisions } from '../profile.ts'

export const CLASSES = { A: 'A', B: 'B', C: 'C', 甲类: 'A', 乙类: 'B', 丙类: 'C' } as const

type Classed = {
  readonly catalogueClass: 'A' | 'B' | 'C'
  readonly preliminaryRatio: string | null
}

/** Class C bears everything and has no share; class A has none unless one is stated. */
export function classedAs(
  catalogueClass: 'A' | 'B' | 'C' | null,
  stated: string | null,
  cells: Cells,
  { shareB }: Decisions,
): Classed {
  if (catalogueClass === null) {
    cells.blame('class', 'class-missing')
    return { catalogueClass: 'C', preliminaryRatio: null }
  }
  if (catalogueClass === 'C') {
    if (stated !== null) cells.blame('preliminary_ratio', 'share-not-for-class')
    return { catalogueClass, preliminaryRatio: null }
  }
  if (catalogueClass === 'A') return { catalogueClass, preliminaryRatio: stated ?? '0' }
  if ((stated ?? shareB) === null) cells.blame('preliminary_ratio', 'share-missing')
  return { catalogueClass, preliminaryRatio: stated ?? shareB }
}

/** Suffixes by which a product's name differs from the substance that a list names. */
const FORMS =
  /(滴丸|缓释片|分散片|肠溶片|咀嚼片|泡腾片|片|软胶囊|肠溶胶囊|缓释胶囊|胶囊|颗粒|口服溶液|口服液|糖浆|丸|散|软膏|乳膏|凝胶|栓|合剂|注射液|滴眼液|喷雾剂|膏)$/

/** Key under which list entry and product meet: without brackets, 注射用, and the form. */
export const drugNameKey = (name: string): string =>
  name
    .replace(/[（(][^（()）]*[）)]/g, '')
    .replace(/^注射用/, '')
    .replace(FORMS, '')
    .trim()

/** Facts that most rows of public files leave open. */
export const NO_FACTS = {
  brandName: null,
  otherNames: [],
  dosageForm: null,
  spec: null,
  splitUnit: null,
  unitsPerPack: '1',
  manufacturer: null,
  priceCeiling: null,
  unitPrice: null,
  prescription: false,
  traceCodeRequired: false,
  barcode: null,
  limits: [],
  approvalNumber: null,
  note: null,
} as const
