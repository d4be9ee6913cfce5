/** Where a campaign takes place: a database of the small area and a centre before it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type postgres from 'postgres'
import type { HttpLimits } from '../../server/rest/serve.ts'

export type ProcessFigures = {
  readonly rssMb: number
  readonly cpuMs: number
  readonly prototypeClean: boolean
  /** Open sockets of any kind, those to the database among them. */
  readonly sockets: number
}
export type HostileCentre = {
  readonly url: string
  figures(): Promise<ProcessFigures>
  /** What it logged so far, line by line; standard error included. */
  readonly logLines: readonly string[]
  isAlive(): boolean
  stop(): Promise<void>
}
export type Ground = {
  /** Superuser URL of the database. */
  readonly url: string
  readonly sql: postgres.Sql
  readonly centre: HostileCentre
  /** Set where the negative control takes place. */
  readonly isCareless?: boolean
}

const PROGRAM = join(import.meta.dirname, 'centre-process.ts')
const LOG_LINES_MAX = 200_000

/** The real server, as a process of its own. */
export async function startHostileCentre(
  databaseUrl: string,
  limits?: Partial<HttpLimits>,
): Promise<HostileCentre> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, HOSTILE_CENTRE: JSON.stringify({ databaseUrl, limits }) },
  })
  const logLines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => {
      if (logLines.length < LOG_LINES_MAX) logLines.push(line)
    })
  }
  const ended = once(child, 'exit')
  const [first] = (await Promise.race([
    once(child, 'message'),
    ended.then(() => Promise.reject(new Error(`the centre ended: ${logLines.join('\n')}`))),
  ])) as [{ url: string }]
  const figures = async (): Promise<ProcessFigures> => {
    const answer = once(child, 'message')
    child.send('figures')
    const [told] = (await answer) as [{ figures: ProcessFigures }]
    return told.figures
  }
  return {
    url: first.url,
    figures,
    logLines,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await ended
    },
  }
}
