/** Layouts of diagnoses: our own, the public ICD-10 extension, categories, chronic diseases. */
import type { DiagnosisDraft } from '../../../db/import/reference.ts'
import type { Cells } from '../cells.ts'
import type { Decisions, Profile } from '../profile.ts'

const KINDS = {
  disease: 'disease',
  category: 'category',
  chronic: 'chronic',
  疾病: 'disease',
  类目: 'category',
  门诊慢特病: 'chronic',
} as const

const NAME = /^.{1,200}$/

function readOwn(cells: Cells): DiagnosisDraft {
  const from = cells.day('valid_from')
  const until = cells.optionalEnd('valid')
  if (until !== null && until <= from) cells.blame('valid_until', 'period-order')
  return {
    edition: cells.formed('edition', /^.{1,100}$/),
    code: cells.formed('code', /^[A-Z][A-Z0-9.x]{1,19}$/),
    kind: cells.choice('kind', KINDS) ?? 'disease',
    name: cells.formed('name', NAME),
    note: cells.optional('note'),
    from,
    until,
  }
}

const joined = (...parts: readonly string[]): string | null =>
  parts.filter((part) => part !== '').join('; ') || null

/** Six characters and their extensions; the dagger of a cause stands in the note. */
const readExtension = (cells: Cells, { validFrom }: Decisions): DiagnosisDraft => ({
  edition: 'ICD-10 GB extended',
  code: cells.formed('icd_code', /^[A-Z]\d{2}\.[0-9A-Z]\d{1,3}$/),
  kind: 'disease',
  name: cells.formed('name', NAME),
  note: joined(cells.raw('dagger_asterisk'), cells.raw('disease_group')),
  from: validFrom,
  until: null,
})

const CATEGORY_EDITIONS = {
  西医诊断: 'ICD-10 categories',
  肿瘤诊断: 'tumour morphology categories',
  中医诊断: 'TCM disease categories',
  中医证候: 'TCM syndrome categories',
} as const

function readCategory(cells: Cells, { validFrom }: Decisions): DiagnosisDraft {
  if (cells.raw('category_type') === '') cells.blame('category_type', 'cell-missing')
  return {
    edition: cells.choice('category_type', CATEGORY_EDITIONS) ?? '',
    code: cells.formed('category_code', /^[A-Z][A-Z0-9]{1,3}(\.\d\d){0,2}\.?$/).replace(/\.$/, ''),
    kind: 'category',
    name: cells.formed('category_name', NAME),
    note: cells.optional('merged_name'),
    from: validFrom,
    until: null,
  }
}

/** Cities number their lists alike and name the entries differently: one list at a time. */
const readChronic = (cells: Cells, { validFrom }: Decisions): DiagnosisDraft => ({
  edition: 'outpatient chronic diseases',
  code: cells.formed('code', /^M\d{5}$/),
  kind: 'chronic',
  name: cells.formed('name', NAME),
  note: cells.optional('source_area'),
  from: validFrom,
  until: null,
})

export const DIAGNOSES: readonly Profile<'diagnoses'>[] = [
  {
    name: 'own-diagnoses',
    subject: 'diagnoses',
    headers: ['edition', 'code', 'name', 'valid_from'],
    read: readOwn,
  },
  {
    name: 'icd-10-extension',
    subject: 'diagnoses',
    headers: ['icd_code', 'name', 'dagger_asterisk', 'disease_group'],
    read: readExtension,
  },
  {
    name: 'disease-categories',
    subject: 'diagnoses',
    headers: ['category_type', 'category_code', 'category_name'],
    read: readCategory,
  },
  {
    name: 'chronic-disease-codes',
    subject: 'diagnoses',
    headers: ['code', 'name', 'source_area'],
    read: readChronic,
  },
]
