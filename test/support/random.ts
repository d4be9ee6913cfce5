/** Chance that repeats: the same seed gives the same schedule of requests, faults and mutations. */

export type Random = {
  /** A whole number from 0 to `bound` − 1. */
  below(bound: number): number
  chance(share: number): boolean
  pick<T>(list: readonly T[]): T
  bytes(length: number): Buffer
  /** Chance of its own for a part, so that one part's pace does not shift another's. */
  fork(part: number): Random
}

/** mulberry32 (Tommy Ettinger, public domain): small, quick, and good enough for these. */
export function openRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (bound: number): number => Math.floor(next() * bound)
  return {
    below,
    chance: (share) => next() < share,
    pick<T>(list: readonly T[]): T {
      if (list.length === 0) throw new Error('nothing to pick from')
      return list[below(list.length)] as T
    },
    bytes: (length) => Buffer.from(Array.from({ length }, () => below(256))),
    fork: (part) => openRandom(Math.imul(seed ^ 0x9e3779b9, 2 * part + 1)),
  }
}
