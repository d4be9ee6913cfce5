/** A policy document from its text: YAML, then shape, then sense, then compiled. Pure. */
import { type Document, LineCounter, parseDocument, visit } from 'yaml'
import { checkDocument } from './check-document.ts'
import { compileDocument } from './compile.ts'
import { type Checked, linesOf, type PolicyFault } from './faults.ts'
import type { PolicyOfTheDay } from './policy-of-the-day.ts'
import { policyDocument } from './schema.ts'
import { shapeFaults } from './shape-faults.ts'

/** The versions of one document, each with the line on which it begins. */
export type ParsedDocument = {
  readonly file: string
  /** Id of the policy, e.g. `330282-employee-outpatient`. */
  readonly policy: string
  readonly area: string
  readonly versions: readonly { readonly policy: PolicyOfTheDay; readonly line: number }[]
}

/**
 * The document in a text. All faults of the first stage that finds any are listed, each with file,
 * line and remedy.
 *
 * @param fileName stands in the faults; nothing is read.
 * @param textId of a published text: its versions carry it in their ids, so that a settlement names
 * the very text it was made under.
 */
export function parsePolicyDocument(
  text: string,
  fileName: string,
  textId: string | null = null,
): Checked<ParsedDocument> {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: true })
  const syntax = document.errors.map((error) => syntaxFault(error, fileName))
  const aliases = aliasFaults(document, counter, fileName)
  if (syntax.length + aliases.length > 0) return { ok: false, faults: [...syntax, ...aliases] }

  const lines = linesOf(document, counter)
  const shape = policyDocument.safeParse(document.toJS(), { reportInput: true })
  if (!shape.success) {
    return { ok: false, faults: shapeFaults(shape.error.issues, fileName, lines) }
  }

  const sense = checkDocument(shape.data, fileName, lines)
  if (sense.length > 0) return { ok: false, faults: sense }

  const policies = compileDocument(shape.data, textId)
  const versions = policies.map((policy, index) => ({
    policy,
    line: lines.of(['versions', index, 'from']),
  }))
  const { policy, area } = shape.data
  return { ok: true, value: { file: fileName, policy, area, versions } }
}

const syntaxFault = (
  error: { message: string; linePos?: readonly { line: number }[] | undefined },
  file: string,
): PolicyFault => ({
  file,
  line: error.linePos?.[0]?.line ?? 1,
  path: '',
  what: `not readable as YAML: ${error.message.split('\n')[0]}`,
  remedy: 'correct the indentation, quotes or repeated key on this line',
})

/** Aliases are refused: a figure stands in its version, and no text grows when it is read. */
function aliasFaults(document: Document, counter: LineCounter, file: string): PolicyFault[] {
  const faults: PolicyFault[] = []
  visit(document, {
    Alias(_, alias) {
      const line = counter.linePos(alias.range?.[0] ?? 0).line
      const what = `the alias *${alias.source}`
      faults.push({ file, line, path: '', what, remedy: 'write the entry out, or borrowed_from' })
    },
  })
  return faults
}
