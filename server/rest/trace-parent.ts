/** The W3C header `traceparent`: under which trace, and below which span of it, a sender asks. */

export type TraceParent = {
  /** 32 and 16 hex digits, never all zero. */
  readonly traceId: string
  readonly spanId: string
  readonly sampled: boolean
}

const FORM = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/

/** What the header says, or null where it is absent or has not exactly its form. */
export function parseTraceParent(header: string | undefined): TraceParent | null {
  const [, traceId, spanId, flags = '0'] = FORM.exec(header ?? '') ?? []
  if (traceId === undefined || spanId === undefined) return null
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}
