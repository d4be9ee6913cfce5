import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { projectRoot } from '../support/centre.ts'
import { openRandom } from '../support/random.ts'
import { type Campaign, conduct, type Result } from './campaign.ts'
import { CAMPAIGNS } from './list.ts'
import { logCounts } from './verdict.ts'
import { spliced } from './weave.ts'

const result = (...breaches: string[]): Result => ({ n: 1, breaches, figures: { kills: 1 } })
const campaignOf = (planted: Result, run: Result): Campaign => ({
  name: 'C0',
  injects: 'nothing',
  control: 'nothing',
  usual: 1,
  table: 1,
  catchPlanted: async () => planted,
  run: async () => run,
})

async function conducted(campaign: Campaign) {
  const said: string[] = []
  const say = (line: string): void => void said.push(line)
  const wanted = { n: 1, seed: 5, seconds: Infinity, say, breath: async () => {} }
  const ok = await conduct(campaign, wanted)
  return { ok, last: JSON.parse(said.at(-1) ?? '') as Record<string, unknown> }
}

describe('a campaign', () => {
  it.each([
    ['that caught its planted fault and found nothing passes', ['I5'], [], true],
    ['that did not catch its planted fault fails, whatever it found', [], [], false],
    ['that found something fails', ['I5'], ['I24'], false],
  ])('%s', async (_, planted, found, passes) => {
    const { ok, last } = await conducted(campaignOf(result(...planted), result(...found)))
    expect(ok).toBe(passes)
    expect(last).toMatchObject({ campaign: 'C0', ok, n: 1, seed: 5, breaches: found.length })
  })

  it('asks for the same things in the same order under the same seed', () => {
    const drawn = (seed: number) => {
      const random = openRandom(seed).fork(3)
      return Array.from({ length: 50 }, () => random.below(1_000))
    }
    expect(drawn(7)).toEqual(drawn(7))
    expect(drawn(7)).not.toEqual(drawn(8))
    expect(new Set(drawn(7)).size).toBeGreaterThan(30)
  })

  it('does not run where its fault finds no place in the sources, or two', () => {
    const splice = { file: 'x.ts', at: 'a()', put: 'b()' }
    expect(spliced('x.ts', 'x; a(); y', [splice])).toBe('x; b(); y')
    expect(() => spliced('x.ts', 'x; y', [splice])).toThrow('0 times')
    expect(() => spliced('x.ts', 'a(); a()', [splice])).toThrow('2 times')
  })

  it('counts torn transactions and failing disks in the log of PostgreSQL', () => {
    const log = [
      'WARNING:  there is already a transaction in progress',
      'WARNING:  there is no transaction in progress',
      'PANIC:  could not fsync file "x"',
    ].join('\n')
    expect(logCounts(log)).toEqual({ '25001': 1, '25P01': 1, fsync: 1, PANIC: 1 })
    expect(logCounts('LOG:  checkpoint')).toEqual({ '25001': 0, '25P01': 0, fsync: 0, PANIC: 0 })
  })
})

/** Needs root and a mount of its own: `npm run campaign -- C8`. */
const LONG_ONLY = ['fullDisk']

it('no campaign is without a short form in the suite', () => {
  const tested = readdirSync(import.meta.dirname)
    .filter((name) => /^short-.*\.test\.ts$/.test(name))
    .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
  const list = readFileSync(join(import.meta.dirname, 'list.ts'), 'utf8')
  const names = [...list.matchAll(/^import \{ ([\w, ]+) \}/gm)].flatMap(([, found = '']) =>
    found.split(', '),
  )
  expect(names).toHaveLength(CAMPAIGNS.length)
  for (const name of names.filter((one) => !LONG_ONLY.includes(one))) {
    expect(tested.join()).toContain(`{ campaign: ${name},`)
  }
})

describe('npm run campaign', { timeout: 240_000 }, () => {
  const run = (...words: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', 'test/campaigns/main.ts', ...words], {
      cwd: projectRoot,
      encoding: 'utf8',
    })

  it('lists every campaign with what it injects', () => {
    const { status, stdout } = run('--help')
    expect(status).toBe(0)
    for (const { name, injects } of CAMPAIGNS)
      expect(stdout).toContain(`${name.padEnd(4)} ${injects}`)
  })

  it.each([[['C0']], [['C1', '--n', 'many']]])('refuses %j', (words) => {
    expect(run(...words).status).toBe(2)
  })
})
