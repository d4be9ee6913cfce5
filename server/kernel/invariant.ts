/** Our own mistake: a state that correct code cannot reach. It stops the request and is logged. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/**
 * States what must hold; a breach is our own mistake and throws. Never used for what a client may
 * get wrong (that is a refusal, a value).
 */
export function invariant(condition: unknown, statement: string): asserts condition {
  if (!condition) throw new InvariantError(`broken: ${statement}`)
}

/** Marks a branch that the compiler proves unreachable. */
export function unreachable(value: never): never {
  throw new InvariantError(`broken: unexpected value ${JSON.stringify(value)}`)
}
