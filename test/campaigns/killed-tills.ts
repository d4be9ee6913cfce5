/** C15: a till is killed at random moments, during an upload too, and started again. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { diskFileSystem } from '../../pos-client/queue/file-system.ts'
import type { Entry } from '../../pos-client/queue/records.ts'
import { readLatest } from '../../pos-client/queue/segments.ts'
import { isDecided } from '../../pos-client/queue/states.ts'
import nodeFlags from '../../server/node-flags.json' with { type: 'json' }
import { SHOP, terminalOf } from '../support/area.ts'
import { projectRoot } from '../support/bundle.ts'
import type { Random } from '../support/random.ts'
import { type Campaign, type Result, type Run, timesOf, untilCaught } from './campaign.ts'
import { saleOf } from './load.ts'
import { breachesOf } from './verdict.ts'
import { type Splice, weave } from './weave.ts'
import { inWorld, type World } from './world.ts'

const TILLS = 2
const SALES_OF_A_LIFE = 6
const KILL_WITHIN_MS = 60
/** Of the kills, so many come while the till still starts. */
const AT_THE_START = 0.15
const START_MS_MAX = 400

/** The journal holds a sale only once it is answered: nothing is left of it where the till dies. */
const SENT_BEFORE_WRITTEN: Splice = {
  file: 'pos-client/queue/journal.ts',
  at: 'const frame = frameOf(JSON.stringify(record))',
  put: `const own = frameOf(JSON.stringify(record))
    const held = ((globalThis as { held?: Map<string, Uint8Array> }).held ??= new Map())
    if (record.kind === 'intent') {
      held.set(record.key, own)
      return fold(this.state, record)
    }
    const key = 'key' in record ? (record.key ?? '') : ''
    const frame = Buffer.concat([held.get(key) ?? Buffer.alloc(0), own])
    held.delete(key)`,
}

type Paper = Pick<Entry, 'key' | 'centre' | 'text'>

/** One till's folder over all of its lives. */
class Till {
  readonly known = new Map<string, Entry>()
  readonly starts: number[] = []
  cutInDoubt = 0
  readonly #options: { world: World; program: string; number: number }

  constructor(options: { world: World; program: string; number: number }) {
    this.#options = options
  }

  get #folder(): string {
    return join(this.#options.world.folder, `till-${this.#options.number}`)
  }

  spawn(): ChildProcess {
    const { world, program, number } = this.#options
    const { terminalId, keyId, secret } = terminalOf(SHOP, number)
    return spawn(process.execPath, [...nodeFlags.till, program], {
      cwd: projectRoot,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        ...process.env,
        ...nodeFlags.environment,
        PROJECT_ROOT: projectRoot,
        SERVER_URL: world.url,
        TILL_DATA_DIR: this.#folder,
        TILL_PAPER: `${this.#folder}.paper`,
        TERMINAL_ID: terminalId,
        TERMINAL_KEY_ID: keyId,
        TERMINAL_SECRET: secret.toString('hex'),
        INSTITUTION_CODE: SHOP,
      },
    })
  }

  /** A life that ends by a kill, at the start or some time into a sale. */
  async liveAndDie(random: Random): Promise<void> {
    const child = this.spawn()
    const ended = once(child, 'exit')
    if (random.chance(AT_THE_START)) {
      await sleep(random.below(START_MS_MAX))
    } else {
      await this.#ready(child)
      const sale = 1 + random.below(SALES_OF_A_LIFE - 1)
      const begun = heardTimes(child, 'selling', sale)
      child.send({ sell: Array.from({ length: SALES_OF_A_LIFE }, () => saleOf(random)) })
      await begun
      await sleep(random.below(KILL_WITHIN_MS))
    }
    child.kill('SIGKILL')
    await ended
    await this.#read()
    this.cutInDoubt += [...this.known.values()].filter(({ centre }) => !isDecided(centre)).length
  }

  /** The last life: it sees everything through and ends by itself. */
  async finish(): Promise<void> {
    const child = this.spawn()
    const ended = once(child, 'exit')
    await this.#ready(child)
    child.send({ finish: true })
    await ended
    await this.#read()
  }

  /** What the cashier heard, against what the journal holds of it. */
  breaches(): string[] {
    const paper = `${this.#folder}.paper`
    const lines = existsSync(paper) ? readFileSync(paper, 'utf8').trim().split('\n') : []
    const told = lines.map((line) => JSON.parse(line) as Paper)
    return told.flatMap(({ key, centre, text }) => {
      const entry = this.known.get(key)
      if (entry === undefined) return [`I28 ${key} came out on paper and is lost`]
      return entry.centre === centre && entry.text === text
        ? []
        : [`${key} stands on paper otherwise than in the journal`]
    })
  }

  async #ready(child: ChildProcess): Promise<void> {
    const began = performance.now()
    await heardTimes(child, 'ready', 1)
    this.starts.push(performance.now() - began)
  }

  async #read(): Promise<void> {
    const folder = join(this.#folder, 'queue')
    if (!existsSync(folder)) return
    const { state } = await readLatest(diskFileSystem, folder)
    for (const [key, entry] of state.entries) this.known.set(key, entry)
  }
}

function heardTimes(child: ChildProcess, word: string, times: number): Promise<void> {
  let left = times
  return new Promise((resolve, reject) => {
    child.on('message', (said) => {
      if (said !== word) return
      left -= 1
      if (left === 0) resolve()
    })
    child.once('exit', (code) => reject(new Error(`the till ended with ${code}`)))
  })
}

async function killTills(world: World, program: string, run: Run): Promise<Result> {
  let kills = 0
  const tills = Array.from(
    { length: TILLS },
    (_, index) => new Till({ world, program, number: index + 1 }),
  )
  const lives = tills.map(async (till, index) => {
    const random = run.random.fork(index)
    while (!(await run.isOver()) && kills < run.n) {
      kills += 1
      await till.liveAndDie(random)
      if (kills % 100 === 0) run.say(`  ${kills} kills`)
    }
    await till.finish()
  })
  await Promise.all(lives)
  const entries = tills.flatMap(({ known }) => [...known.values()])
  for (const entry of entries) writeDown(world, entry)
  const breaches = [...tills.flatMap((till) => till.breaches()), ...(await breachesOf(world))]
  const figures = {
    sales: entries.length,
    answered: entries.filter(({ centre }) => centre === 'answered').length,
    killed_in_doubt: tills.reduce((sum, { cutInDoubt }) => sum + cutInDoubt, 0),
    start: timesOf(tills.flatMap(({ starts }) => starts)),
  }
  return { n: kills, breaches, figures }
}

/** The tills' journals as the intentions; what is said to have reached nobody must be no row. */
function writeDown({ journal }: World, entry: Entry): void {
  const { key, path, centre, status, text } = entry
  if (centre === 'withdrawn') return
  journal.intend({ key, clientId: entry.terminalId ?? '', path, body: '' })
  if (isDecided(centre)) journal.resolve({ key, status: status ?? 0, text: text ?? '', sends: 1 })
}

async function withTill(splices: readonly Splice[], work: (program: string) => Promise<Result>) {
  const program = await weave(splices, 'test/campaigns/selling-till.ts')
  try {
    return await work(program)
  } finally {
    rmSync(program, { force: true })
  }
}

export const killedTills: Campaign = {
  name: 'C15',
  injects: 'a till is killed (SIGKILL) while it starts, sells and uploads, and started again',
  control: 'a till that writes a sale down only once it is answered',
  usual: 300,
  table: 1_000,
  catchPlanted: (run) =>
    withTill([SENT_BEFORE_WRITTEN], (program) =>
      untilCaught(run, 6, (part) => inWorld({}, (world) => killTills(world, program, part))),
    ),
  run: (run) => withTill([], (program) => inWorld({}, (world) => killTills(world, program, run))),
}
