/** `replay FILE`: public pharmacy sales as real sales, and what they came to. */
import { readFileSync, writeFileSync } from 'node:fs'
import { SingleBar } from 'cli-progress'
import { type Command, InvalidArgumentError } from 'commander'
import { dataFolder, demoCardsFileIn } from '../server/contract/data-folder.ts'
import type { CarryOut } from './cli-commands.ts'
import { type CliResult, refusedWith, type Working } from './cli-results.ts'
import { readCards } from './replay/cards.ts'
import { openProducts } from './replay/products.ts'
import { type ReadRow, ReplayFileError, readSales } from './replay/read-sales.ts'
import { replaySales } from './replay/replay.ts'
import { reportTable, reportText, totalsOf, totalsValue } from './replay/report.ts'
import { tillNotice } from './server-gateway/notice.ts'
import type { Till } from './till.ts'

const PARALLEL_MAX = 8

type ReplayCommandOptions = {
  cards?: string
  report?: string
  parallel: number
  unmatched?: string
}

const parallelOf = (text: string): number => {
  const parallel = /^\d$/.test(text) ? Number.parseInt(text, 10) : 0
  if (parallel >= 1 && parallel <= PARALLEL_MAX) return parallel
  throw new InvalidArgumentError(`from 1 to ${PARALLEL_MAX}.`)
}

function fileBytes(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : `${error}`
    throw new ReplayFileError(`Cannot be read: ${reason}`)
  }
}

export type ReplayErrand = Working & {
  readonly list: Uint8Array
  readonly cardList: string
  readonly parallel: number
  /** Item for products that the catalogue does not know; null: the one of that name. */
  readonly unmatched: string | null
  readonly reportFile: string | null
}

/** Replays a list at an open till. The catalogue is read anew: matches depend on it. */
export async function replayList(till: Till, errand: ReplayErrand): Promise<CliResult> {
  if (errand.operator === undefined) return refusedWith(tillNotice('not-signed-in'))
  const rows = readSales(errand.list)
  const cards = readCards(errand.cardList)
  const asked = await till.catalogue.refresh()
  if (!asked.ok) return refusedWith(asked.notice)
  const productOf = openProducts(asked.value.items, errand.unmatched)
  const bar = progressBar(rows.length)
  const options = { ...errand, cards, productOf, onRow: () => bar?.increment() }
  const outcomes = await replaySales(till, rows, options).finally(() => bar?.stop())
  if (errand.reportFile !== null) writeFileSync(errand.reportFile, reportTable(outcomes))
  const totals = totalsOf(outcomes)
  const isOpen =
    totals.unknown > 0 || totals.refusals.some(({ notice }) => notice.code === 'not-sent')
  const isWrong = totals.differing > 0
  return {
    text: reportText(totals, unmatchedIn(rows, productOf)),
    value: totalsValue(totals),
    exitCode: isOpen ? 3 : isWrong ? 1 : 0,
  }
}

function unmatchedIn(
  rows: readonly ReadRow[],
  productOf: ReturnType<typeof openProducts>,
): Map<string, number> {
  const counts = new Map<string, number>()
  for (const one of rows) {
    if (one.kind !== 'sale' || productOf(one.product)?.isMatched === true) continue
    counts.set(one.product, (counts.get(one.product) ?? 0) + 1)
  }
  return counts
}

/** On a terminal only: a script's error output stays free of it. */
function progressBar(total: number): SingleBar | null {
  if (!process.stderr.isTTY) return null
  const format = '{bar} {percentage}% | {value}/{total} 行 rows | {eta}s'
  const bar = new SingleBar({ format, stream: process.stderr })
  bar.start(total, 0)
  return bar
}

export function addReplayCommand(program: Command, carryOut: CarryOut): void {
  program
    .command('replay <file>')
    .description('sell a public list of pharmacy sales again (公开销售记录回放)')
    .option(
      '--cards <file>',
      'cards that stand for the masked ones (default: demo-cards.txt in DATA_DIR)',
    )
    .option('--report <file>', 'a CSV with what became of every row')
    .option('--parallel <number>', 'sales in flight at once', parallelOf, 4)
    .option('--unmatched <code>', 'item for products without a match (default: 未对照商品)')
    .action((file: string, options: ReplayCommandOptions) => {
      const root = process.env.PROJECT_ROOT ?? process.cwd()
      const cards = options.cards ?? demoCardsFileIn(dataFolder(root, process.env.DATA_DIR))
      const given = {
        list: fileBytes(file),
        cardList: new TextDecoder().decode(fileBytes(cards)),
        parallel: options.parallel,
        unmatched: options.unmatched ?? null,
        reportFile: options.report ?? null,
      }
      // Nothing is given up: what the rate limit or an outage holds back is sent later.
      const patient = { patienceMs: Number.POSITIVE_INFINITY }
      return carryOut((till, working) => replayList(till, { ...given, ...working }), patient)
    })
}
