/** What of a contract the next one of the same major version breaks (server/contract/README.md). */
type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
type Schema = { readonly [keyword: string]: Json }
export type Frozen = {
  readonly operations: { readonly [name: string]: { readonly [part: string]: Schema } }
  readonly components: { readonly [name: string]: Schema }
  readonly refusals: readonly string[]
}

/** Told by a new centre, read by an old till; or told by an old till, read by a new centre. */
type Sides = { readonly told: Frozen; readonly read: Frozen; readonly isRequest: boolean }
/** Lists of values that readers take as open. */
const OPEN_VALUES = new Set(['Problem.code'])
const UPPER = ['maxLength', 'maxItems', 'maximum', 'exclusiveMaximum']
const LOWER = ['minLength', 'minItems', 'minimum', 'exclusiveMinimum']
const SAME = ['pattern', 'format', 'multipleOf', 'propertyNames']

export function breaches(old: Frozen, now: Frozen): string[] {
  const found = old.refusals.filter((code) => !now.refusals.includes(code)).map((c) => `${c} gone`)
  for (const [name, parts] of Object.entries(old.operations)) {
    const parts_ = now.operations[name]
    if (parts_ === undefined) found.push(`${name} gone`)
    else found.push(...ofOperation(name, parts, parts_, old, now))
  }
  return [...new Set(found)]
}

type Parts = { readonly [part: string]: Schema }
function ofOperation(name: string, was: Parts, is: Parts, old: Frozen, now: Frozen): string[] {
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((part) => {
    const [before, after] = [was[part], is[part]]
    const place = `${name} ${part}`
    if (before === undefined) return requiredOf(after ?? {}).map((one) => `${place}.${one} asked`)
    if (after === undefined) return [`${place} gone`]
    return part === 'answer' || part === 'problem'
      ? misfits({ told: now, read: old, isRequest: false }, after, before, place)
      : misfits({ told: old, read: now, isRequest: true }, before, after, place)
  })
}

const requiredOf = (schema: Schema): string[] => (schema.required ?? []) as string[]
const propertiesOf = (schema: Schema) =>
  (schema.properties ?? {}) as { readonly [name: string]: Schema }

/** The schema behind its references, and the name of the last one. */
function behind(frozen: Frozen, schema: Schema, place: string): { schema: Schema; place: string } {
  const name = /^#\/components\/schemas\/(.+)$/.exec(String(schema.$ref ?? ''))?.[1]
  if (name === undefined) return { schema, place }
  return behind(frozen, frozen.components[name] ?? {}, name)
}

/** Where something that `told` allows is not taken by `read`. */
function misfits(sides: Sides, told: Schema, read: Schema, at: string): string[] {
  const teller = behind(sides.told, told, at)
  const { schema: reader, place } = behind(sides.read, read, at)
  const alternatives = alternativesOf(teller.schema)
  const taken = alternativesOf(reader)
  if (alternatives === null && taken === null) return ofOne(sides, teller.schema, reader, place)
  return (alternatives ?? [teller.schema]).flatMap((one) => {
    const tries = (taken ?? [reader]).map((other) => misfits(sides, one, other, place))
    return tries.reduce((least, next) => (next.length < least.length ? next : least))
  })
}

const alternativesOf = (schema: Schema): readonly Schema[] | null =>
  (schema.anyOf ?? schema.oneOf ?? null) as readonly Schema[] | null

function ofOne(sides: Sides, told: Schema, read: Schema, place: string): string[] {
  const types = typesOf(told).filter((type) => !typesOf(read).includes(type))
  if (typesOf(read).length > 0 && (types.length > 0 || typesOf(told).length === 0)) {
    return [`${place} may be ${types.join(', ') || 'anything'}`]
  }
  const found = [...ofValues(told, read, place), ...ofLimits(told, read, place)]
  found.push(...ofProperties(sides, told, read, place))
  for (const inner of ['items', 'additionalProperties']) {
    const [one, other] = [told[inner], read[inner]]
    if (isSchema(one) && isSchema(other)) found.push(...misfits(sides, one, other, `${place}[]`))
  }
  return found
}

const isSchema = (value: Json | undefined): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const typesOf = (schema: Schema): string[] =>
  schema.type === undefined ? [] : ([schema.type].flat() as string[])
const valuesOf = (schema: Schema): readonly Json[] | null =>
  schema.const !== undefined ? [schema.const] : ((schema.enum ?? null) as readonly Json[] | null)

function ofValues(told: Schema, read: Schema, place: string): string[] {
  const taken = valuesOf(read)
  if (taken === null || OPEN_VALUES.has(place)) return []
  const values = valuesOf(told)
  if (values === null) return [`${place} may be any value`]
  const others = values.filter((value) => !taken.includes(value))
  return others.map((value) => `${place} may be ${String(value)}`)
}

function ofLimits(told: Schema, read: Schema, place: string): string[] {
  const beyond = (name: string, sign: 1 | -1): boolean => {
    const [is, may] = [told[name], read[name]]
    return typeof may === 'number' && (typeof is !== 'number' || sign * (is - may) > 0)
  }
  return [
    ...UPPER.filter((name) => beyond(name, 1)),
    ...LOWER.filter((name) => beyond(name, -1)),
    ...SAME.filter(
      (name) =>
        read[name] !== undefined && JSON.stringify(read[name]) !== JSON.stringify(told[name]),
    ),
  ].map((name) => `${place} ${name}`)
}

function ofProperties(sides: Sides, told: Schema, read: Schema, place: string): string[] {
  const [given, known] = [propertiesOf(told), propertiesOf(read)]
  const late = requiredOf(read).filter((name) => !requiredOf(told).includes(name))
  const [before, after] = sides.isRequest ? [given, known] : [known, given]
  const gone = Object.keys(before).filter((name) => after[name] === undefined)
  const both = Object.entries(given).flatMap(([name, inner]) =>
    known[name] === undefined ? [] : misfits(sides, inner, known[name], `${place}.${name}`),
  )
  return [
    ...gone.map((name) => `${place}.${name} gone`),
    ...late.filter((name) => !gone.includes(name)).map((name) => `${place}.${name} required`),
    ...both,
  ]
}
