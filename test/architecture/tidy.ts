/** House style that a machine can check: sizes, banned calls, unfinished work, dead files. */
import {
  type Finding,
  importedPath,
  lineAt,
  type SourceFile,
  type SyntaxNode,
  walk,
} from './source-files.ts'

export const COLUMNS_MAX = 100
export const FILE_LINES_MAX = 400
export const FUNCTION_LINES_MAX = 60

/** Lines over 100 columns and files over 400 lines; for any kind of text file. */
export function sizeFindings(path: string, text: string): Finding[] {
  const lines = text.replace(/\n$/, '').split('\n')
  const long = lines.flatMap((line, index) => {
    const columns = [...line].length
    if (columns <= COLUMNS_MAX) return []
    return [{ path, line: index + 1, advice: `${columns} columns; break the line at 100` }]
  })
  if (lines.length <= FILE_LINES_MAX) return long
  const advice = `${lines.length} lines; split the file by subject below ${FILE_LINES_MAX}`
  return [...long, { path, line: FILE_LINES_MAX, advice }]
}

const FUNCTION = /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/

const calleeName = (node: SyntaxNode | null): string => {
  let callee = node?.type === 'CallExpression' ? (node.callee as SyntaxNode) : null
  while (callee?.type === 'MemberExpression' || callee?.type === 'CallExpression') {
    callee = (callee.object ?? callee.callee) as SyntaxNode
  }
  return typeof callee?.name === 'string' ? callee.name : ''
}

/** Functions over 60 lines; the body of a `describe` is a chapter, not a function. */
export function functionFindings(file: SourceFile): Finding[] {
  const found: Finding[] = []
  walk(file.program, (node, parent) => {
    if (!FUNCTION.test(node.type) || calleeName(parent) === 'describe') return
    const first = lineAt(file.text, node.start)
    const lines = lineAt(file.text, node.end) - first + 1
    if (lines <= FUNCTION_LINES_MAX) return
    const advice = `a function of ${lines} lines; let a parent branch and leaves compute`
    found.push({ path: file.path, line: first, advice })
  })
  return found
}

type Ban = {
  readonly what: RegExp
  readonly where: RegExp
  readonly except: readonly RegExp[]
  readonly advice: string
}
const PRODUCT = /^(server|pos-client|db|fixtures)\//
const MONEY_HANDLING = /^(server|pos-client)\//
const MONEY = /^server\/kernel\/money\.ts$/

/** Calls, written as `name(` or `object.name(` or `new Name(`, and where each may stand. */
const BANS: readonly Ban[] = [
  {
    what: /^(new Date|Date|Date\.now|Date\.parse|Date\.UTC)$/,
    where: PRODUCT,
    except: [/^server\/kernel\/(clock|calendar)\.ts$/],
    advice: 'take an Instant from the Clock you were given, or a function of kernel/calendar.ts',
  },
  {
    what: /^(Number|parseFloat|Number\.parseFloat)$/,
    where: MONEY_HANDLING,
    except: [MONEY, /^(server|pos-client)\/config\.ts$/],
    advice: 'text becomes Money, Quantity or Ratio in kernel/money.ts; a count uses parseInt',
  },
  {
    what: /(^|\.)(toFixed|toPrecision)$/,
    where: PRODUCT,
    except: [MONEY],
    advice: 'amounts are written by formatMoney and its neighbours in kernel/money.ts',
  },
  {
    what: /^Math\.(round|floor|ceil|trunc)$/,
    where: /^server\/(rules|ledger|settlement|clearing)\//,
    except: [],
    advice: 'rounding has one home: roundToFen in kernel/money.ts',
  },
  {
    what: /(^|\.)(skip|only|todo)$/,
    where: /^test\//,
    except: [],
    advice: 'a test runs or is deleted',
  },
]

const CONSOLE: Omit<Ban, 'except'> = {
  what: /^console\.\w+$/,
  where: MONEY_HANDLING,
  advice: 'log through the logger you were given; only entry points write to the terminal',
}

function calledAs(node: SyntaxNode): string | null {
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return null
  const callee = node.callee as SyntaxNode
  const prefix = node.type === 'NewExpression' ? 'new ' : ''
  if (callee.type === 'Identifier') return `${prefix}${String(callee.name)}`
  if (callee.type !== 'MemberExpression' || callee.computed === true) return null
  const object = callee.object as SyntaxNode
  const owner = object.type === 'Identifier' ? String(object.name) : ''
  return `${prefix}${owner}.${String((callee.property as SyntaxNode).name)}`
}

/** Calls of what has another home. Entry points are the files that scripts start. */
export function callFindings(file: SourceFile, entryPoints: ReadonlySet<string>): Finding[] {
  const bans = [...BANS, { ...CONSOLE, except: entryPoints.has(file.path) ? [/./] : [] }].filter(
    (ban) => ban.where.test(file.path) && !ban.except.some((home) => home.test(file.path)),
  )
  const found: Finding[] = []
  walk(file.program, (node) => {
    const name = calledAs(node)
    const ban = name === null ? undefined : bans.find(({ what }) => what.test(name))
    if (ban === undefined) return
    found.push({
      path: file.path,
      line: lineAt(file.text, node.start),
      advice: `${name}( stands outside its home: ${ban.advice}`,
    })
  })
  return found
}

const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b/
const SILENCED = /@ts-(ignore|nocheck)\b/

/** Comments that announce work not done, or silence the compiler. */
export function commentFindings(file: SourceFile): Finding[] {
  return file.comments.flatMap(({ value, start }) => {
    const line = lineAt(file.text, start)
    const found: Finding[] = []
    if (UNFINISHED.test(value)) {
      found.push({ path: file.path, line, advice: 'finish it, or write an issue and say so there' })
    }
    if (SILENCED.test(value)) {
      found.push({ path: file.path, line, advice: 'the compiler is right until shown otherwise' })
    }
    return found
  })
}

/** Names of source files inside texts: what scripts start and bundlers take in. */
const fileNamesIn = (text: string): string[] =>
  [...text.matchAll(/[\w./-]+\.(?:tsx?|mts|mjs|js)\b/g)].map(([name]) => name)

/** Files of the product that the scripts of package.json start. */
export function entryPointsOf(scripts: Readonly<Record<string, string>>): Set<string> {
  return new Set(Object.values(scripts).flatMap(fileNamesIn))
}

const literalTexts = (file: SourceFile): string[] => {
  const texts: string[] = []
  walk(file.program, (node) => {
    if (node.type === 'Literal' && typeof node.value === 'string') texts.push(node.value)
    if (node.type === 'TemplateElement') {
      texts.push(String((node.value as { raw: string }).raw))
    }
  })
  return texts
}

/** Files under server, pos-client and db that nothing imports, starts or names. */
export function deadFileFindings(
  files: readonly SourceFile[],
  entryPoints: ReadonlySet<string>,
): Finding[] {
  const users = files.filter(({ path }) => !path.startsWith('test/'))
  const imported = new Set(
    users.flatMap(({ path, imports }) =>
      imports.map(({ specifier }) => importedPath(path, specifier)),
    ),
  )
  const named = users
    .flatMap((file) => literalTexts(file).flatMap(fileNamesIn))
    .map((name) => name.replace(/^(\.{0,2}\/)+/, ''))
  return users
    .filter(({ path }) => /^(server|pos-client|db)\//.test(path))
    .filter(({ path }) => !imported.has(path) && !entryPoints.has(path))
    .filter(({ path }) => !named.some((name) => path === name || path.endsWith(`/${name}`)))
    .map(({ path }) => ({ path, line: 1, advice: 'nothing uses this file: use it or delete it' }))
}
