/** The contract as the running code has it, in the form in which one is frozen. */
import { OPERATIONS } from '../../server/app.ts'
import { REFUSAL_CODES } from '../../server/kernel/refusal.ts'
import { openApiDocument } from '../../server/rest/openapi.ts'
import type { Frozen } from './contract-breaches.ts'

type Media = { readonly content?: Readonly<Record<string, { readonly schema: object }>> }
type Entry = {
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: object }[]
  readonly requestBody?: Media
  readonly responses: Readonly<Record<string, Media>>
}
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Entry>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

/** What a schema says to readers, not to machines; it may change. */
const WORDS = new Set(['description', 'example', 'examples', 'title', 'id'])

export function contractToday(): Frozen {
  const document = openApiDocument(OPERATIONS, '') as unknown as Document
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, entry]) => [
      `${method.toUpperCase()} ${path}`,
      partsOf(entry),
    ]),
  )
  const whole = {
    operations: Object.fromEntries(operations),
    components: document.components.schemas,
    refusals: [...REFUSAL_CODES].sort(),
  }
  return withoutWords(whole) as Frozen
}

function partsOf({ parameters, requestBody, responses }: Entry): object {
  const success = responses['200'] ?? responses['201']
  const body = requestBody?.content?.['application/json']?.schema
  const named = (place: string) => parameters.filter((one) => one.in === place)
  const asSchema = (place: string) => ({
    type: 'object',
    properties: Object.fromEntries(named(place).map(({ name, schema }) => [name, schema])),
    required: named(place).flatMap(({ name, required }) => (required ? [name] : [])),
  })
  return {
    path: asSchema('path'),
    query: asSchema('query'),
    header: asSchema('header'),
    ...(body === undefined ? {} : { body }),
    answer: success?.content?.['application/json']?.schema,
    problem: responses['400']?.content?.['application/problem+json']?.schema,
  }
}

/** Names of properties stand one level below `properties`, where every word is a name. */
function withoutWords(value: unknown, areNames = false): unknown {
  if (Array.isArray(value)) return value.map((inner) => withoutWords(inner))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value)
    .filter(([name, inner]) => areNames || !WORDS.has(name) || typeof inner === 'object')
    .map(([name, inner]) => [name, withoutWords(inner, !areNames && name === 'properties')])
  return Object.fromEntries(kept)
}
