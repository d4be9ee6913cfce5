import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../architecture/source-files.ts'
import { CHECKLIST } from './checklist.ts'
import type { Cover } from './cover.ts'

/** Why a named test cannot be what holds the row; null where it is there. */
function fault(cover: Cover): string | null {
  if (!('test' in cover)) return null
  const file = join(projectRoot, cover.test)
  if (!existsSync(file)) return `${cover.test} does not exist`
  const text = readFileSync(file, 'utf8')
  const quoted = ["'", '`', '"'].some((mark) => text.includes(`${mark}${cover.title}${mark}`))
  return quoted ? null : `${cover.test} has no test "${cover.title}"`
}

describe('the security checklist', () => {
  it('has every row from S1 to S80: held by a test or a command, or waiting', () => {
    const rows = Array.from({ length: 80 }, (_, index) => `S${index + 1}`)
    expect(Object.keys(CHECKLIST)).toEqual(rows)
    expect(rows.filter((row) => CHECKLIST[row]?.length === 0)).toEqual([])
  })

  it('names tests that are there', () => {
    const faults = Object.entries(CHECKLIST).flatMap(([row, covers]) =>
      covers.map(fault).flatMap((found) => (found === null ? [] : [`${row}: ${found}`])),
    )
    expect(faults).toEqual([])
  })

  it.each<[string, Cover, string]>([
    ['whose file is gone', { test: 'test/gone.test.ts', title: 'x' }, 'does not exist'],
    [
      'whose title was changed',
      { test: 'test/security/checklist.test.ts', title: ['names', 'tests that'].join(' ') },
      'has no test',
    ],
  ])('a planted test %s is found', (_, cover, expected) => {
    expect(fault(cover)).toContain(expected)
  })
})
