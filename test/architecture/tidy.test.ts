import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import packageFile from '../../package.json' with { type: 'json' }
import {
  allSourceFiles,
  asMessage,
  filesNamed,
  projectRoot,
  readText,
  sourceFile,
} from './source-files.ts'
import {
  callFindings,
  commentFindings,
  deadFileFindings,
  entryPointsOf,
  functionFindings,
  sizeFindings,
} from './tidy.ts'

const entryPoints = entryPointsOf(packageFile.scripts)

describe('sizes', () => {
  it('no line is over 100 columns and no file over 400 lines', () => {
    const sql = filesNamed(/\.sql$/, ['db/functions']).map((path) => ({
      path,
      text: readText(path),
    }))
    const files = [...allSourceFiles(), ...sql]
    expect(asMessage(files.flatMap(({ path, text }) => sizeFindings(path, text)))).toBe('')
  })

  it('no function is over 60 lines', () => {
    expect(asMessage(allSourceFiles().flatMap(functionFindings))).toBe('')
  })

  it.each([
    ['a line of 101 columns', `${'x'.repeat(101)}\n`, 'break the line'],
    ['a file of 401 lines', 'x\n'.repeat(401), 'split the file'],
  ])('%s is found', (_, text, advice) => {
    expect(asMessage(sizeFindings('server/rest/x.ts', text))).toContain(advice)
  })

  it('a line of 100 columns and a file of 400 lines are allowed', () => {
    expect(sizeFindings('server/rest/x.ts', `${'医'.repeat(100)}\n`.repeat(400))).toEqual([])
  })

  it.each([
    ['a declared function', (body: string) => `export function f() {\n${body}}\n`],
    ['an arrow function', (body: string) => `export const f = () => {\n${body}}\n`],
    ['a method', (body: string) => `export class C {\n  m() {\n${body}}\n}\n`],
    ['a test', (body: string) => `it('x', () => {\n${body}})\n`],
  ])('%s of 61 lines is found, one of 60 is not', (_, around) => {
    const long = sourceFile('test/x.ts', around('g()\n'.repeat(59)))
    const fitting = sourceFile('test/x.ts', around('g()\n'.repeat(58)))
    expect(functionFindings(long).map(({ advice }) => advice)).toEqual([
      'a function of 61 lines; let a parent branch and leaves compute',
    ])
    expect(functionFindings(fitting)).toEqual([])
  })

  it('a chapter of tests may be long', () => {
    const chapter = `describe.each([1])('x', () => {\n${"it('y', () => {})\n".repeat(80)}})\n`
    expect(functionFindings(sourceFile('test/x.test.ts', chapter))).toEqual([])
  })
})

describe('calls and comments', () => {
  it('no call stands outside its home', () => {
    const found = allSourceFiles().flatMap((file) => callFindings(file, entryPoints))
    expect(asMessage(found)).toBe('')
  })

  it.each([
    ['server/actions/x.ts', 'const now = new Date()'],
    ['server/actions/x.ts', 'const now = Date.now()'],
    ['pos-client/x.ts', "const at = Date.parse('2025-01-01')"],
    ['server/rest/x.ts', "const amount = Number('1.00')"],
    ['server/rest/x.ts', "const amount = parseFloat('1.00')"],
    ['pos-client/page/x.ts', "const amount = Number.parseFloat('1.00')"],
    ['server/consoles/x.ts', 'const text = amount.toFixed(2)'],
    ['server/consoles/x.ts', 'const text = lines[0].amount.toFixed(2)'],
    ['server/rules/steps/x.ts', 'const amount = Math.round(fen)'],
    ['server/rest/x.ts', "console.log('sold')"],
    ['test/kernel/x.test.ts', "it.skip('x', () => {})"],
    ['test/kernel/x.test.ts', "describe.only('x', () => {})"],
  ])('in %s the planted line %s is found', (path, text) => {
    const found = callFindings(sourceFile(path, text), new Set())
    expect(asMessage(found)).toContain('stands outside its home')
  })

  it.each([
    ['server/kernel/clock.ts', 'const now = Date.now()'],
    ['server/config.ts', "const port = Number('8080')"],
    ['server/main.ts', "console.log('ready')"],
    ['server/rest/x.ts', "const count = Number.parseInt('3', 10)"],
  ])('in %s the line %s is allowed', (path, text) => {
    expect(callFindings(sourceFile(path, text), new Set(['server/main.ts']))).toEqual([])
  })

  it('no comment announces unfinished work or silences the compiler', () => {
    expect(asMessage(allSourceFiles().flatMap(commentFindings))).toBe('')
  })

  it.each([
    ['// TODO later', 'finish it'],
    ['/* FIXME */', 'finish it'],
    ['// @ts-ignore', 'compiler'],
  ])('the planted comment %s is found', (text, advice) => {
    const found = commentFindings(sourceFile('server/rest/x.ts', `${text}\nconst x = 1`))
    expect(asMessage(found)).toContain(advice)
  })
})

describe('dead files', () => {
  it('every file of the product is imported, started or named by another', () => {
    const tools = filesNamedAtTop().map((path) => sourceFile(path, readText(path)))
    expect(asMessage(deadFileFindings([...allSourceFiles(), ...tools], entryPoints))).toBe('')
  })

  it('a file that only a test imports is dead; an imported, started or named one is not', () => {
    const files = [
      sourceFile('server/main.ts', "import './app.ts'\nconst page = 'page/till.ts'"),
      sourceFile('server/app.ts', 'export const app = 1'),
      sourceFile('pos-client/page/till.ts', 'export const till = 1'),
      sourceFile('server/forgotten.ts', 'export const forgotten = 1'),
      sourceFile('test/x.test.ts', "import '../server/forgotten.ts'"),
    ]
    const started = entryPointsOf({ start: 'tsx server/main.ts --demo' })
    expect(deadFileFindings(files, started).map(({ path }) => path)).toEqual([
      'server/forgotten.ts',
    ])
  })
})

/** Settings of tools at the top of the project; they start and name files too. */
function filesNamedAtTop(): string[] {
  return readdirSync(projectRoot).filter((name) => /\.config\.m?ts$/.test(name))
}
