/**
 * What nobody foresaw ends the process: half a state is worth less than a restart, after which the
 * keys tell what happened. It is told by name and place only: a message may hold what was asked.
 */

/** From here on an error that nobody caught is told in a line, and the process ends with code 1. */
export function endOnUnforeseen(): void {
  process.on('uncaughtException', (error: unknown) => {
    const name = error instanceof Error ? error.name : typeof error
    process.stderr.write(`fatal: unforeseen ${name} ${placeOf(error)}\n`)
    process.exit(1)
  })
}

/** The innermost places of the stack, without the message above them. */
function placeOf(error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const places = stack.split('\n').filter((line) => /^\s+at /.test(line))
  return places.slice(0, 5).join(' ').replace(/\s+/g, ' ')
}
