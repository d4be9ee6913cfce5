/** The till as a process of its own, bundled as `npm start` bundles it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import nodeFlags from '../../server/node-flags.json' with { type: 'json' }
import { bundleProgram, projectRoot } from '../support/bundle.ts'

export type TillProcess = {
  readonly url: string
  readonly pid: number
  /** Ends it as Ctrl-C would; gives the exit code. */
  stop(): Promise<number | null>
  kill(): Promise<void>
}

let bundled: Promise<string> | null = null
const bundle = () => bundleProgram('pos-client/main.ts', `till-for-tests-${process.pid}`)

export async function startTill(
  port: number,
  environment: Readonly<Record<string, string>>,
): Promise<TillProcess> {
  bundled ??= bundle()
  const child: ChildProcess = spawn(process.execPath, [...nodeFlags.till, await bundled], {
    cwd: projectRoot,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      ...process.env,
      ...nodeFlags.environment,
      PROJECT_ROOT: projectRoot,
      TILL_PORT: `${port}`,
      ...environment,
    },
  })
  let said = ''
  child.stderr?.on('data', (part: Buffer) => {
    said = `${said}${part.toString()}`.slice(-4000)
  })
  const ended = once(child, 'exit')
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve())
    child.once('exit', (code) => reject(new Error(`the till ended with ${code}:\n${said}`)))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM')
      const [code] = await ended
      return typeof code === 'number' ? code : null
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
