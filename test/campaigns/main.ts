/** `npm run campaign -- NAME`: one fault campaign of our reliability notes, section 3. */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { untilTheEnd } from '../bench/until-the-end.ts'
import { type Campaign, conduct } from './campaign.ts'
import { CAMPAIGNS } from './list.ts'
import { closeWorlds } from './world.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const nameLine = ({ name, injects, usual, table }: Campaign): string => {
  const full = usual === table ? '' : `; the table's ${table}: --n ${table}`
  return `  ${name.padEnd(4)} ${injects}\n       n ${usual}${full}`
}

const HELP = `用法 · usage: npm run campaign -- NAME [--n N] [--seed S] [--seconds S]

故障演练:注入故障,之后账目必须分毫不差;先须查出预埋的错误。最后一行是 JSON。
Injects a fault again and again; afterwards nothing is lost, nothing doubled. First the campaign
must catch a planted fault. The last line is JSON; the exit code is 1 on any breach.
It makes a database of its own for the time, and removes it whichever way it ends.

${CAMPAIGNS.map(nameLine).join('\n')}
  b1 … b25  恶意输入 · hostile input (test/hostile/README.md)

  --n        注入次数 · how often the fault is injected
  --seed     随机种子 · the same seed gives the same schedule (printed by every run)
  --seconds  最长秒数 · ends the run early, after so many seconds
`

function readWords(words: string[]) {
  const count = { type: 'string' } as const
  const help = { type: 'boolean', short: 'h' } as const
  const options = { help, n: count, seed: count, seconds: count }
  const { values, positionals } = parseArgs({ args: words, options, allowPositionals: true })
  const figure = (text: string | undefined, usual: number): number => {
    if (text === undefined) return usual
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`not a whole number from 1 on: ${text}`)
    return Number.parseInt(text, 10)
  }
  if (values.help === true) return 'help'
  const campaign = CAMPAIGNS.find(({ name }) => name === positionals[0]?.toUpperCase())
  if (campaign === undefined || positionals.length > 1) {
    throw new Error(`no such campaign: ${positionals.join(' ')}`)
  }
  return {
    campaign,
    n: figure(values.n, campaign.usual),
    seed: figure(values.seed, randomInt(1, 2 ** 30)),
    seconds: figure(values.seconds, Number.POSITIVE_INFINITY),
  }
}

function readOrLeave(): Exclude<ReturnType<typeof readWords>, 'help'> {
  try {
    const wanted = readWords(process.argv.slice(2))
    if (wanted !== 'help') return wanted
    say(HELP)
    process.exit(0)
  } catch (error) {
    say(`${error instanceof Error ? error.message : error}\n\n${HELP}`)
    process.exit(2)
  }
}

// Hostile input keeps its own entry; it ends the process itself.
if (/^b\d{1,2}$/.test(process.argv[2] ?? '')) await import('../hostile/main.ts')

const { campaign, ...wanted } = readOrLeave()
let ok = false
const code = await untilTheEnd(async (breath) => {
  ok = await conduct(campaign, { ...wanted, say, breath })
}, closeWorlds)
process.exit(code === 0 && !ok ? 1 : code)
