/** Our own layout of persons. No public list of persons exists, and none should. */
import type { CoverageDraft, PersonDraft } from '../../../db/import/persons.ts'
import type { Cells } from '../cells.ts'
import { readIdNumber } from '../id-number.ts'
import type { Decisions, Profile } from '../profile.ts'

const SEXES = { M: 'M', F: 'F', 男: 'M', 女: 'F' } as const
const SCHEMES = { employee: 'employee', rural: 'rural', 职工: 'employee', 居民: 'rural' } as const
const CATEGORIES = {
  active: 'employee',
  retired: 'employee',
  'resident-adult': 'rural',
  student: 'rural',
  infant: 'rural',
} as const
const STATUSES = {
  'in-force': 'in-force',
  arrears: 'arrears',
  waiting: 'waiting',
  suspended: 'suspended',
} as const
const ASSISTANCE = {
  destitute: 'destitute',
  'subsistence-allowance': 'subsistence-allowance',
  'low-income-margin': 'low-income-margin',
} as const
const TIERS = { A: 'A', B: 'B' } as const
/** Dots that systems write between the parts of a minority name, all meaning the same. */
const DOTS = /[•‧∙・･．]/g
const NAME_LENGTH_MAX = 100

function readPerson(cells: Cells, decisions: Decisions): PersonDraft {
  const identity = readIdentity(cells, decisions)
  const name = cells.required('name').normalize('NFC').replace(DOTS, '·')
  if ([...name].length > NAME_LENGTH_MAX) cells.blame('name', 'cell-too-long')
  const householdNumber = cells.optional('household_number')
  const town = cells.optional('town')
  if (householdNumber !== null && town === null) cells.blame('town', 'cell-missing')
  const phone = cells.raw('phone') === '' ? null : cells.formed('phone', /^[\d+][\d -]{4,19}$/)
  return {
    ...identity,
    name,
    phone,
    address: cells.optional('address'),
    householdNumber,
    town,
    coverage: readCoverage(cells),
    card: readCard(cells, identity.birthDay),
  }
}

function readIdentity(
  cells: Cells,
  { today }: Decisions,
): Pick<PersonDraft, 'idNumber' | 'sex' | 'birthDay'> {
  const idNumber = cells.required('id_number').toUpperCase()
  const sex = cells.choice('sex', SEXES)
  const birthDay = cells.optionalDay('birth_day')
  const read = readIdNumber(idNumber)
  if (!read.ok) {
    if (idNumber !== '') cells.blame('id_number', read.code)
    return { idNumber, sex: sex ?? '', birthDay: birthDay ?? '' }
  }
  if (sex !== null && sex !== read.sex) cells.blame('sex', 'id-number-sex')
  if (birthDay !== null && birthDay !== read.birthDay) {
    cells.blame('birth_day', 'id-number-birth-day')
  }
  if (read.birthDay > today) cells.blame('id_number', 'day-in-future')
  return { idNumber, sex: read.sex, birthDay: read.birthDay }
}

function readCoverage(cells: Cells): CoverageDraft | null {
  const scheme = cells.choice('scheme', SCHEMES)
  if (cells.raw('scheme') === '') {
    if (cells.raw('coverage_from') !== '') cells.blame('scheme', 'cell-missing')
    return null
  }
  const category = cells.required('category')
  const schemeOf = cells.choice('category', CATEGORIES)
  if (scheme !== null && schemeOf !== null && schemeOf !== scheme) {
    cells.blame('category', 'category-not-for-scheme')
  }
  const tier = cells.choice('tier', TIERS)
  if ((category === 'resident-adult') !== (cells.raw('tier') !== '')) {
    cells.blame('tier', 'tier-not-for-category')
  }
  const from = cells.day('coverage_from')
  const until = cells.optionalEnd('coverage')
  if (until !== null && until <= from) cells.blame('coverage_until', 'period-order')
  return {
    scheme: scheme ?? '',
    category,
    tier,
    civilServant: cells.yesNo('civil_servant'),
    assistance: cells.choice('assistance', ASSISTANCE),
    status: cells.choice('coverage_status', STATUSES) ?? 'in-force',
    from,
    until,
  }
}

/** Area cards of 18 digits that begin with 7, so that no ID number can be taken for one. */
function readCard(cells: Cells, birthDay: string): PersonDraft['card'] {
  if (cells.raw('card_number') === '') return null
  const number = cells.formed('card_number', /^7\d{17}$/)
  const issuedOn = cells.day('card_issued_on')
  if (issuedOn !== '' && issuedOn < birthDay) cells.blame('card_issued_on', 'period-order')
  return { number, issuedOn }
}

export const PERSONS: readonly Profile<'persons'>[] = [
  {
    name: 'own-persons',
    subject: 'persons',
    headers: ['id_number', 'name'],
    read: readPerson,
  },
]
