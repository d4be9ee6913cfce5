/**
 * The till's command line, for scripts: the same queue and the same gateway as the page, with a
 * journal of its own beside the page's, so that both may run at once. One line of JSON per result
 * with --json. Exit code 0: done; 2: refused or given up; 3: outcome unknown, ask with the key.
 */
import { Command, InvalidArgumentError } from 'commander'
import {
  type ItemArgument,
  itemArgument,
  type LineArgument,
  lineArgument,
} from './cli-arguments.ts'
import {
  type CliResult,
  checkPerson,
  listDay,
  outcomeOfKey,
  returnSale,
  sell,
} from './cli-errands.ts'
import { ConfigError, readConfig } from './config.ts'
import { columnPrinter } from './devices/receipt-printer.ts'
import { FolderInUseError } from './queue/folder-lock.ts'
import { COLUMNS } from './receipt/render.ts'
import { openTill, type Till } from './till.ts'

const collect =
  <T>(parse: (text: string) => T | null) =>
  (text: string, earlier: T[] = []): T[] => {
    const parsed = parse(text)
    if (parsed === null) throw new InvalidArgumentError('see --help for its form.')
    return [...earlier, parsed]
  }

type Common = { json?: true; operator?: string; wait: string }

/** Opens the till for one errand, tells its result and closes it again. */
async function carryOut(errand: (till: Till, common: Common) => Promise<CliResult>, given: Common) {
  const config = readConfig(process.env)
  const till = await openTill({ ...config, dataDir: `${config.dataDir}-cli` })
  try {
    const { text, value, receipt, exitCode } = await errand(till, given)
    if (given.json) process.stdout.write(`${JSON.stringify(value)}\n`)
    else if (receipt) await columnPrinter(process.stdout, COLUMNS).print(receipt)
    else process.stdout.write(text)
    process.exitCode = exitCode
  } finally {
    await till.close()
  }
}

const program = new Command('till')
  .description('收银端命令行 · sell, return and ask from a script')
  .option('--json', 'one line of JSON')
  .option('--operator <code>', 'operator code (default: TILL_OPERATOR)', process.env.TILL_OPERATOR)
  .option('--wait <seconds>', 'how long to wait for a definite outcome', '30')

const common = (): Common => program.opts<Common>()

type SaleOptions = {
  card: string
  item: ItemArgument[]
  trace?: string[]
  prescription?: string
  day?: string
  key?: string
}
program
  .command('sale')
  .description('settle one sale')
  .requiredOption('--card <number>', 'card number')
  .requiredOption(
    '--item <item>',
    'CODE*QUANTITY[@PRICE[=AMOUNT]], repeatable',
    collect(itemArgument),
  )
  .option(
    '--trace <code>',
    'trace code of the latest packs, repeatable',
    collect((text) => text),
  )
  .option('--prescription <number>', 'prescription number')
  .option('--day <YYYY-MM-DD>', 'service day')
  .option('--key <uuid>', 'idempotency key; the same key is the same sale')
  .action((options: SaleOptions) =>
    carryOut(
      (till, given) => sell(till, { ...options, ...given, traceCodes: options.trace ?? [] }),
      common(),
    ),
  )

type ReturnOptions = {
  settlement: string
  line: LineArgument[]
  reason: string
  key?: string
  trace?: string[]
}
program
  .command('return')
  .description('return lines of a settlement')
  .requiredOption('--settlement <id>', 'id or number of the settlement')
  .requiredOption('--line <line>', 'LINE*QUANTITY, repeatable', collect(lineArgument))
  .option(
    '--trace <code>',
    'trace code that comes back, repeatable',
    collect((text) => text),
  )
  .option('--reason <text>', 'why', '顾客退货')
  .option('--key <uuid>', 'idempotency key')
  .action((options: ReturnOptions) =>
    carryOut(
      (till, given) => returnSale(till, { ...options, ...given, traceCodes: options.trace ?? [] }),
      common(),
    ),
  )

program
  .command('outcome <key>')
  .description('what became of a key')
  .action((key: string) => carryOut((till) => outcomeOfKey(till, key), common()))

program
  .command('check')
  .description('check a card and its entitlement')
  .requiredOption('--card <number>', 'card number')
  .option('--day <YYYY-MM-DD>', 'service day')
  .action((options: { card: string; day?: string }) =>
    carryOut((till, given) => checkPerson(till, { ...options, ...given }), common()),
  )

program
  .command('sales')
  .description('documents of a day')
  .option('--day <YYYY-MM-DD>', 'day (default: today)')
  .action((options: { day?: string }) =>
    carryOut((till) => listDay(till, options.day ?? null), common()),
  )

program.parseAsync().catch((error: unknown) => {
  const told = error instanceof ConfigError || error instanceof FolderInUseError
  console.error(told ? error.message : error)
  process.exitCode = 1
})
