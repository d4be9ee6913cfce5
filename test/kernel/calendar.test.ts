import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addDays,
  ageOn,
  benefitYear,
  benefitYearOf,
  day,
  dayOf,
  daysBetween,
  instant,
  instantText,
  localTimeText,
  parseDay,
  parseInstant,
  periodCovers,
  startOfDay,
} from '../../server/kernel/calendar.ts'
import { fixedClock, systemClock } from '../../server/kernel/clock.ts'

const at = (text: string) => {
  const parsed = parseInstant(text)
  if (parsed === null) throw new Error(`${text} is no instant`)
  return parsed
}
const anyDay = fc
  .integer({ min: 0, max: 80_000 })
  .map((offset) => addDays(day('1990-01-01'), offset))

describe('days', () => {
  it.each(['2025-03-01', '2024-02-29', '2000-02-29', '1992-01-01'])('%s is a day', (text) => {
    expect(parseDay(text)).toBe(text)
  })

  it.each([
    '2025-02-29',
    '2025-02-30',
    '1900-02-29',
    '2025-04-31',
    '2025-13-01',
    '2025-00-10',
    '2025-01-00',
    '2025-1-1',
    '20250101',
    '2025/01/01',
    ' 2025-01-01',
    '2025-01-01\n',
    '+02025-01-01',
    '2025-01-01T00:00:00Z',
    '２０２５-01-01',
    '',
  ])('%j is not a day', (text) => {
    expect(parseDay(text)).toBeNull()
    expect(() => day(text)).toThrow('broken:')
  })

  it('going on and counting back agree', () => {
    const steps = fc.integer({ min: -4_000, max: 4_000 })
    fc.assert(
      fc.property(anyDay, steps, (from, step) => {
        expect(daysBetween(from, addDays(from, step))).toBe(step)
        expect(addDays(from, step) > from).toBe(step > 0)
      }),
    )
  })

  it.each([
    ['2024-02-28', 1, '2024-02-29'],
    ['2025-02-28', 1, '2025-03-01'],
    ['2025-12-31', 1, '2026-01-01'],
    ['2026-01-01', -1, '2025-12-31'],
  ])('%s and %i days is %s', (from, days, result) => {
    expect(addDays(day(from), days)).toBe(result)
  })
})

describe('instants and the day on the wall clock in Shanghai', () => {
  it.each([
    ['2025-12-31T15:59:59.999Z', '2025-12-31', 2025],
    ['2025-12-31T16:00:00Z', '2026-01-01', 2026],
    ['2024-02-28T16:00:00Z', '2024-02-29', 2024],
    ['2025-06-30T23:59:59+08:00', '2025-06-30', 2025],
    ['2025-07-01T00:00:00+08:00', '2025-07-01', 2025],
  ])('%s is service day %s of benefit year %i', (text, serviceDay, year) => {
    expect(dayOf(at(text))).toBe(serviceDay)
    expect(benefitYearOf(dayOf(at(text)))).toBe(year)
  })

  it('a day begins on itself and the instant before belongs to the day before', () => {
    fc.assert(
      fc.property(anyDay, (each) => {
        expect(dayOf(startOfDay(each))).toBe(each)
        expect(dayOf(instant(startOfDay(each) - 1))).toBe(addDays(each, -1))
      }),
    )
  })

  it('an instant is read back from its text', () => {
    const moments = fc.integer({ min: 0, max: 4_102_444_800_000 }).map(instant)
    fc.assert(fc.property(moments, (moment) => parseInstant(instantText(moment)) === moment))
  })

  it.each([
    ['2025-01-01 08:00:00+08', '2025-01-01T00:00:00.000Z'],
    ['2025-01-01 00:00:00.123456+00', '2025-01-01T00:00:00.123Z'],
    ['2025-01-01T08:00:00+08:00', '2025-01-01T00:00:00.000Z'],
  ])('%s, as the database writes it, is %s', (text, iso) => {
    expect(instantText(at(text))).toBe(iso)
  })

  it.each([
    '2025',
    '1',
    '2025-01-01',
    '2025-01-01T00:00:00',
    '2025-02-30T00:00:00Z',
    '2025-01-01T25:00:00Z',
    '2025-01-01T00:60:00Z',
    '1 Mar 2025 00:00:00 GMT',
    '1740787200000',
    'now',
    '',
  ])('%j is not an instant', (text) => {
    expect(parseInstant(text)).toBeNull()
  })

  it.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('%d ms is no instant', (ms) => {
    expect(() => instant(ms)).toThrow('broken:')
  })

  it('receipts carry the time of the wall clock', () => {
    expect(localTimeText(at('2025-12-31T16:05:09Z'))).toBe('2026-01-01 00:05:09')
  })
})

describe('periods, years and ages', () => {
  const period = { from: day('2025-01-01'), until: day('2026-01-01') }
  it.each([
    ['2024-12-31', false],
    ['2025-01-01', true],
    ['2025-12-31', true],
    ['2026-01-01', false],
  ])('the period of the year 2025 covers %s: %s', (text, covered) => {
    expect(periodCovers(period, day(text))).toBe(covered)
  })

  it('a period without an end covers every later day', () => {
    expect(periodCovers({ from: day('2025-01-01'), until: null }, day('2199-12-31'))).toBe(true)
  })

  it('two periods that meet cover the day between them once', () => {
    fc.assert(
      fc.property(anyDay, anyDay, (meeting, each) => {
        const earlier = { from: day('1980-01-01'), until: meeting }
        const later = { from: meeting, until: null }
        expect(periodCovers(earlier, each)).toBe(!periodCovers(later, each))
      }),
    )
  })

  it.each([
    ['1965-03-01', '2025-02-28', 59],
    ['1965-03-01', '2025-03-01', 60],
    ['1960-02-29', '2025-02-28', 64],
    ['1960-02-29', '2025-03-01', 65],
    ['2025-03-01', '2025-03-01', 0],
  ])('born %s, on %s aged %i', (born, on, age) => {
    expect(ageOn(day(born), day(on))).toBe(age)
  })

  it.each([1989, 2200, 2025.5])('%d is no benefit year', (year) => {
    expect(() => benefitYear(year)).toThrow('broken:')
  })
})

describe('clocks', () => {
  it('a fixed clock stands still until it is moved', () => {
    const clock = fixedClock(at('2025-01-01T00:00:00Z'))
    expect(clock.now()).toBe(clock.now())
    clock.set(at('2026-01-01T00:00:00Z'))
    expect(instantText(clock.now())).toBe('2026-01-01T00:00:00.000Z')
  })

  it('the clock of the machine gives whole milliseconds of this century', () => {
    expect(dayOf(systemClock.now()) > '2025-01-01').toBe(true)
  })
})
