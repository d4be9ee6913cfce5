const PLACE = /^ {4}at (?:[\w.<>[\] ]+ \()?(?:file:\/\/|node:|\/)[^()\s]+:\d+:\d+\)?$/
const PLACES_MAX = 5

/**
 * The innermost places of an error's stack, in one line; empty where nothing was thrown that has
 * any. Never its message, which may hold what was asked: a message may have lines of its own, so
 * only what has the form of a place in the code is taken.
 */
export function placesOfError(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const places = (error.stack ?? '').split('\n').filter((line) => PLACE.test(line))
  return places.slice(0, PLACES_MAX).join(' ').replace(/\s+/g, ' ')
}
