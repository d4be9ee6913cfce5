import { describe, expect, it } from 'vitest'
import { DAMAGES, type Damage, FAILURES, type Failing, faultyDisk } from './faulty-disk.ts'
import { type Harm, harmAfter, moodyCentre, NO_HARM, sellOn } from './living-till.ts'
import {
  cutAgain,
  cutEverywhere,
  GOOD,
  openCentre,
  restartAndCheck,
  sell,
  stepsOf,
} from './power-cuts.ts'

describe('a power cut at every write, flush and rename', () => {
  it('there are enough places to cut', async () => {
    expect(await stepsOf()).toBeGreaterThan(25)
  })

  it.each(DAMAGES)(
    'loses no sale and doubles none where unflushed bytes are %s',
    async (damage) => {
      for (const found of await cutEverywhere(damage, null)) expect(found).toEqual(GOOD)
    },
  )

  it.each(DAMAGES)('a second cut during recovery does no more harm (%s)', async (damage) => {
    const steps = await stepsOf()
    for (let cutAt = 4; cutAt <= steps; cutAt += 3) {
      for (let again = 1; again <= 8; again += 1) {
        const centre = openCentre()
        const first = faultyDisk(cutAt)
        const stored = await sell(first, centre)
        const left = first.afterCut(damage)
        const second = await cutAgain(left, again, centre)
        expect(await restartAndCheck(second.afterCut(damage), centre, stored)).toEqual(GOOD)
      }
    }
  })

  it('is caught when the file is not flushed (negative control)', async () => {
    const findings = await cutEverywhere('dropped', 'file')
    expect(findings.some(({ lost, doubled }) => lost > 0 || doubled > 0)).toBe(true)
  })

  it('is caught when the folder is not flushed (negative control)', async () => {
    const findings = await cutEverywhere('dropped', 'folder')
    expect(findings.some(({ lost, doubled }) => lost > 0 || doubled > 0)).toBe(true)
  })
})

describe('a till that lives on while its disk fails', () => {
  const stepsOfDay = async (): Promise<number> => {
    const disk = faultyDisk()
    await sellOn(disk, moodyCentre())
    return disk.count
  }
  const harm = async (failing: Failing, cutAt: number, damage: Damage): Promise<Harm> => {
    const centre = moodyCentre()
    const disk = faultyDisk(cutAt, null, new Map(), failing)
    const told = await sellOn(disk, centre)
    return harmAfter(disk, damage, centre, told)
  }
  const NO_CUT = Number.POSITIVE_INFINITY

  it('sells, gives up and is refused, each with its record', async () => {
    const centre = moodyCentre()
    const told = await sellOn(faultyDisk(), centre)
    expect([...told.said.values()]).toEqual([
      'answered',
      'withdrawn',
      'answered',
      'refused',
      'answered',
    ])
    expect(await stepsOfDay()).toBeGreaterThan(25)
  })

  const rows = FAILURES.flatMap((how) => [1, 3, 8, 1000].map((count) => [count, how] as const))
  it.each(rows)(
    'never says "nothing was sent" of what is sent: %i failures in a row, each %s',
    async (count, how) => {
      const steps = await stepsOfDay()
      for (let from = 1; from <= steps; from += 1) {
        for (const damage of ['kept', 'dropped'] as const) {
          const found = await harm({ from, count, how }, NO_CUT, damage)
          expect({ from, damage, ...found }).toEqual({ from, damage, ...NO_HARM })
        }
      }
    },
  )

  it.each(DAMAGES)('nor when the power goes at any moment (%s)', async (damage) => {
    const steps = await stepsOfDay()
    for (let cutAt = 1; cutAt <= steps + 1; cutAt += 1) {
      const found = await harm({ from: 0, count: 0, how: 'undone' }, cutAt, damage)
      expect({ cutAt, ...found }).toEqual({ cutAt, ...NO_HARM })
    }
  })

  it.each(rows.filter(([count]) => count < 8))(
    'nor when the power goes soon after %i failures, each %s',
    async (count, how) => {
      const steps = await stepsOfDay()
      for (let from = 1; from <= steps; from += 1) {
        for (const later of [0, 1, 2, 4]) {
          const found = await harm({ from, count, how }, from + count + later, 'kept')
          expect({ from, later, ...found }).toEqual({ from, later, ...NO_HARM })
        }
      }
    },
  )
})
