/** What is wrong with a policy document: where, what, and how to put it right. */
import { type Document, isMap, isNode, isScalar, type LineCounter, type Node } from 'yaml'

export type PolicyFault = {
  readonly file: string
  /** Line in the file, from 1. */
  readonly line: number
  /** Path of the entry, e.g. `versions[1].steps[2].amounts[0]`. */
  readonly path: string
  readonly what: string
  readonly remedy: string
}

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly PolicyFault[] }

export type Path = readonly (string | number)[]

/** Where it is, in Chinese, e.g. `outpatient.yaml 第 12 行 versions[1]`. */
export const faultPlace = ({ file, line, path }: PolicyFault): string =>
  `${file} 第 ${line} 行${path === '' ? '' : ` ${path}`}`

export const faultText = ({ file, line, path, what, remedy }: PolicyFault): string =>
  `${file}:${line}: ${path === '' ? '' : `${path}: `}${what}. Remedy: ${remedy}.`

/** Policies that cannot be loaded; the message lists every fault, one per line. */
export class PolicyFaultsError extends Error {
  override readonly name = 'PolicyFaultsError'
  constructor(readonly faults: readonly PolicyFault[]) {
    super(['the policies cannot be loaded:', ...faults.map(faultText)].join('\n'))
  }
}

export const pathText = (path: Path): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? key : `${text}.${key}`
  }, '')

/** Knows the line of every entry of a document. */
export type Lines = { of(path: Path): number; ofKey(path: Path, key: string): number }

export function linesOf(document: Document, counter: LineCounter): Lines {
  const lineAt = (node: Node | null | undefined): number | null =>
    node?.range ? counter.linePos(node.range[0]).line : null
  const of = (path: Path): number => {
    for (let length = path.length; length >= 0; length -= 1) {
      const found = document.getIn(path.slice(0, length), true)
      const line = isNode(found) ? lineAt(found) : null
      if (line !== null) return line
    }
    return 1
  }
  const ofKey = (path: Path, key: string): number => {
    const found = document.getIn(path, true)
    const pair = isMap(found)
      ? found.items.find((item) => isScalar(item.key) && item.key.value === key)
      : undefined
    return (isScalar(pair?.key) ? lineAt(pair.key) : null) ?? of(path)
  }
  return { of, ofKey }
}
