/**
 * `npx tsx test/hostile/main.ts b1 [--n 100000] [--seed 1] [--minutes 5] [--hang-ms 1000]`: the
 * long form of a campaign. Prints its figures and closes with one JSON line; exit code 1 where a
 * fault was found.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { ALL, fullCountOf, runCampaign } from './run.ts'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    n: { type: 'string' },
    seed: { type: 'string' },
    minutes: { type: 'string' },
    'hang-ms': { type: 'string' },
  },
})
const [name = ''] = positionals
const full = fullCountOf(name)
if (full === null) {
  say(`campaigns: ${ALL.map((one) => one.name).join(' ')}`)
  process.exit(2)
}
const whole = (text: string | undefined, usual: number): number =>
  text === undefined ? usual : Number.parseInt(text, 10)
const started = performance.now()
const figures = await runCampaign(name, {
  n: whole(values.n, full),
  seed: whole(values.seed, randomInt(2 ** 31)),
  minutes: whole(values.minutes, 5),
  hangMs: whole(values['hang-ms'], 1_000),
  log: say,
})
const seconds = Math.round((performance.now() - started) / 1000)
const { byStatus, slowestMs, overASecond, rssRiseMb, cpuMs, goodBeforeMs, goodAfterMs } = figures
say(`answers ${figures.answers} in ${seconds} s, by status ${JSON.stringify(byStatus)}`)
say(`slowest ${slowestMs} ms, ${overASecond} over a second; server: ${rssRiseMb} MB more`)
say(`processor ${cpuMs} ms; slowest good request ${goodBeforeMs} ms before, ${goodAfterMs} after`)
say(`rows added ${JSON.stringify(figures.rowsAdded)}  ${JSON.stringify(figures.more)}`)
for (const fault of figures.faults) say(`FAULT ${fault}`)
say(JSON.stringify({ ...figures, seconds, passed: figures.faults.length === 0 }))
process.exit(figures.faults.length === 0 ? 0 : 1)
