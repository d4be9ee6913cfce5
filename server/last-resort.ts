/**
 * What nobody foresaw ends the process: half a state is worth less than a restart, after which the
 * keys tell what happened. It is told by name and place only: a message may hold what was asked.
 */
import { placesOfError } from './kernel/places-of-error.ts'

/** From here on an error that nobody caught is told in a line, and the process ends with code 1. */
export function endOnUnforeseen(): void {
  process.on('uncaughtException', (error: unknown) => {
    const name = error instanceof Error ? error.name : typeof error
    process.stderr.write(`fatal: unforeseen ${name} ${placesOfError(error)}\n`)
    process.exit(1)
  })
}
