import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allocate, fen, sum } from '../../server/kernel/money.ts'

const fens = (...amounts: bigint[]) => amounts.map(fen)

describe('splitting an amount', () => {
  it.each([
    // whole, weights, parts: the odd fen goes to the largest remainder, the earlier on a tie
    [100, [1, 1, 1], [34, 33, 33]],
    [101, [1, 1, 1], [34, 34, 33]],
    [-100, [1, 1, 1], [-34, -33, -33]],
    [10, [1, 2, 4], [1, 3, 6]],
    [1, [1, 99], [0, 1]],
    [0, [1, 2], [0, 0]],
    [0, [0, 0], [0, 0]],
    [5, [0, 1], [0, 5]],
    [7, [3], [7]],
    [0, [], []],
  ])('%i fen over %j gives %j', (whole, weights, parts) => {
    expect(allocate(fen(BigInt(whole)), fens(...weights.map(BigInt)))).toEqual(parts.map(BigInt))
  })

  const wholes = fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n })
  const weightLists = fc
    .array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 30 })
    .filter((weights) => weights.some((weight) => weight > 0n))

  it('the parts make the whole', () => {
    fc.assert(
      fc.property(wholes, weightLists, (whole, weights) => {
        expect(sum(allocate(fen(whole), fens(...weights)))).toBe(whole)
      }),
    )
  })

  it('every part is within one fen of its exact share, and of its sign', () => {
    fc.assert(
      fc.property(wholes, weightLists, (whole, weights) => {
        const total = weights.reduce((a, b) => a + b, 0n)
        for (const [index, part] of allocate(fen(whole), fens(...weights)).entries()) {
          const off = part * total - whole * (weights[index] ?? 0n)
          expect(off < total && off > -total).toBe(true)
          expect(part === 0n || part > 0n === whole > 0n).toBe(true)
        }
      }),
    )
  })

  it('no weight, no part', () => {
    fc.assert(
      fc.property(wholes, weightLists, (whole, weights) => {
        const parts = allocate(fen(whole), fens(...weights))
        expect(parts.filter((part, index) => weights[index] === 0n && part !== 0n)).toEqual([])
      }),
    )
  })

  it('a larger weight never gets less', () => {
    const positive = fc.bigInt({ min: 0n, max: 10n ** 14n })
    fc.assert(
      fc.property(positive, weightLists, (whole, weights) => {
        const parts = allocate(fen(whole), fens(...weights))
        const pairs = weights.map((weight, index) => ({ weight, part: parts[index] ?? 0n }))
        pairs.sort((a, b) => (a.weight < b.weight ? -1 : a.weight > b.weight ? 1 : 0))
        for (const [index, { weight, part }] of pairs.entries()) {
          const before = pairs[index - 1]
          if (before !== undefined && before.weight < weight) {
            expect(before.part <= part).toBe(true)
          }
        }
      }),
    )
  })

  it('a return splits like its sale, with the signs turned', () => {
    fc.assert(
      fc.property(wholes, weightLists, (whole, weights) => {
        const there = allocate(fen(whole), fens(...weights))
        const back = allocate(fen(-whole), fens(...weights))
        expect(back.map((part, index) => part + (there[index] ?? 0n)).every((x) => x === 0n)).toBe(
          true,
        )
      }),
    )
  })

  it.each([
    ['a weight below zero', 1, [-1, 2], 'weights are not negative'],
    ['something split over nothing', 1, [0], 'nothing can only be split over nothing'],
    ['something split over nobody', 1, [], 'nothing can only be split over nothing'],
  ])('%s is our own mistake', (_, whole, weights, statement) => {
    expect(() => allocate(fen(BigInt(whole)), fens(...weights.map(BigInt)))).toThrow(statement)
  })
})
