/** Rules of the security checklist that the code itself can be held to (S8, S40, S46, S76). */
import {
  type Finding,
  lineAt,
  type SourceFile,
  type SyntaxNode,
  walk,
} from '../architecture/source-files.ts'

const findingsOf = (
  file: SourceFile,
  advice: string,
  isBreach: (node: SyntaxNode) => boolean,
): Finding[] => {
  const found: Finding[] = []
  walk(file.program, (node) => {
    if (isBreach(node)) found.push({ path: file.path, line: lineAt(file.text, node.start), advice })
  })
  return found
}

/** The last name of `a`, `x.a` or `x['a']`; empty for anything else. */
function nameOf(node: SyntaxNode | undefined): string {
  if (node === undefined) return ''
  if (node.type === 'Identifier') return String(node.name)
  if (node.type === 'MemberExpression') return nameOf(node.property as SyntaxNode)
  if (node.type === 'ChainExpression') return nameOf(node.expression as SyntaxNode)
  return ''
}

/** Values whose comparison, letter by letter, would tell a guesser how far he has come. */
const COMPARED_SAFELY = /^(mac|hmac|pin|pinHash|secret|signature|token|password|verifier)$/i

const isNothing = (node: SyntaxNode): boolean =>
  (node.type === 'Literal' && (node.value === null || node.value === '')) ||
  (node.type === 'Identifier' && node.name === 'undefined')

/** S8: `===` and its like on a secret, other than asking whether there is one. */
export function comparisonFindings(file: SourceFile): Finding[] {
  return findingsOf(file, 'compare it with crypto.timingSafeEqual', (node) => {
    if (node.type === 'CallExpression') {
      const callee = node.callee as SyntaxNode
      const method = nameOf(callee)
      if (method !== 'equals' && method !== 'compare') return false
      const object = callee.type === 'MemberExpression' ? (callee.object as SyntaxNode) : undefined
      const parts = [object, ...(node.arguments as SyntaxNode[])]
      return parts.some((part) => COMPARED_SAFELY.test(nameOf(part)))
    }
    if (node.type !== 'BinaryExpression' || !/^[!=]==?$/.test(String(node.operator))) return false
    const sides = [node.left as SyntaxNode, node.right as SyntaxNode]
    return (
      sides.some((side) => COMPARED_SAFELY.test(nameOf(side))) && !sides.some((s) => isNothing(s))
    )
  })
}

/** Where SQL is put together from text, each with constants of ours alone. */
const SQL_FROM_TEXT = new Set([
  'db/app-login.ts',
  'db/backup/rehearse.ts',
  'db/embedded.ts',
  'db/import/reference.ts',
  'db/migrate.ts',
  'db/seed/copy.ts',
  'server/store/audit-events.ts',
  'server/store/batch.ts',
  'server/store/database-figures.ts',
  'server/store/whole-results.ts',
])

/** S40: SQL from text, and a driver's logger, which would write values into the log. */
export function sqlFindings(file: SourceFile): Finding[] {
  const advice = 'pass values as parameters of the tagged template; a new place needs a review'
  return findingsOf(file, advice, (node) => {
    if (node.type === 'Property') {
      return nameOf(node.key as SyntaxNode) === 'logger' && /^(server|db)\//.test(file.path)
    }
    if (node.type !== 'CallExpression' || SQL_FROM_TEXT.has(file.path)) return false
    const callee = node.callee as SyntaxNode
    if (callee.type !== 'MemberExpression') return false
    const method = nameOf(callee)
    const isSql = /sql$/i.test(nameOf(callee.object as SyntaxNode))
    return method === 'unsafe' || (isSql && (method === 'raw' || method === 'identifier'))
  })
}

/** S46: text that would become markup or code. */
export function markupFindings(file: SourceFile): Finding[] {
  const advice = 'build elements with h() of page/dom.ts: text stays text'
  return findingsOf(file, advice, (node) => {
    if (node.type === 'AssignmentExpression') {
      return /^(innerHTML|outerHTML|srcdoc)$/.test(nameOf(node.left as SyntaxNode))
    }
    if (node.type === 'NewExpression') return nameOf(node.callee as SyntaxNode) === 'Function'
    if (node.type !== 'CallExpression') return false
    const callee = node.callee as SyntaxNode
    const name = nameOf(callee)
    const [first] = node.arguments as SyntaxNode[]
    if (/^(insertAdjacentHTML|eval)$/.test(name)) return true
    if (name === 'write' && callee.type === 'MemberExpression') {
      return nameOf(callee.object as SyntaxNode) === 'document'
    }
    return /^set(Timeout|Interval)$/.test(name) && typeof first?.value === 'string'
  })
}

/** Who may start another program: the launcher its parts, the embedded database its own. */
const STARTERS = /^(server\/launch\.mjs|db\/embedded\/)/

/** S76: programs started elsewhere, or through a shell. */
export function childProcessFindings(file: SourceFile): Finding[] {
  const elsewhere = file.imports
    .filter(({ specifier }) => /^(node:)?child_process$/.test(specifier))
    .filter(() => !STARTERS.test(file.path))
    .map(({ line }) => ({ path: file.path, line, advice: 'the product starts no other program' }))
  const byShell = findingsOf(file, 'no shell: name the program and its words', (node) => {
    if (node.type === 'ImportSpecifier')
      return /^exec(Sync)?$/.test(nameOf(node.imported as SyntaxNode))
    const key = node.type === 'Property' ? nameOf(node.key as SyntaxNode) : ''
    return key === 'shell' && (node.value as SyntaxNode).value === true
  })
  return [...elsewhere, ...byShell]
}
