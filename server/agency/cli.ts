/** The agency's command line: what has no screen yet. `npm run agency -- --help` */
import { createHash } from 'node:crypto'
import { Command, InvalidArgumentError } from 'commander'
import type { Runtime } from '../actions/runtime.ts'
import { readConfig, serviceDaysBackMax } from '../config.ts'
import { dataFolder } from '../contract/data-folder.ts'
import { openDatabaseAccess, vaultKeys } from '../database-access.ts'
import { isUuid, newId } from '../kernel/ids.ts'
import { refusal } from '../kernel/refusal.ts'
import { openRuntime } from '../open-runtime.ts'
import { changeCardPins } from './card-pin-commands.ts'
import { changeCards, changeOthers } from './commands.ts'
import type { AgencyDesk, AgencyTask } from './desk.ts'
import { publishPolicies } from './policy-commands.ts'
import { type Told, tellAnswer, tellRefusal } from './tell.ts'

type Common = { readonly operator: string; readonly key?: string }

const uuid = (text: string): string => {
  if (!isUuid(text)) throw new InvalidArgumentError('a lower-case UUID')
  return text
}

/** Runs one task against the configured database and prints what came of it. */
async function run(common: Common, task: AgencyTask): Promise<void> {
  const read = readConfig(process.env)
  if (!read.ok) throw new Error(read.faults.join('\n'))
  const { config } = read
  const root = process.env.PROJECT_ROOT ?? process.cwd()
  const dataDir = dataFolder(root, config.DATA_DIR)
  const access = await openDatabaseAccess(config, dataDir)
  const runtime = await openRuntime({
    database: { ...(await access.openApplication()), connectionsMax: 2 },
    keys: vaultKeys(config, dataDir),
    areaCode: config.AREA_CODE,
    serviceDaysBackMax: serviceDaysBackMax(config),
  })
  try {
    const desk = deskOf(runtime, common)
    print(desk === null ? tellRefusal(refusal('operator-unknown')) : tellAnswer(await task(desk)))
  } finally {
    await runtime.store.close()
    await access.stop()
  }
}

/** Null where the operator is nobody's, or at work elsewhere than at the agency. */
function deskOf(runtime: Runtime, common: Common): AgencyDesk | null {
  const operator = runtime.institutions.operator(common.operator)
  const agency = operator?.role === 'agency-clerk' || operator?.role === 'agency-head'
  if (!operator?.active || !agency) return null
  const { operatorId: clientId } = operator
  const key = common.key ?? newId()
  return {
    runtime,
    operatorCode: common.operator,
    caller: { clientId, institutionCode: null, nonce: null, requestId: newId() },
    key: (content) => {
      const bodySha = createHash('sha256').update(JSON.stringify(content)).digest('hex')
      return { key, bodySha }
    },
  }
}

function print({ text, exitCode }: Told): void {
  if (exitCode !== 0) process.exitCode = exitCode
  process.stdout.write(text)
}

const program = new Command('agency')
  .description('经办业务:划入个人账户、挂失补卡、密码、暂停机构、终端入网与换机')
  .requiredOption('--operator <code>', 'agency operator who acts')
  .option('--key <uuid>', 'key of this intention; the same key does it once only', uuid)

const runTask = (task: AgencyTask): Promise<void> => run(program.opts<Common>(), task)
changeCards(program, runTask)
changeCardPins(program, runTask)
changeOthers(program, runTask)
publishPolicies(program, runTask)

program.parseAsync().catch((error: unknown) => {
  process.exitCode = 1
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
})
