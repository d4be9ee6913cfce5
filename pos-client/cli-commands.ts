/** The commands of the till and their options; what each does lies in its own file. */
import { type Command, InvalidArgumentError } from 'commander'
import {
  type ItemArgument,
  itemArgument,
  type LineArgument,
  lineArgument,
  type PackArgument,
  packArgument,
} from './cli-arguments.ts'
import { checkCodes, recordCodesSold } from './cli-codes.ts'
import { compensate, reverseSale, showSettlement } from './cli-documents.ts'
import { checkPerson, listDay, presettle, returnSale, sell } from './cli-errands.ts'
import { rotateKey } from './cli-key.ts'
import { outcomeOfKey } from './cli-outcome.ts'
import type { CliResult, Working } from './cli-results.ts'
import type { Till, TillOptions } from './till.ts'

export type Errand = (till: Till, given: Working) => Promise<CliResult>
/** Carries one errand out at an open till and tells its result. */
export type CarryOut = (errand: Errand, options?: TillOptions) => Promise<void>

export const collect =
  <T>(parse: (text: string) => T | null) =>
  (text: string, earlier: T[] = []): T[] => {
    const parsed = parse(text)
    if (parsed === null) throw new InvalidArgumentError('see --help for its form.')
    return [...earlier, parsed]
  }
const texts = collect((text) => text)

type SaleOptions = {
  card: string
  item: ItemArgument[]
  trace?: string[]
  prescription?: string
  day?: string
  key?: string
}
const ITEM_FORM = 'CODE*QUANTITY[@PRICE[=AMOUNT]], repeatable'

const saleCommand = (program: Command, name: string, description: string): Command =>
  program
    .command(name)
    .description(description)
    .requiredOption('--card <number>', 'card number')
    .requiredOption('--item <item>', ITEM_FORM, collect(itemArgument))
    .option('--trace <code>', 'trace code of the latest packs, repeatable', texts)
    .option('--prescription <number>', 'prescription number')
    .option('--day <YYYY-MM-DD>', 'service day')

type ReturnOptions = {
  settlement: string
  line: LineArgument[]
  reason: string
  key?: string
  trace?: string[]
}

/** Before and at the sale: 资格核验, 预结算, 结算, 退货. */
export function addSaleCommands(program: Command, carryOut: CarryOut): void {
  program
    .command('check')
    .description('check a card and its entitlement')
    .requiredOption('--card <number>', 'card number')
    .option('--day <YYYY-MM-DD>', 'service day')
    .action((options: { card: string; day?: string }) =>
      carryOut((till, given) => checkPerson(till, { ...options, ...given })),
    )
  saleCommand(program, 'presettle', 'what a sale would come to now; nothing is stored').action(
    ({ trace = [], ...options }: SaleOptions) =>
      carryOut((till, given) => presettle(till, { ...options, ...given, traceCodes: trace })),
  )
  saleCommand(program, 'sale', 'settle one sale')
    .option('--key <uuid>', 'idempotency key; the same key is the same sale')
    .action(({ trace = [], ...options }: SaleOptions) =>
      carryOut((till, given) => sell(till, { ...options, ...given, traceCodes: trace })),
    )
  program
    .command('return')
    .description('return lines of a settlement')
    .requiredOption('--settlement <id>', 'id or number of the settlement')
    .requiredOption('--line <line>', 'LINE*QUANTITY, repeatable', collect(lineArgument))
    .option('--trace <code>', 'trace code that comes back, repeatable', texts)
    .option('--reason <text>', 'why', '顾客退货')
    .option('--key <uuid>', 'idempotency key')
    .action(({ trace = [], ...options }: ReturnOptions) =>
      carryOut((till, given) => returnSale(till, { ...options, ...given, traceCodes: trace })),
    )
}

/** After the sale: 查询, 撤销, 冲正. */
export function addDocumentCommands(program: Command, carryOut: CarryOut): void {
  program
    .command('sales')
    .description('documents of a day')
    .option('--day <YYYY-MM-DD>', 'day (default: today)')
    .action((options: { day?: string }) => carryOut((till) => listDay(till, options.day ?? null)))
  program
    .command('view')
    .description('a settlement as it stands now')
    .requiredOption('--settlement <id>', 'id or number of the settlement')
    .action((options: { settlement: string }) =>
      carryOut((till) => showSettlement(till, options.settlement)),
    )
  program
    .command('reverse')
    .description('undo a whole settlement that has no return (结算撤销)')
    .requiredOption('--settlement <id>', 'id or number of the settlement')
    .requiredOption('--reason <text>', 'why')
    .option('--key <uuid>', 'idempotency key')
    .action((options: { settlement: string; reason: string; key?: string }) =>
      carryOut((till, given) => reverseSale(till, { ...options, ...given })),
    )
  program
    .command('outcome <key>')
    .description('what became of a key; an id or number of a settlement is taken as well')
    .action((key: string) => carryOut((till) => outcomeOfKey(till, key)))
  program
    .command('compensate')
    .description('resolve a message whose answer was lost (冲正)')
    .requiredOption('--key <uuid>', 'key of the message')
    .option('--reason <text>', 'why', '应答丢失')
    .action((options: { key: string; reason: string }) =>
      carryOut((till, given) => compensate(till, { ...options, ...given })),
    )
}

type CodesSoldOptions = { item: PackArgument[]; trace: string[]; split?: boolean; key?: string }

/** Packs and the till itself: 追溯码, 密钥. */
export function addTerminalCommands(program: Command, carryOut: CarryOut): void {
  program
    .command('codes')
    .description('whether packs may still be sold (追溯码查询)')
    .requiredOption('--code <code>', 'trace code, repeatable', texts)
    .action((options: { code: string[] }) => carryOut((till) => checkCodes(till, options.code)))
  program
    .command('codes-sold')
    .description('record the trace codes of a sale without insurance (自费销售)')
    .requiredOption('--item <item>', 'CODE*PACKS, repeatable', collect(packArgument))
    .requiredOption('--trace <code>', 'trace code of each pack, in order, repeatable', texts)
    .option('--split', 'quantities are units of one opened pack each (拆零)')
    .option('--key <uuid>', 'idempotency key')
    .action(({ trace: traceCodes, split = false, ...options }: CodesSoldOptions) =>
      carryOut((till, given) => recordCodesSold(till, { ...options, ...given, traceCodes, split })),
    )
  program
    .command('rotate-key')
    .description("bring a new key of the terminal's own; again after a cut goes on (轮换密钥)")
    .action(() => carryOut(rotateKey))
}
