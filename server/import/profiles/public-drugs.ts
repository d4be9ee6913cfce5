/** Layouts of public drug lists. What they leave open stands in the notes, or is refused. */
import type { ItemDraft } from '../../../db/import/catalogue.ts'
import type { LimitFact } from '../../../db/import/catalogue-row.ts'
import { addDays, parseDay } from '../../kernel/calendar.ts'
import type { Cells } from '../cells.ts'
import type { Decisions, ListedClass, Profile } from '../profile.ts'
import { CLASSES, classedAs, drugNameKey, NO_FACTS } from './classes.ts'

const LIST = 'NRDL 2024'
/** Codes of list entries: the list names substances and forms, and gives no codes. */
export const LIST_CODE = 'NRDL2024-'

const AGREEMENT = /^(\d{4})年(\d{1,2})月(\d{1,2})日至(\d{4})年(\d{1,2})月(\d{1,2})日$/
/** One price for one unit, e.g. `63.00元(10mg/支)`; several or none stay a note. */
const PAYMENT_STANDARD = /^(\d{1,9}\.\d{1,2})元\((.+)\/([^/()]+)\)$/

/** Agreement of a negotiated drug: it is paid from the first to the last day, both included. */
function agreementPeriod(
  cells: Cells,
  decisions: Decisions,
): { from: string; until: string | null } {
  const stated = cells.raw('agreement_period')
  if (stated === '') return { from: decisions.validFrom, until: null }
  const [, ...parts] = AGREEMENT.exec(stated) ?? []
  const two = (part = ''): string => part.padStart(2, '0')
  const [year, month, day, lastYear, lastMonth, lastDay] = parts
  const from = parseDay(`${year}-${two(month)}-${two(day)}`)
  const last = parseDay(`${lastYear}-${two(lastMonth)}-${two(lastDay)}`)
  if (from === null || last === null) {
    cells.blame('agreement_period', 'cell-form')
    return { from: decisions.validFrom, until: null }
  }
  return { from, until: addDays(last, 1) }
}

/** Limits whose words leave no doubt; every restriction stands in the note in full. */
function restrictionLimits(text: string): LimitFact[] {
  const level = /^限(二|三)级(及以上)?医疗机构。?$/.exec(text)?.[1]
  return level === undefined ? [] : [{ kind: 'level-min', level: level === '二' ? 2 : 3 }]
}

const listClass = (cells: Cells, decisions: Decisions): 'A' | 'B' | 'C' | null =>
  cells.raw('part') === 'herbal_excluded'
    ? 'C'
    : (cells.choice('class', CLASSES) ?? decisions.catalogueClass)

function readListEntry(cells: Cells, decisions: Decisions): ItemDraft {
  const id = cells.formed('id', /^\d{1,6}$/)
  const standard = cells.raw('payment_standard')
  const [, price, spec, unit] =
    PAYMENT_STANDARD.exec(standard.replace(/（/g, '(').replace(/）/g, ')')) ?? []
  const restriction = cells.raw('payment_restriction')
  const notes = [restriction, price === undefined ? standard : '', cells.raw('category_path')]
  return {
    ...NO_FACTS,
    itemCode: `${LIST_CODE}${id.padStart(4, '0')}`,
    kind: 'drug',
    ...agreementPeriod(cells, decisions),
    genericName: cells.required('drug_name'),
    dosageForm: cells.optional('dosage_form'),
    spec: spec ?? null,
    packUnit: unit ?? '最小制剂单位',
    ...classedAs(listClass(cells, decisions), null, cells, decisions),
    priceCeiling: price ?? null,
    limits: restrictionLimits(restriction),
    source: LIST,
    note: notes.filter((note) => note !== '').join('; ') || null,
  }
}

const RULES: readonly { readonly text: RegExp; limit(value: string): LimitFact }[] = [
  { text: /^限定性别对象=(男|女)$/, limit: (v) => ({ kind: 'sex', sex: v === '男' ? 'M' : 'F' }) },
  { text: /^限定年龄对象=(儿童)$/, limit: () => ({ kind: 'age-max', years: 14 }) },
  { text: /^限定就医方式=(住院)$/, limit: () => ({ kind: 'inpatient-only' }) },
  {
    text: /^限定机构等级=(二|三)级$/,
    limit: (v) => ({ kind: 'level-min', level: v === '二' ? 2 : 3 }),
  },
]

/** Limits by sex, child, stay and level; a course or another insurance stands in the note. */
function ruleLimits(rules: string): { limits: LimitFact[]; note: string | null } {
  const parts = rules.split('；').filter((part) => part !== '')
  const read = parts.map((part) => {
    const rule = RULES.find(({ text }) => text.test(part))
    return { part, limit: rule?.limit(rule.text.exec(part)?.[1] ?? '') ?? null }
  })
  const unread = read.filter(({ limit }) => limit === null).map(({ part }) => part)
  return {
    limits: read.flatMap(({ limit }) => (limit === null ? [] : [limit])),
    note: unread.join('; ') || null,
  }
}

/** The class that all listed entries of the name agree on, else that of the area's decision. */
function classByName(name: string, cells: Cells, decisions: Decisions): ListedClass {
  const found = decisions.listed.get(drugNameKey(name)) ?? []
  const [first] = found
  const agreed = found.every((one) => one.catalogueClass === first?.catalogueClass)
  if (first !== undefined && agreed) return first
  if (decisions.catalogueClass !== null) {
    return classedAs(decisions.catalogueClass, null, cells, decisions)
  }
  const code = first === undefined ? 'class-unknown-by-name' : 'class-ambiguous-by-name'
  cells.blame('drug_name', code)
  return { catalogueClass: 'C', preliminaryRatio: null }
}

function readProductCode(cells: Cells, decisions: Decisions): ItemDraft {
  const name = cells.required('drug_name')
  const { limits, note } = ruleLimits(cells.raw('rules'))
  return {
    ...NO_FACTS,
    itemCode: cells.formed('national_drug_code', /^[XZ][A-Z0-9ⅠⅡⅢ]{18,23}$/),
    kind: 'drug',
    from: decisions.validFrom,
    until: null,
    genericName: name,
    packUnit: '盒',
    ...classByName(name, cells, decisions),
    limits,
    source: 'NHSA rule libraries',
    note,
  }
}

/** A hospital system's product list; its prices are drawn at random and are left out. */
function readHospitalProduct(cells: Cells, decisions: Decisions): ItemDraft {
  const name = cells.required('drug_name')
  return {
    ...NO_FACTS,
    itemCode: `HIS-${cells.formed('id', /^\d{1,6}$/).padStart(6, '0')}`,
    kind: 'drug',
    from: decisions.validFrom,
    until: null,
    genericName: name,
    brandName: cells.optional('brand_name'),
    dosageForm: cells.optional('dosage_form'),
    spec: cells.optional('spec'),
    packUnit: cells.required('unit'),
    manufacturer: cells.optional('manufacturer'),
    ...classByName(name, cells, decisions),
    source: 'hospital system product list',
    note: cells.optional('drug_type'),
  }
}

export const PUBLIC_DRUGS: readonly Profile<'catalogue'>[] = [
  {
    name: 'nhsa-drug-list-2024',
    subject: 'catalogue',
    headers: ['id', 'part', 'drug_name', 'dosage_form', 'class', 'payment_standard'],
    read: readListEntry,
  },
  {
    name: 'nhsa-product-codes',
    subject: 'catalogue',
    partial: true,
    headers: ['national_drug_code', 'drug_name', 'rules'],
    read: readProductCode,
  },
  {
    name: 'hospital-products',
    subject: 'catalogue',
    partial: true,
    headers: ['id', 'drug_name', 'brand_name', 'spec', 'unit', 'drug_type', 'demo_price_yuan'],
    read: readHospitalProduct,
  },
]
