/** Two server processes behind one port: replaced under load, and killed, without a lost sale. */
import { execFile } from 'node:child_process'
import { get } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mergedText } from '../../server/rest/exposition.ts'
import { differences } from '../faults/campaign.ts'
import { projectRoot } from '../support/centre.ts'
import { checkInvariants } from '../support/invariants.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { startCrowd } from './crowd.ts'
import { replaceUnderLoad, startTwoProcesses, type TwoProcesses } from './two-processes.ts'

const ANSWERS_BETWEEN = 20

let database: FreshDatabase
let centre: TwoProcesses
beforeAll(async () => {
  database = await freshDatabase()
  centre = await startTwoProcesses(database.url)
}, 240_000)
afterAll(async () => {
  await centre.stop()
  await database.drop()
})

/**
 * Whether a connection of its own was answered. One that is being handed to a process while that
 * dies is not: whoever asked gives up, and sends again under the same key.
 */
const knock = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = get(`${url}/healthz`, { agent: false, timeout: 2_000 }, (answer) => {
      answer.resume().on('end', () => resolve(true))
    })
    asked.on('timeout', () => asked.destroy()).on('error', () => resolve(false))
  })

async function nothingIsWrong(): Promise<void> {
  expect(await differences(database.sql, centre.journal)).toEqual([])
  expect(await checkInvariants(database.url)).toEqual([])
}

it.each([
  ['a process that died unheard does not take it along', 'unheard', 'alive'],
  ['one started again while all are replaced leaves no second', 'crowded', '1 in one place'],
])('of the supervisor: %s', async (_, trouble, expected) => {
  const program = fileURLToPath(new URL('supervisor-process.ts', import.meta.url))
  const words = ['--import', 'tsx', program, trouble]
  const { stdout } = await promisify(execFile)(process.execPath, words, {
    cwd: projectRoot,
    timeout: 120_000,
  })
  expect(stdout).toBe(expected)
})

describe('two processes behind one port', { timeout: 240_000 }, () => {
  it('replaced under load fail no request', async () => {
    const before = centre.processes()
    expect(before.length).toBe(2)
    const seen = await replaceUnderLoad(centre, 1, ANSWERS_BETWEEN)
    expect(seen.failures).toEqual([])
    expect(seen.settled).toBeGreaterThan(ANSWERS_BETWEEN)
    const after = centre.processes()
    expect(after.length).toBe(2)
    expect(after.filter((pid) => before.includes(pid))).toEqual([])
    await nothingIsWrong()
  })

  it('one of them killed: the other goes on, and a new one comes in its place', async () => {
    const crowd = startCrowd(() => centre.url, centre.journal, 8)
    await until('tills are answered', () => crowd.answers() > ANSWERS_BETWEEN)
    const [victim = 0] = centre.processes()
    process.kill(victim, 'SIGKILL')
    // Connections come in the moment in which nobody knows yet that it is gone.
    const knocks = await Promise.all(Array.from({ length: 100 }, () => knock(centre.url)))
    expect(knocks.filter((knocked) => knocked).length).toBeGreaterThan(0)
    await until(
      'a new one came',
      async () => (await centre.figure('supervisor_restarts_total')) >= 1,
    )
    await until('both are ready', async () => (await centre.figure('supervisor_processes')) === 2)
    const seen = await crowd.stop()
    // What the dead process was working on had no answer; each was sent again under its key.
    const cut = ['ECONNRESET', 'no answer in time', 'the answer broke off']
    expect(seen.failures.filter((one) => !cut.includes(one))).toEqual([])
    await nothingIsWrong()
  })

  it('a reload asked for by one that has nothing to reload ends nobody', async () => {
    const [one = 0] = centre.processes()
    process.kill(one, 'SIGHUP')
    expect((await fetch(`${centre.url}/healthz`)).status).toBe(200)
    expect(centre.processes()).toContain(one)
  })

  it('tell their metrics as one, by process, and not on the API port', async () => {
    const text = await centre.metrics()
    for (const process of ['1', '2']) {
      expect(text).toMatch(new RegExp(`^door_postings_total.process="${process}". `, 'm'))
    }
    expect(text).toMatch(/^audit_unsealed_events \d+$/m)
    expect(text).toMatch(/^audit_chain_broken 0$/m)
    const types = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name)
    expect(new Set(types).size).toBe(types.length)
    expect((await fetch(`${centre.url}/metrics`)).status).toBe(404)
  })
})

it('texts of several processes become one, in which no sample is lost', () => {
  const text = (n: number) =>
    `# HELP a b\n# TYPE a counter\na ${n}\na{x="y"} 5\n# TYPE c gauge\nc{z="1 2"} ${n}\n`
  expect(
    mergedText([
      ['1', text(1)],
      ['2', text(2)],
      ['3', ''],
    ]).split('\n'),
  ).toEqual([
    '# HELP a b',
    '# TYPE a counter',
    'a{process="1"} 1',
    'a{process="1",x="y"} 5',
    'a{process="2"} 2',
    'a{process="2",x="y"} 5',
    '',
    '# TYPE c gauge',
    'c{process="1",z="1 2"} 1',
    'c{process="2",z="1 2"} 2',
    '',
  ])
})
