/**
 * One operation of the API: its address, its schemas, its documentation and the action it calls.
 * The same zod schemas check the request and make the OpenAPI document.
 */
import { z } from 'zod'
import { fieldRefused } from '../contract/field-words.ts'
import { done, type Outcome, refused } from '../kernel/outcome.ts'
import { type RefusalCode, refusal } from '../kernel/refusal.ts'
import type { Actions, Caller, WriteAnswer, WriteKey } from './actions.ts'
import { withoutLaterFields } from './later-fields.ts'

/** What arrived, before any schema: body as parsed JSON, the others as text. */
export type Inputs = {
  readonly body: unknown
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  /** The sender speaks a later contract: fields of its body not known here are left out. */
  readonly isLater: boolean
}

type Documentation = {
  readonly method: 'get' | 'post'
  /** With parameters in braces, e.g. `/v1/outcomes/{key}`. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description: string
  readonly answer: z.ZodType
  /** Refusals of this operation beyond those that every request may meet. */
  readonly refusals: readonly RefusalCode[]
}
type Schemas<B, P, Q> = {
  readonly body?: z.ZodType<B>
  readonly params?: z.ZodType<P>
  readonly query?: z.ZodType<Q>
}
type Spec<B, P, Q> = Documentation & Schemas<B, P, Q>
type Given<B, P, Q> = {
  readonly caller: Caller
  readonly body: B
  readonly params: P
  readonly query: Q
}

/** What is left to do once the inputs fit their schemas. */
type Act = (
  actions: Actions,
  caller: Caller,
  write: WriteKey | null,
) => Promise<Outcome<unknown> | WriteAnswer>
export type Operation = Documentation & {
  readonly kind: 'read' | 'write'
  readonly schemas: Schemas<unknown, unknown, unknown>
  prepare(inputs: Inputs): Outcome<Act>
}

/**
 * An operation that changes nothing; reads by POST exist because a card number never stands in a
 * URL.
 */
export function readOperation<B, P, Q>(
  spec: Spec<B, P, Q> & {
    act(actions: Actions, given: Given<B, P, Q>): Promise<Outcome<unknown>>
  },
): Operation {
  return {
    ...spec,
    kind: 'read',
    schemas: spec,
    prepare: (inputs) =>
      prepared(spec, 'read', inputs, (parsed) => (actions, caller) => {
        const { body, params, query } = parsed
        return spec.act(actions, { body, params, query, caller })
      }),
  }
}

/** An operation that moves something, under an idempotency key. */
export function writeOperation<B, P, Q>(
  spec: Spec<B, P, Q> & {
    act(actions: Actions, given: Given<B, P, Q> & { write: WriteKey }): Promise<WriteAnswer>
  },
): Operation {
  return {
    ...spec,
    kind: 'write',
    schemas: spec,
    prepare: (inputs) =>
      prepared(
        spec,
        'write',
        inputs,
        (parsed) => async (actions, caller, write) =>
          write === null
            ? { kind: 'refused', refusal: refusal('key-missing') }
            : spec.act(actions, {
                body: parsed.body,
                params: parsed.params,
                query: parsed.query,
                caller,
                write,
              }),
      ),
  }
}

const NOTHING = z.strictObject({})

function prepared<B, P, Q>(
  schemas: Schemas<B, P, Q>,
  kind: Operation['kind'],
  inputs: Inputs,
  actOn: (parsed: { body: B; params: P; query: Q }) => Act,
): Outcome<Act> {
  const params = parsedBy(schemas.params, inputs.params, kind, '')
  if (!params.ok) return params
  const query = parsedBy(schemas.query, inputs.query, kind, '')
  if (!query.ok) return query
  const body = schemas.body
    ? parsedBy(schemas.body, bodyKnownHere(schemas.body, inputs), kind, 'body')
    : done(undefined as B)
  if (!body.ok) return body
  return done(actOn({ params: params.value, query: query.value, body: body.value }))
}

/** An unknown field of a sender who is not later than we are is a fault, and refused as one. */
const bodyKnownHere = (schema: z.ZodType, { body, isLater }: Inputs): unknown =>
  isLater ? withoutLaterFields(schema, body) : body

/** Where no schema is given, nothing may be given: an unknown query word is refused too. */
function parsedBy<T>(
  schema: z.ZodType<T> | undefined,
  input: unknown,
  kind: Operation['kind'],
  whole: string,
): Outcome<T> {
  const result = (schema ?? (NOTHING as unknown as z.ZodType<T>)).safeParse(input)
  if (result.success) return done(result.data)
  const [issue] = result.error.issues
  return refused(fieldRefused(fieldOf(issue, whole), kind, input))
}

/** The place of the first fault, e.g. `lines.0.amount`; values are never repeated. */
function fieldOf(issue: z.core.$ZodIssue | undefined, whole: string): string {
  const steps = issue?.path.map(String) ?? []
  if (issue?.code === 'unrecognized_keys') steps.push(issue.keys[0] ?? '')
  const words = steps.map((step) => (/^\w{1,40}$/.test(step) ? step : '?'))
  return words.join('.') || whole || '?'
}
