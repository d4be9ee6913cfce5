/**
 * B24: every regular expression of the contract, the kernel and the till, tried with texts of
 * 200,000 characters that almost fit. Five milliseconds are allowed; what takes longer is compared
 * with a tenth of the text, since a pattern that goes back and forth takes a hundred times as long
 * and a good one ten times. So a busy machine is not taken for a bad pattern.
 */
import { parseSignatureInput } from '../../server/contract/signature.ts'
import { allSourceFiles, lineAt, type SourceFile, walk } from '../architecture/source-files.ts'
import { openRandom } from '../support/random.ts'
import type { Campaign, Figures, Wish } from './campaign.ts'

export type Pattern = {
  readonly place: string
  readonly source: string
  test(text: string): unknown
}

const WHERE = /^(server\/contract|server\/kernel|pos-client)\//

export const patternOf = (place: string, expression: RegExp): Pattern => ({
  place,
  source: expression.source,
  test: (text) => expression.test(text),
})

/** Regular expressions as they stand in the source, in the order of the files. */
export function patternsIn(files: readonly SourceFile[]): Pattern[] {
  const found: Pattern[] = []
  for (const file of files.filter(({ path }) => WHERE.test(path))) {
    walk(file.program, (node) => {
      const { regex } = node as unknown as { regex?: { pattern: string; flags: string } }
      if (node.type !== 'Literal' || regex === undefined) return
      const expression = new RegExp(regex.pattern, regex.flags.replace(/[gy]/g, ''))
      found.push(patternOf(`${file.path}:${lineAt(file.text, node.start)}`, expression))
    })
  }
  return found
}

/** Files that build an expression from text, and where that one is tried. */
export const BUILT: Readonly<Record<string, string>> = {
  'pos-client/page/words.ts': 'made of our own words, for sentences of our own',
  'server/contract/signature.ts': 'tried by the function that uses it',
}

export const filesThatBuild = (files: readonly SourceFile[]): string[] =>
  files
    .filter(({ path, text }) => WHERE.test(path) && /\bnew RegExp\(/.test(text))
    .map(({ path }) => path)

export const everyPattern = (): Pattern[] => [
  ...patternsIn(allSourceFiles()),
  { place: 'server/contract/signature.ts', source: 'sig=("@a" ', test: parseSignatureInput },
]

const LENGTH = 200_000
const UNITS = [
  '0',
  'a',
  'A',
  ' ',
  '-',
  '.',
  '0.',
  'a-',
  '١',
  '\\',
  '"a" ',
  '=',
  '/',
  ',',
  '(',
  '𠮷',
]
const ENDS = ['\n', '\u0000', '~x', '']

type NearMiss = { readonly whole: string; readonly tenth: string }

function nearMiss(unit: string, end = '!'): NearMiss {
  const of = (length: number): string =>
    // Written out once, so that the first trial does not pay for putting it together.
    Buffer.from(unit.repeat(Math.ceil(length / unit.length)).slice(0, length) + end).toString()
  return { whole: of(LENGTH), tenth: of(LENGTH / 10) }
}

/** The characters of an expression that stand for themselves: the beginning of what fits. */
const literalOf = (source: string): string =>
  source.replace(/\\[dwsp]|[\\^$()[\]{}?*+|]/g, '').slice(0, 12) || 'x'

const NEGLIGIBLE_MS = 5
/** Times as long for ten times the text; ten would be straight, a hundred is not. */
const GROWTH_MAX = 40
/** A tenth that takes so long stands for minutes of the whole. */
const TENTH_MS_MAX = 30

const leastOf = (times: number, work: () => unknown): number => {
  let least = Number.POSITIVE_INFINITY
  for (let time = 0; time < times && least > NEGLIGIBLE_MS; time += 1) {
    const started = performance.now()
    work()
    least = Math.min(least, performance.now() - started)
  }
  return least
}

export type Trial = { readonly ms: number; readonly isSlow: boolean }

function trialOn(pattern: Pattern, { whole, tenth }: NearMiss): Trial {
  const tenthMs = leastOf(3, () => pattern.test(tenth))
  if (tenthMs > TENTH_MS_MAX) return { ms: tenthMs, isSlow: true }
  const ms = leastOf(3, () => pattern.test(whole))
  return { ms, isSlow: ms > NEGLIGIBLE_MS && ms > GROWTH_MAX * Math.max(tenthMs, 0.2) }
}

/** The worst trial of each pattern. */
export function tryAll(patterns: readonly Pattern[], seed: number): (Trial & Pattern)[] {
  const random = openRandom(seed)
  const chosen = [0, 1, 2].map(() => nearMiss(random.pick(UNITS), random.pick(ENDS)))
  const shared = [...UNITS.map((unit) => nearMiss(unit)), ...chosen]
  return patterns.map((pattern) => {
    const own = nearMiss(literalOf(pattern.source))
    const trials = [...shared, own].map((miss) => trialOn(pattern, miss))
    const slowest = trials.reduce((a, b) => (b.ms > a.ms ? b : a))
    return { ...pattern, ms: slowest.ms, isSlow: trials.some(({ isSlow }) => isSlow) }
  })
}

const NO_SERVER = {
  ...{ byStatus: {}, byVerdict: {}, overASecond: 0, rssRiseMb: 0, cpuMs: 0 },
  ...{ goodBeforeMs: 0, goodAfterMs: 0, rowsAdded: {} },
}

export function runPatterns(
  { n, seed, log }: Pick<Wish, 'n' | 'seed' | 'log'>,
  patterns: readonly Pattern[] = everyPattern(),
): Figures {
  const faults: string[] = []
  let [slowestMs, aboveFiveMs] = [0, 0]
  for (let round = 0; round < n; round += 1) {
    for (const { ms, isSlow, place, source } of tryAll(patterns, seed + round)) {
      slowestMs = Math.max(slowestMs, ms)
      if (ms > NEGLIGIBLE_MS) aboveFiveMs += 1
      if (isSlow) faults.push(`${place} /${source}/ took ${Math.round(ms)} ms`)
    }
  }
  log(`${patterns.length} patterns, the slowest took ${slowestMs.toFixed(2)} ms`)
  const more = { patterns: patterns.length, aboveFiveMs }
  const own = { campaign: 'b24', n, seed, answers: patterns.length * n, faults, more }
  return { ...NO_SERVER, ...own, slowestMs: Math.round(slowestMs * 100) / 100 }
}

/** A pattern as a careless hand would write it. */
export const PLANTED = patternOf('planted', /\s+$/)

export const B24: Campaign = {
  name: 'b24',
  holds: 'no pattern takes long, however nearly a text fits it',
  shortN: 1,
  fullN: 20,
  plantN: 1,
  plantFinds: /planted/,
  run: async (wish, ground) =>
    runPatterns(wish, ground.isCareless === true ? [PLANTED] : everyPattern()),
}
