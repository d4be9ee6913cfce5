import { spawn, spawnSync } from 'node:child_process'
import os from 'node:os'

/**
 * The account that PostgreSQL runs as. It refuses to run as root, so root lends it another one:
 * `postgres` where the machine has it, otherwise `nobody`. An ordinary user runs it as himself,
 * which is told by the absence of a service user.
 */
export type ServiceUser = { readonly uid: number; readonly gid: number }

export const runsAsRoot = (): boolean => process.getuid?.() === 0

/** The service user for a new data folder; undefined when the caller may run PostgreSQL himself. */
export function serviceUserForNewData(): ServiceUser | undefined {
  if (!runsAsRoot()) return undefined
  for (const name of ['postgres', 'nobody']) {
    const uid = numberFromId('-u', name)
    const gid = numberFromId('-g', name)
    if (uid !== undefined && gid !== undefined && uid !== 0) return { uid, gid }
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and this machine has neither a user "postgres" nor ' +
      '"nobody". Create one (useradd --system postgres), or start as an ordinary user.',
  )
}

function numberFromId(flag: '-u' | '-g', name: string): number | undefined {
  const answer = spawnSync('id', [flag, name], { encoding: 'utf8' })
  return answer.status === 0 ? Number.parseInt(answer.stdout, 10) : undefined
}

/**
 * What every PostgreSQL program gets: no PG* variable of the caller (PGDATA, PGPORT … would change
 * what it does), no LD_LIBRARY_PATH (its libraries lie beside it), a folder that every user may
 * stand in, and messages in English, because we read some of them.
 */
export function programOptions(user: ServiceUser | undefined) {
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
  const tmp = { TMPDIR: os.tmpdir() }
  return { cwd: '/', env: { ...env, ...tmp }, ...(user ?? {}) }
}

export type ProgramResult = { readonly ok: boolean; readonly output: string }

/** Runs a program as the service user and returns what it said on both channels. */
export async function runProgram(
  file: string,
  args: readonly string[],
  user: ServiceUser | undefined,
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      ...programOptions(user),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const gather = (chunk: Buffer): void => {
      output += chunk.toString('utf8')
    }
    child.stdout.on('data', gather)
    child.stderr.on('data', gather)
    child.on('error', (error) => resolve({ ok: false, output: `${output}${error.message}` }))
    child.on('close', (code) => resolve({ ok: code === 0, output: output.trim() }))
  })
}

/**
 * Whether the service user may enter this folder. It is tried, not derived from mode bits, so that
 * access lists, closed folders far above and odd mounts all count.
 */
export async function mayEnter(folder: string, user: ServiceUser | undefined): Promise<boolean> {
  const { ok } = await runProgram('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], user)
  return ok
}
