/** Layouts of institutions: our own, and public lists of names. */
import { createHash } from 'node:crypto'
import type { InstitutionDraft } from '../../../db/import/institutions.ts'
import { KINDS, TIERS } from '../../../db/seed/institutions.ts'
import type { Cells } from '../cells.ts'
import type { Decisions, Profile } from '../profile.ts'

const LEVELS = { '1': 1, '2': 2, '3': 3 } as const
const TIER_WORDS = { ...TIERS, jia: 'jia', yi: 'yi', bing: 'bing' } as const

function readOwn(cells: Cells): InstitutionDraft {
  if (cells.raw('kind') === '') cells.blame('kind', 'cell-missing')
  const from = cells.optionalDay('agreement_from')
  const until = cells.optionalEnd('agreement')
  if (until !== null && (from === null || until <= from)) {
    cells.blame('agreement_until', 'period-order')
  }
  return {
    code: cells.formed('code', /^[A-Z]\d{11}$/),
    name: cells.required('name'),
    kind: cells.choice('kind', KINDS) ?? '',
    level: cells.choice('level', LEVELS),
    tier: cells.choice('tier', TIER_WORDS),
    town: cells.required('town'),
    community: cells.yesNo('community'),
    inArea: cells.has('in_area') ? cells.yesNo('in_area') : true,
    phone: cells.has('phone') ? cells.raw('phone') || undefined : undefined,
    agreement: from === null ? null : { from, until },
  }
}

const GRADE = /^(一|二|三)级(甲|乙|丙)等$/
const GRADE_LEVELS: Readonly<Record<string, number>> = { 一: 1, 二: 2, 三: 3 }

/** `T`, the area and five digits that follow from the name: the same name, the same code. */
function provisionalCode(name: string, areaCode: string): string {
  const number = createHash('sha256').update(name).digest().readUInt32BE(0) % 100_000
  return `T${areaCode}${String(number).padStart(5, '0')}`
}

/** A list of names without codes, as registers of graded hospitals print them. */
function readNames(cells: Cells, { areaCode, provisionalCodes }: Decisions): InstitutionDraft {
  const name = cells.required('name')
  if (!provisionalCodes) cells.blame('name', 'institution-code-missing')
  const grade = cells.raw('grade')
  const [, level = '', tier = ''] = GRADE.exec(grade) ?? []
  if (grade !== '' && level === '') cells.blame('grade', 'cell-form')
  const area = cells.raw('area_guess')
  return {
    code: provisionalCode(name, areaCode),
    name,
    kind: /中医/.test(name) ? 'tcm-hospital' : 'hospital',
    level: GRADE_LEVELS[level] ?? null,
    tier: Object.hasOwn(TIERS, tier) ? TIERS[tier as keyof typeof TIERS] : null,
    town: area === '' ? '未知' : area,
    community: false,
    inArea: area.includes(areaCode),
    phone: undefined,
    agreement: null,
  }
}

export const INSTITUTIONS: readonly Profile<'institutions'>[] = [
  {
    name: 'own-institutions',
    subject: 'institutions',
    headers: ['code', 'name', 'kind', 'town'],
    read: readOwn,
  },
  {
    name: 'graded-hospital-names',
    subject: 'institutions',
    headers: ['name', 'grade', 'type', 'area_guess'],
    read: readNames,
  },
]
