/**
 * 专科医院 and 社区卫生服务站 are kinds of their own, and no row of a policy treats them otherwise than
 * before: a specialist hospital by its level, a station as the community institution that it is.
 */
import { describe, expect, it } from 'vitest'
import { AT, adjudicateDemo, claim, line, payersOf, WHO, type Who } from './claims.ts'

const days = ['2006-06-01', '2010-06-01', '2018-06-01', '2021-06-01', '2023-06-15', '2025-08-01']
const people = Object.keys(WHO) as Who[]
const LEVELS = [1, 2, 3, null] as const

describe.each(days)('on %s', (on) => {
  it.each(people)('%s at a specialist hospital pays as at any hospital of its level', (who) => {
    for (const level of LEVELS) {
      const at = (kind: 'hospital' | 'specialist-hospital') => {
        const institution = { ...AT.other, kind, level }
        return adjudicateDemo(
          claim({ on, institution, lines: [line({ price: '2000' })] }),
          WHO[who],
        )
      }
      expect(payersOf(at('specialist-hospital'))).toEqual(payersOf(at('hospital')))
    }
  })

  it.each(people)('%s at a station pays as at a community centre', (who) => {
    const at = (kind: 'community-centre' | 'community-station') => {
      const institution = { ...AT.community, kind }
      return adjudicateDemo(claim({ on, institution, lines: [line({ price: '2000' })] }), WHO[who])
    }
    expect(payersOf(at('community-station'))).toEqual(payersOf(at('community-centre')))
  })
})
