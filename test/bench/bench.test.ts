/** The bench tells what it takes, and leaves nothing behind, however it is ended. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { projectRoot } from '../support/centre.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'of-bench-test-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

function bench(...words: string[]) {
  const args = ['--import', 'tsx', join(projectRoot, 'test/bench/main.ts'), ...words]
  const env = { ...process.env, TMPDIR: home, BENCH_PERSONS: '60', BENCH_SECONDS: '1' }
  const child = spawn(process.execPath, args, { cwd: projectRoot, env })
  const said = { text: '' }
  child.stdout.on('data', (part: Buffer) => {
    said.text += part.toString()
  })
  const ended = once(child, 'exit') as Promise<[number | null]>
  return { child, said, ended }
}
const left = () => readdirSync(home).filter((name) => name.startsWith('bench-'))

describe('npm run bench', () => {
  it.each([
    ['--help', 0],
    ['--halp', 2],
  ])('%s is answered with its settings and starts nothing', async (word, code) => {
    const { said, ended } = bench(word)
    expect((await ended)[0]).toBe(code)
    expect(said.text).toMatch(/growth[\s\S]*BENCH_PERSONS[\s\S]*BENCH_SECONDS[\s\S]*BENCH_ROUNDS/)
    expect(left()).toEqual([])
  })

  it.each([
    ['told to end', [], (child: ChildProcess) => void child.kill('SIGTERM')],
    ['left by its reader', ['growth'], (child: ChildProcess) => void child.stdout?.destroy()],
  ])(
    '%s, takes its database and its folder with it',
    async (_, words, end) => {
      const { child, said, ended } = bench(...words)
      while (!said.text.includes('seeding')) await once(child.stdout, 'data')
      const [folder = ''] = left()
      const data = realpathSync(join(home, folder, 'postgres'))
      expect(existsSync(data)).toBe(true)
      end(child)
      expect((await ended)[0]).toBe(1)
      expect([left(), existsSync(data)]).toEqual([[], false])
    },
    180_000,
  )
})
