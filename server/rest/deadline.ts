/** Time limit of a request; it is longer than any limit inside it (reliability notes 6.3). */

export const REQUEST_DEADLINE_MS = 8_000
export const PASSED = Symbol('the deadline passed')

/**
 * The result of the work, or `PASSED`. The work itself goes on: a commit under way must not be cut
 * short. Should it fail after the deadline, `onLate` hears of it.
 */
export function withinDeadline<T>(
  work: Promise<T>,
  limitMs: number,
  onLate: (error: unknown) => void,
): Promise<T | typeof PASSED> {
  return new Promise((resolve, reject) => {
    let passed = false
    const timer = setTimeout(() => {
      passed = true
      resolve(PASSED)
    }, limitMs)
    work.then(
      (result) => {
        clearTimeout(timer)
        resolve(result)
      },
      (error: unknown) => {
        clearTimeout(timer)
        if (passed) onLate(error)
        else reject(error)
      },
    )
  })
}
