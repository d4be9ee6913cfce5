/** What a database error means. Messages of the driver hold queries and values: never sent on. */

/** The connection failed or the server is going down: the outcome of the call is unknown. */
export class DatabaseUnavailableError extends Error {
  override readonly name = 'DatabaseUnavailableError'
  constructor() {
    super('the database cannot be reached')
  }
}

/**
 * A constraint of the books refused a posting, although the verdicts had foreseen nothing; or a
 * value of it fits no column (SQLSTATE class 22), and then its code stands for the constraint.
 */
export class ConstraintError extends Error {
  override readonly name = 'ConstraintError'
  readonly constraint: string
  constructor(constraint: string) {
    super(`constraint ${constraint} refused the posting`)
    this.constraint = constraint
  }
}

/** A lock was not to be had in time: somebody else works on the same rows. */
export class LockTimeoutError extends Error {
  override readonly name = 'LockTimeoutError'
  constructor() {
    super('a lock was not to be had in time')
  }
}

/** The reads that decisions rest on take too long: nothing was done, and nothing is under way. */
export class ReadsBusyError extends Error {
  override readonly name = 'ReadsBusyError'
  constructor() {
    super('what a decision rests on was not to be read in time')
  }
}

/** SQLSTATE or driver code of an error, looked for along the chain of causes. */
export function errorCode(error: unknown): string | null {
  let current: unknown = error
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth += 1) {
    const { code } = current as { code?: unknown }
    if (typeof code === 'string') return code
    current = (current as { cause?: unknown }).cause
  }
  return null
}

const CONNECTION_CODES = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'CONNECTION_CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOTFOUND',
  'ETIMEDOUT',
])

/**
 * Connection lost, server shutting down or starting (57P0x), out of room, or out of time (57014).
 */
export function isUnavailable(error: unknown): boolean {
  const code = errorCode(error)
  if (code === null) return false
  return CONNECTION_CODES.has(code) || /^(08|57P0|57014|53)/.test(code)
}

/**
 * A table, a column, a function or a right that the work needs is not there: the installation was
 * changed under a running server. Nothing was done, and nothing is allowed in its place.
 */
export function isUnfit(error: unknown): boolean {
  return /^42(P01|703|883|501)$/.test(errorCode(error) ?? '')
}

/** Classifies what the driver threw; anything we do not know stays as it is. */
export function classified(error: unknown): unknown {
  if (isUnavailable(error)) return new DatabaseUnavailableError()
  const code = errorCode(error)
  if (code === '55P03' || code === '40P01') return new LockTimeoutError()
  if (code !== null && /^2[23]/.test(code)) {
    const { constraint_name: name } = error as { constraint_name?: unknown }
    return new ConstraintError(typeof name === 'string' ? name : code)
  }
  return error
}
