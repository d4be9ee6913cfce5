/** The agency's commands: a secret is told once, and what is the head's no clerk does. */
import { Command } from 'commander'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { WriteAnswer } from '../../server/actions/runtime.ts'
import { changeOthers } from '../../server/agency/commands.ts'
import type { AgencyTask } from '../../server/agency/desk.ts'
import { publishPolicies } from '../../server/agency/policy-commands.ts'
import { newId } from '../../server/kernel/ids.ts'
import {
  AGENCY,
  type Area,
  refusedWith,
  SHOP,
  smallArea,
  terminalOf,
  writeKey,
} from '../support/area.ts'
import { rowCounts, rowsAdded } from '../support/books.ts'
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'

let database: FreshDatabase
let area: Area
let said: string[]
beforeAll(async () => {
  database = await freshDatabase()
  for (const [code, role] of [
    ['CLERK', 'agency-clerk'],
    ['HEAD', 'agency-head'],
  ] as const) {
    await database.sql`insert into operator values (${newId()}, ${code}, null, '经办', ${role},
      ${Buffer.alloc(16)}, ${Buffer.alloc(32)}, true)`
  }
  area = await smallArea(database.url)
})
afterAll(async () => {
  await area.close()
  await database.drop()
})
beforeEach(() => {
  said = []
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said.push(String(text))
    return true
  })
})
afterEach(() => vi.restoreAllMocks())

/** Runs one command under a key; what it said is in `said`. */
async function command(
  words: readonly string[],
  key = newId(),
  operatorCode = 'A001',
): Promise<WriteAnswer> {
  let answer: WriteAnswer | null = null
  const program = new Command()
  const run = async (task: AgencyTask) => {
    answer = await task({
      runtime: area.runtime,
      operatorCode,
      caller: AGENCY,
      key: (content) => writeKey(content, key),
    })
  }
  changeOthers(program, run)
  publishPolicies(program, run)
  await program.parseAsync(['node', 'agency', ...words])
  if (answer === null) throw new Error('the command ran no task')
  return answer
}

type Credentials = { keyId: string; secret: string; terminalId: string }
const credentialsSaid = (): Credentials[] =>
  said.filter((text) => text.includes('"secret"')).map((text) => JSON.parse(text) as Credentials)

describe('the credentials of a terminal', () => {
  it('are told once it is enrolled, and are those in force', async () => {
    const key = newId()
    const words = ['terminal-enrol', SHOP, '4 号收银台']
    await command(words, key)
    const [told, ...more] = credentialsSaid()
    expect(more).toEqual([])
    const find = () =>
      area.runtime.institutions.findKey(told?.keyId ?? '', area.runtime.clock.now())
    await until('the key is known', async () => (await find()) !== null)
    expect(Buffer.from((await find())?.secret ?? []).toString('hex')).toBe(told?.secret)
    expect((await find())?.terminalId).toBe(told?.terminalId)

    said = []
    expect(await command(words, key)).toMatchObject({ kind: 'stored', replayed: true })
    expect(credentialsSaid()).toEqual([])
    expect(said.join('')).toMatch(/无法再次显示[\s\S]*cannot be shown again[\s\S]*terminal-replace/)
  })

  it('are told of a replacement, and not again under the same key', async () => {
    const key = newId()
    const words = ['terminal-replace', terminalOf(SHOP, 2).terminalId]
    await command(words, key)
    expect(credentialsSaid()).toHaveLength(1)
    said = []
    await command(words, key)
    expect(credentialsSaid()).toEqual([])
  })

  it.each([
    ['a replacement of nobody’s terminal', ['terminal-replace', newId()], 'terminal-unknown'],
    ['a terminal of no institution', ['terminal-enrol', 'P1', 'x'], 'institution-unknown'],
  ])('are not told where %s is refused', async (_, words, code) => {
    expect(refusedWith(await command(words))).toBe(code)
    expect(said).toEqual([])
  })

  it('are not told where the key was used for something else', async () => {
    const key = newId()
    await command(['terminal-enrol', SHOP, '5 号'], key)
    said = []
    expect(refusedWith(await command(['terminal-enrol', SHOP, '6 号'], key))).toBe('key-conflict')
    expect(said).toEqual([])
  })
})

describe('what is the head’s alone', () => {
  const policy = 'fixtures/policies/330282/rural/outpatient.yaml'
  const COMMANDS = [
    ['suspending an institution', ['suspend', SHOP, '--reason', '核查'], 'done'],
    ['lifting a suspension', ['lift-suspension', SHOP, '--reason', '核查完毕'], 'done'],
    ['publishing a policy', ['policy-publish', policy], 'policy-known'],
  ] as const

  it.each(COMMANDS)('%s is refused to a clerk, and nothing is stored', async (_, words) => {
    const before = await rowCounts(database.sql)
    expect(refusedWith(await command(words, newId(), 'CLERK'))).toBe('not-permitted')
    expect(rowsAdded(before, await rowCounts(database.sql))).toEqual({})
  })

  it.each(COMMANDS)('%s is done by the head', async (_, words, verdict) => {
    const told = async () => refusedWith(await command(words, newId(), 'HEAD'))
    expect(await told()).toBe(verdict)
    await until('the change is known', async () => (await told()) !== verdict || verdict !== 'done')
  })
})
