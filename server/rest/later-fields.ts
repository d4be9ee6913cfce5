/**
 * A body of a sender with a later contract: fields that are not known here are left out. What a
 * contract gains within its major version never changes who pays what, so nothing is lost by it.
 */
import type { z } from 'zod'

/** The input without what the schema calls unknown; everything else of it stays as it came. */
export function withoutLaterFields(schema: z.ZodType, input: unknown): unknown {
  const result = schema.safeParse(input)
  if (result.success) return input
  const unknown = result.error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => JSON.stringify([...issue.path, key]))
      : [],
  )
  return unknown.length === 0 ? input : copyWithout(input, new Set(unknown), [])
}

function copyWithout(value: unknown, places: ReadonlySet<string>, at: PropertyKey[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    return value.map((inner, index) => copyWithout(inner, places, [...at, index]))
  }
  const kept = Object.entries(value)
    .filter(([name]) => !places.has(JSON.stringify([...at, name])))
    .map(([name, inner]) => [name, copyWithout(inner, places, [...at, name])])
  return Object.fromEntries(kept)
}
