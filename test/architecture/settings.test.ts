/** `.env.example` is the list of settings; a setting that stands elsewhere only is not found. */
import { expect, it } from 'vitest'
import packageFile from '../../package.json' with { type: 'json' }
import { readText } from './source-files.ts'

const namesIn = (path: string, pattern: RegExp): string[] =>
  [...readText(path).matchAll(pattern)].map(([, name = '']) => name)

/** Told by the launcher to its parts; nobody sets it. */
const INTERNAL = 'PROJECT_ROOT'

it('every setting of server and till stands in .env.example, and no other', () => {
  const schemas = ['server/config.ts', 'pos-client/config.ts'].flatMap((path) =>
    namesIn(path, /^ {2,4}([A-Z][A-Z_]+): ?[\s\S]/gm),
  )
  const known = [...new Set([...schemas, 'TILL_OPERATOR'])].filter((name) => name !== INTERNAL)
  expect(known.length).toBeGreaterThan(25)
  expect(namesIn('.env.example', /^([A-Z_]+)=/gm).sort()).toEqual(known.sort())
})

it('the command lines read .env as the start does', () => {
  const { till, seed, agency, import: importing, audit } = packageFile.scripts
  for (const script of [till, seed, agency, importing, audit]) {
    expect(script).toContain('--import ./server/env-file.mjs ')
  }
})
