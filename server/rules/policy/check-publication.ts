/** Whether a document may follow those in force, before it is published. Pure. */
import type { Period } from '../../kernel/calendar.ts'
import { type PolicyBook, policyBook } from './book.ts'
import type { Checked, PolicyFault } from './faults.ts'
import type { ParsedDocument } from './parse-document.ts'

/**
 * The book as it would stand: without gap or overlap, of one area, and with a policy on every day
 * that has one now. A day may come to another figure, for that is what a correction is for.
 *
 * @param inForce the newest document of each policy, the one to be replaced among them.
 */
export function checkPublication(
  inForce: readonly ParsedDocument[],
  next: ParsedDocument,
): Checked<PolicyBook> {
  const others = inForce.filter(({ policy }) => policy !== next.policy)
  const after = policyBook([...others, next])
  const before = policyBook(inForce)
  if (!after.ok || !before.ok) return after
  const faults = [...before.value.byKind].flatMap(([kind, versions]) => {
    const lost = lostDays(spanOf(versions), spanOf(after.value.byKind.get(kind) ?? []))
    return lost === null ? [] : [lostFault(next, kind, lost)]
  })
  return faults.length > 0 ? { ok: false, faults } : after
}

/** From the first day of the first version to the end of the last; null where there is none. */
function spanOf(versions: readonly { readonly period: Period }[]): Period | null {
  const first = versions[0]?.period
  const last = versions.at(-1)?.period
  return first === undefined || last === undefined ? null : { from: first.from, until: last.until }
}

/** In words, which days of the span before lie outside the span after; null where none do. */
function lostDays(before: Period | null, after: Period | null): string | null {
  if (before === null) return null
  if (after === null) return 'any day'
  if (after.from > before.from) return `days from ${before.from} to ${after.from}`
  const endsEarlier = after.until !== null && (before.until === null || after.until < before.until)
  return endsEarlier ? `days from ${after.until} on` : null
}

const lostFault = ({ file }: ParsedDocument, kind: string, lost: string): PolicyFault => ({
  file,
  line: 1,
  path: 'versions',
  what: `no policy any more for ${kind} on ${lost}`,
  remedy: 'keep the versions of every day that has a policy now',
})
