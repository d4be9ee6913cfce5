/**
 * The till's command line, for scripts: the same queue and the same gateway as the page, with a
 * journal of its own beside the page's, so that both may run at once. One line of JSON per result
 * with --json. Exit code 0: done; 2: refused or given up; 3: outcome unknown, ask with the key.
 */
import { Command } from 'commander'
import type { Errand } from './cli-commands.ts'
import { addDocumentCommands, addSaleCommands, addTerminalCommands } from './cli-commands.ts'
import { addReplayCommand } from './cli-replay.ts'
import type { CliResult } from './cli-results.ts'
import { ConfigError, readConfig } from './config.ts'
import { columnPrinter } from './devices/receipt-printer.ts'
import { FolderInUseError } from './queue/folder-lock.ts'
import { COLUMNS } from './receipt/render.ts'
import { ReplayFileError } from './replay/read-sales.ts'
import { openTill, type TillOptions } from './till.ts'

type Common = { json?: true; operator?: string; wait: string }

async function tell(result: CliResult, json: boolean): Promise<void> {
  const { text, value, receipt, below, exitCode } = result
  if (json) process.stdout.write(`${JSON.stringify(value)}\n`)
  else if (receipt) {
    await columnPrinter(process.stdout, COLUMNS).print(receipt)
    process.stdout.write(below ?? '')
  } else process.stdout.write(text)
  process.exitCode = exitCode
}

/** Empty, as `.env.example` has it, is nobody. */
const operatorDefault = process.env.TILL_OPERATOR || undefined

const program = new Command('till')
  .description('收银端命令行 · sell, return and ask from a script')
  .option('--json', 'one line of JSON')
  .option('--operator <code>', 'operator code (default: TILL_OPERATOR)', operatorDefault)
  .option('--wait <seconds>', 'how long to wait for a definite outcome', '30')

/** Opens the till for one errand, tells its result and closes it again. */
async function carryOut(errand: Errand, options: TillOptions = {}): Promise<void> {
  const given = program.opts<Common>()
  const config = readConfig(process.env)
  const till = await openTill({ ...config, dataDir: `${config.dataDir}-cli` }, options)
  try {
    await tell(await errand(till, given), given.json === true)
  } finally {
    await till.close()
  }
}

addSaleCommands(program, carryOut)
addDocumentCommands(program, carryOut)
addTerminalCommands(program, carryOut)
addReplayCommand(program, carryOut)

program.parseAsync().catch((error: unknown) => {
  const told =
    error instanceof ConfigError ||
    error instanceof FolderInUseError ||
    error instanceof ReplayFileError
  console.error(told ? error.message : error)
  process.exitCode = 1
})
