/** The layout of towns and streets as the statistics number them. */
import type { TownDraft } from '../../../db/import/reference.ts'
import type { Cells } from '../cells.ts'
import type { Decisions, Profile } from '../profile.ts'

/** By the digits after the county: 0 a street, 1 a town, 2 and 3 a township, 4 and up a zone. */
const KIND_OF_DIGIT = ['street', 'town', 'township', 'township'] as const

/** Whether a county is the area, or lies in it where the area is a whole city. */
const inArea = (countyCode: string, areaCode: string): boolean =>
  countyCode === areaCode ||
  (areaCode.endsWith('00') && countyCode.startsWith(areaCode.slice(0, 4)))

/** Lists cover a province: a row of another county holds nothing to import. */
function readTown(cells: Cells, { areaCode, validFrom }: Decisions): TownDraft | null {
  const townCode = cells.formed('street_code', /^\d{9}$/)
  const countyCode = cells.formed('county_code', /^\d{6}$/)
  if (!townCode.startsWith(countyCode)) cells.blame('county_code', 'county-differs')
  if (!inArea(countyCode, areaCode)) return null
  return {
    townCode,
    name: cells.formed('street_name', /^.{1,100}$/),
    kind: KIND_OF_DIGIT[Number.parseInt(townCode.charAt(6), 10)] ?? 'zone',
    countyCode,
    countyName: cells.required('county_name'),
    cityName: cells.required('city_name'),
    from: validFrom,
    until: null,
  }
}

export const TOWNS: readonly Profile<'towns'>[] = [
  {
    name: 'statistical-towns',
    subject: 'towns',
    headers: ['street_code', 'street_name', 'county_code', 'county_name', 'city_name'],
    read: readTown,
  },
]
