/** pgbench TPC-B on the same server, the yardstick; found on PATH or in Debian folders. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const DEBIAN = '/usr/lib/postgresql'
const SCALE = 20

/** The program, or null where the machine has none. */
export function findPgbench(): string | null {
  const onPath = (process.env.PATH ?? '').split(':').map((folder) => join(folder, 'pgbench'))
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort().reverse() : []
  const inDebian = versions.map((version) => join(DEBIAN, version, 'bin', 'pgbench'))
  return [...onPath, ...inDebian].find((path) => existsSync(path)) ?? null
}

export function prepareTpcb(pgbench: string, url: string): void {
  execFileSync(pgbench, ['-i', '-q', '-s', String(SCALE), url], { stdio: 'ignore' })
}

/** Transactions per second and average latency in milliseconds at a number of clients. */
export function runTpcb(
  pgbench: string,
  url: string,
  clients: number,
  seconds: number,
): { tps: number; latencyMs: number } {
  const args = ['-M', 'prepared', '-c', String(clients), '-j', '2', '-T', String(seconds), url]
  const text = execFileSync(pgbench, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const figure = (pattern: RegExp): number => Number.parseFloat(pattern.exec(text)?.[1] ?? '0')
  return { tps: figure(/tps = ([\d.]+)/), latencyMs: figure(/latency average = ([\d.]+)/) }
}
