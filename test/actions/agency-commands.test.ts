/** A terminal's secret leaves the agency's command line once: when it is in force. */
import { Command } from 'commander'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { WriteAnswer } from '../../server/actions/runtime.ts'
import { changeOthers } from '../../server/agency/commands.ts'
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
import { type FreshDatabase, freshDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'

let database: FreshDatabase
let area: Area
let said: string[]
beforeAll(async () => {
  database = await freshDatabase()
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
async function command(words: readonly string[], key = newId()): Promise<WriteAnswer> {
  let answer: WriteAnswer | null = null
  const program = new Command()
  changeOthers(program, async (task) => {
    answer = await task({
      runtime: area.runtime,
      operatorCode: 'A001',
      caller: AGENCY,
      key: (content) => writeKey(content, key),
    })
  })
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
