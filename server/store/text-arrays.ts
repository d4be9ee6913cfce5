/**
 * Arrays of text as PostgreSQL writes them, the only arrays that statements of the server take or
 * give. The driver would ask the database for its array types on every new connection instead, and
 * where that very question loses its connection nobody hears of it but the process, which ends.
 */
import { invariant } from '../kernel/invariant.ts'

/** OID of text[] (PostgreSQL, pg_type.dat). */
const TEXT_ARRAY = 1009

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`

/** `{"a","b"}` */
export const writeTextArray = (texts: readonly string[] | string): string =>
  typeof texts === 'string' ? texts : `{${texts.map(quoted).join()}}`

/** The texts of an array of one dimension without nulls. */
export function readTextArray(array: string): string[] {
  invariant(array.startsWith('{') && array.endsWith('}'), 'an array of one dimension')
  const parts = array.slice(1, -1).matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/g)
  return [...parts].map(([, inQuotes, plain]) => {
    invariant(plain !== 'NULL', 'our arrays hold no nulls')
    return inQuotes?.replace(/\\(.)/gs, '$1') ?? plain ?? ''
  })
}

export const TEXT_ARRAY_TYPE = {
  to: TEXT_ARRAY,
  from: [TEXT_ARRAY],
  serialize: writeTextArray,
  parse: readTextArray,
}
