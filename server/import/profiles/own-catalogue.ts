/** Our own layouts of the catalogue: the columns of the tables in fixtures/catalogue. */
import type { ItemDraft } from '../../../db/import/catalogue.ts'
import { noteOf } from '../../../db/seed/catalogue.ts'
import { limitsOf } from '../../../db/seed/limits.ts'
import type { Cells } from '../cells.ts'
import type { Decisions, Profile } from '../profile.ts'
import { CLASSES, classedAs, NO_FACTS } from './classes.ts'

const PRESCRIPTION = { rx: true, otc: false, yes: true, no: false } as const
const LIMIT_KINDS = {
  sex: 'sex',
  age_max: 'age_max',
  age_min: 'age_min',
  level_min: 'level_min',
  visit: 'visit',
  diagnosis: 'diagnosis',
  course_days: 'course_days',
  scheme: 'scheme',
  alone: 'alone',
} as const
const LIMIT_VALUES = {
  sex: /^[MF]$/,
  age_max: /^\d{1,3}$/,
  age_min: /^\d{1,3}$/,
  level_min: /^[123]$/,
  visit: /^inpatient$/,
  diagnosis: /^[A-Z]\d{2}[\d.]*([;|][A-Z]\d{2}[\d.]*)*$/,
  course_days: /^\d{1,3}$/,
  scheme: /./,
  alone: /./,
} as const satisfies Record<keyof typeof LIMIT_KINDS, RegExp>

function limitCells(cells: Cells) {
  const limitKind = cells.choice('limit_kind', LIMIT_KINDS)
  const limitValue = cells.optional('limit_value')
  const form = limitKind === null ? /^$/ : LIMIT_VALUES[limitKind]
  if (!form.test(limitValue ?? '')) cells.blame('limit_value', 'limit-form')
  return { limitKind, limitValue }
}

function period(cells: Cells): { from: string; until: string | null } {
  const from = cells.day('valid_from')
  const until = cells.optionalEnd('valid')
  if (until !== null && until <= from) cells.blame('valid_until', 'period-order')
  return { from, until }
}

const classCells = (cells: Cells, decisions: Decisions) =>
  classedAs(cells.choice('class', CLASSES), cells.ratio('preliminary_ratio'), cells, decisions)

/** Columns `demo` and `note`: which figures are ours, and what else is to be said. */
const noteCells = (cells: Cells, limitNote: string | null): string | null => {
  const note = noteOf((cells.optional('demo') ?? '').split(';'), limitNote)
  return [note, cells.optional('note')].filter((part) => part !== null).join('; ') || null
}

const sourceCell = (cells: Cells): string => cells.optional('source') ?? 'import'

function readDrug(cells: Cells, decisions: Decisions): ItemDraft {
  const hospitalOnly = cells.yesNo('hospital_only')
  const days = cells.optional('days_supply_max')
  if (days !== null && !/^[1-9]\d{0,2}$/.test(days)) cells.blame('days_supply_max', 'cell-form')
  const supply = days === null ? {} : { daysSupplyMax: Number.parseInt(days, 10) }
  const { limits, note } = limitsOf({ ...limitCells(cells), hospitalOnly, ...supply })
  const barcode = cells.raw('barcode') === '' ? null : cells.formed('barcode', /^\d{8,14}$/)
  return {
    itemCode: cells.formed('code', /^[A-Z0-9][A-Z0-9-]{3,39}$/),
    kind: 'drug',
    ...period(cells),
    genericName: cells.required('generic_name'),
    brandName: cells.optional('brand_name'),
    otherNames: (cells.optional('other_names') ?? '').split(';').filter((name) => name !== ''),
    dosageForm: cells.optional('dosage_form'),
    spec: cells.optional('spec'),
    packUnit: cells.required('pack_unit'),
    splitUnit: cells.optional('split_unit'),
    unitsPerPack: cells.formed('units_per_pack', /^[1-9]\d{0,4}(\.\d{1,4})?$/),
    manufacturer: cells.optional('manufacturer'),
    ...classCells(cells, decisions),
    priceCeiling: cells.amount('price_ceiling'),
    unitPrice: cells.amount('unit_price'),
    prescription: cells.choice('prescription', PRESCRIPTION) ?? false,
    traceCodeRequired: cells.yesNo('trace_code_required'),
    barcode,
    limits,
    approvalNumber: cells.optional('approval_number'),
    source: sourceCell(cells),
    note: noteCells(cells, note),
  }
}

/** Services of several prices keep that of level 2 as the usual one, as seeding does. */
function readPlain(cells: Cells, decisions: Decisions, kind: 'service' | 'material'): ItemDraft {
  const service = kind === 'service'
  const { limits, note } = limitsOf(limitCells(cells))
  const stayOnly = cells.yesNo('inpatient_only')
  cells.yesNo('hospital_only')
  const prices = ['price_level_1', 'price_level_3'].map((column) => cells.amount(column))
  const usual = cells.amount('price_level_2') ?? cells.amount('unit_price') ?? prices[0] ?? null
  return {
    ...NO_FACTS,
    itemCode: cells.formed('code', /^[A-Z0-9][A-Z0-9-]{3,39}$/),
    kind,
    ...period(cells),
    genericName: cells.required('name'),
    packUnit: cells.required('unit'),
    ...classCells(cells, decisions),
    priceCeiling: cells.amount('price_ceiling'),
    unitPrice: usual,
    limits: service && stayOnly ? [...limits, { kind: 'inpatient-only' }] : limits,
    source: sourceCell(cells),
    note: noteCells(cells, note),
  }
}

export const OWN_CATALOGUE: readonly Profile<'catalogue'>[] = [
  {
    name: 'own-drugs',
    subject: 'catalogue',
    headers: ['code', 'generic_name', 'pack_unit', 'units_per_pack', 'class', 'valid_from'],
    read: readDrug,
  },
  {
    name: 'own-services',
    subject: 'catalogue',
    headers: ['code', 'name', 'unit', 'class', 'price_level_2', 'valid_from'],
    read: (cells, decisions) => readPlain(cells, decisions, 'service'),
  },
  {
    name: 'own-materials',
    subject: 'catalogue',
    headers: ['code', 'name', 'unit', 'class', 'unit_price', 'valid_from'],
    read: (cells, decisions) => readPlain(cells, decisions, 'material'),
  },
]
