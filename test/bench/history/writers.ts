/** Several writers at one history: deciding takes longer than writing, and cores are there. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import nodeFlags from '../../../server/node-flags.json' with { type: 'json' }
import { bundleProgram, projectRoot } from '../../support/bundle.ts'
import type { WriterLine, WrittenPlan } from './program.ts'
import type { History } from './write-history.ts'

const WRITERS = 2

/**
 * @param tell is told after every round how many settlements are written, and may throw to end it.
 * @returns whose cards bought, and some of the keys.
 */
export async function writeTogether(
  plan: Omit<WrittenPlan, 'writer'>,
  tell: (done: number) => Promise<void>,
): Promise<History> {
  const program = await bundleProgram(
    'test/bench/history/program.ts',
    `bench-history-${process.pid}`,
  )
  const done: number[] = Array.from({ length: WRITERS }, () => 0)
  const children: ChildProcess[] = []
  const endAll = (): void => {
    for (const child of children) child.kill('SIGKILL')
  }
  // Whoever tidies up without waiting for us leaves no writer behind either.
  process.once('exit', endAll)
  const write = async (index: number): Promise<History> => {
    const child = spawn(process.execPath, [...nodeFlags.server, program], {
      cwd: projectRoot,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...nodeFlags.environment },
    })
    children.push(child)
    const ended = once(child, 'close') as Promise<[number | null]>
    child.stdin.on('error', () => {}) // It ended early; its exit code says so below.
    child.stdin.end(JSON.stringify({ ...plan, writer: { index, of: WRITERS } }))
    let history: History | null = null
    for await (const text of createInterface({ input: child.stdout })) {
      const line = JSON.parse(text) as WriterLine
      if ('history' in line) history = line.history
      else done[index] = line.done
      await tell(done.reduce((total, each) => total + each, 0) / WRITERS)
    }
    const [code] = await ended
    if (history === null) throw new Error(`a writer of the history ended with ${code}`)
    return history
  }
  try {
    const parts = await Promise.all(Array.from({ length: WRITERS }, (_, index) => write(index)))
    return {
      persons: parts.reduce((total, { persons }) => total + persons, 0),
      keys: parts.flatMap(({ keys }) => keys),
    }
  } finally {
    process.removeListener('exit', endAll)
    endAll()
  }
}
