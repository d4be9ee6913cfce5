/** The source files of the project, read and parsed once for every architecture test. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'rolldown/utils'

export type Import = { readonly specifier: string; readonly line: number }
export type SyntaxNode = {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}
export type SourceFile = {
  /** Path from the top of the project, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly program: SyntaxNode
  readonly imports: readonly Import[]
  readonly comments: readonly { readonly value: string; readonly start: number }[]
}
/** A breach of the house style: where it is, and what to do about it. */
export type Finding = { readonly path: string; readonly line: number; readonly advice: string }

export const projectRoot = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

const FOLDERS = ['server', 'pos-client', 'db', 'fixtures', 'test']
const SOURCE = /\.(ts|tsx|mts|mjs|js)$/

/** Paths of all files under the project's folders whose name matches. */
export function filesNamed(pattern: RegExp, folders: readonly string[] = FOLDERS): string[] {
  const found: string[] = []
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(projectRoot, folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name)
      if (entry.isDirectory()) visit(path)
      else if (pattern.test(entry.name)) found.push(path)
    }
  }
  for (const folder of folders) visit(folder)
  return found.sort()
}

export const readText = (path: string): string => readFileSync(join(projectRoot, path), 'utf8')

export const lineAt = (text: string, offset: number): number =>
  text.slice(0, offset).split('\n').length

/** A text as a source file, whether it lies in the tree or is planted by a test. */
export function sourceFile(path: string, text: string): SourceFile {
  const { program, module, comments, errors } = parseSync(path, text)
  const first = errors[0]
  if (first !== undefined) throw new Error(`${path} does not parse: ${first.message}`)
  const imports = [
    ...module.staticImports.map((each) => each.moduleRequest),
    ...module.staticExports.flatMap((each) => each.entries.map((entry) => entry.moduleRequest)),
    ...module.dynamicImports.map(({ moduleRequest: { start, end } }) => ({
      value: text.slice(start, end).replace(/^['"`]|['"`]$/g, ''),
      start,
    })),
  ]
    .filter((request) => request !== null)
    .map(({ value, start }) => ({ specifier: value, line: lineAt(text, start) }))
  return { path, text, program: program as unknown as SyntaxNode, imports, comments }
}

let parsed: SourceFile[] | null = null

/** Every source file of the project, tests included. */
export function allSourceFiles(): SourceFile[] {
  parsed ??= filesNamed(SOURCE).map((path) => sourceFile(path, readText(path)))
  return parsed
}

/** The project file that a relative import names, or null for a package or a part of Node. */
export const importedPath = (from: string, specifier: string): string | null =>
  specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : null

const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === 'object' && value !== null && 'type' in value && 'start' in value

/** Visits a node and everything below it, parents first. */
export function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, parent: SyntaxNode | null) => void,
  parent: SyntaxNode | null = null,
): void {
  visit(node, parent)
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, visit, node)
    }
  }
}

/** Findings as lines of a failure message that say where to go. */
export const asMessage = (findings: readonly Finding[]): string =>
  findings.map(({ path, line, advice }) => `${path}:${line}  ${advice}`).join('\n')
