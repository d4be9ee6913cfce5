import { type Refusal, refusal } from '../kernel/refusal.ts'

/** A line's number is how answer, document and return name it: no two may bear the same. */
export function repeatedLineNumber(lines: readonly { readonly lineNo: number }[]): Refusal | null {
  const seen = new Set<number>()
  for (const { lineNo } of lines) {
    if (seen.has(lineNo)) return refusal('line-number-repeated', { line: String(lineNo) })
    seen.add(lineNo)
  }
  return null
}
